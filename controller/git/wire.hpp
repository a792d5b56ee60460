// Wire: what the program asks its git child, and what the child answers, as messages.
//
// A token travels only here, over the child's standard input. Answers are read as from a stranger.
#pragma once

#include <string>
#include <string_view>

#include "controller/git/message.hpp"
#include "controller/git/writer.hpp"
#include "specs/values/secret.hpp"

namespace matriarch::git {

enum class Task {
    read,
    read_accepted,
    accept,
    read_folder,
    write,
    list,
    remove,
    read_commit,
    note
};

struct Request {
    Task task{Task::read};
    Source source{};
    /// What source.token_file or source.token_variable held.
    Secret token{};
    /// For accept, read_commit and note: the commit.
    std::string commit{};
    /// For read_folder, read_commit and note: the folder.
    std::string folder{};
    /// For write; for note one file, whose path counts for nothing.
    Writing writing{};
};

[[nodiscard]] std::string encode_request(const Request& request);

/// Errors: invalid (not a whole request).
[[nodiscard]] Result<Request> decode_request(std::string_view text);

/// "tip": sent by the child as soon as it knows the commit, so that a crash can name it.
void append_tip(std::string& text, const std::string& commit);

void append_revision(std::string& text, const Revision& revision);
void append_error(std::string& text, const Error& error);

/// The answer's revision, or the error it carries. Errors: as sent; invalid (garbled answer).
[[nodiscard]] Result<Revision> decode_answer(const Fields& fields);

/// 40 hex digits in lower case.
[[nodiscard]] bool is_commit_id(std::string_view text);

}  // namespace matriarch::git
