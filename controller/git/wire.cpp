// Requests and answers to messages and back. Every list of names stands once, for both directions.
#include "controller/git/wire.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "specs/values/shown.hpp"

namespace matriarch::git {
namespace {

struct TextField {
    const char* name{""};
    std::string Source::*member{nullptr};
};

constexpr std::array<TextField, 9> source_fields{{{"url", &Source::url},
                                                  {"branch", &Source::branch},
                                                  {"path", &Source::path},
                                                  {"state_folder", &Source::state_folder},
                                                  {"ca_file", &Source::ca_file},
                                                  {"ssh_key_file", &Source::ssh_key_file},
                                                  {"known_hosts_file", &Source::known_hosts_file},
                                                  {"previous_commit", &Source::previous_commit},
                                                  {"known_commit", &Source::known_commit}}};

constexpr std::array<const char*, 9> task_names{"read",        "read_accepted", "accept",
                                                "read_folder", "write",         "list",
                                                "remove",      "read_commit",   "note"};

/// The first one begins an edit.
constexpr std::array<std::pair<const char*, std::string Edit::*>, 4> edit_fields{
    {{"edit_path", &Edit::path},
     {"edit_key", &Edit::key},
     {"edit_from", &Edit::from},
     {"edit_to", &Edit::to}}};

constexpr std::array<Relation, 4> relations{Relation::unknown, Relation::same,
                                            Relation::fast_forward, Relation::rewritten};

constexpr std::array<ErrorKind, 7> error_kinds{
    ErrorKind::invalid,  ErrorKind::refused, ErrorKind::failed, ErrorKind::unavailable,
    ErrorKind::conflict, ErrorKind::held,    ErrorKind::stopped};

tl::unexpected<Error> garbled() {
    return fail(ErrorKind::invalid, "cannot read the repository: the reader's answer is garbled");
}

/// Reads the error whose first field is at `at`, and moves on to its last.
Error take_error(const std::vector<Field>& list, std::size_t& at) {
    Error error{.kind = ErrorKind::invalid};
    for (const ErrorKind kind : error_kinds) {
        if (list[at].value == to_text(kind)) error.kind = kind;
    }
    for (; at + 1 < list.size(); ++at) {
        const Field& next = list[at + 1];
        if (next.name == "error_message") {
            error.message = shown(next.value);
        } else if (next.name == "error_hint") {
            error.hint = shown(next.value);
        } else if (next.name == "error_where") {
            error.where = shown(next.value);
        } else {
            break;
        }
    }
    return error;
}

std::int64_t number_in(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// Applies one field of an answer; `at` moves on where a field has followers.
void apply_field(Revision& revision, const std::vector<Field>& list, std::size_t& at) {
    const auto& [name, value] = list[at];
    if (name == "author") revision.author = shown(value);
    if (name == "email") revision.email = shown(value);
    if (name == "subject") revision.subject = shown(value);
    if (name == "time") {
        revision.time = std::chrono::sys_seconds(std::chrono::seconds(number_in(value)));
    }
    if (name == "parent") revision.parents.push_back(value);
    if (name == "since") revision.since.push_back(value);
    if (name == "merged") revision.merged.push_back(value);
    if (name == "signature") revision.signature = value;
    if (name == "signed_bytes") revision.signed_bytes = value;
    if (name == "pull") {
        revision.pulls.push_back({.number = static_cast<int>(number_in(value))});
    }
    if (!revision.pulls.empty()) {
        if (name == "pull_ref") revision.pulls.back().ref = shown(value);
        if (name == "pull_commit" && is_commit_id(value)) revision.pulls.back().commit = value;
    }
    if (name == "passed_over") revision.passed_over.push_back(shown(value));
    if (name == "unchanged") revision.unchanged = true;
    if (name == "dirty") revision.is_dirty = true;
    for (const Relation relation : relations) {
        if (name == "relation" && value == to_text(relation)) revision.relation = relation;
    }
    if (name == "yaml_file" || name == "secrets_file") {
        revision.files.push_back(
            {.path = shown(value),
             .kind = name == "yaml_file" ? FileKind::yaml : FileKind::secrets});
    }
    if (name == "note" || name == "problem") {
        revision.problems.push_back({.path = shown(value), .is_error = name == "problem"});
    }
    if (name == "problem_message" && !revision.problems.empty()) {
        revision.problems.back().message = shown(value);
    }
    if (revision.files.empty()) return;
    if (name == "shown") revision.files.back().shown = shown(value);
    if (name == "content") revision.files.back().content = value;
    if (name == "file_error") revision.files.back().error = take_error(list, at);
}

void append_error_fields(std::string& text, const char* first, const Error& error) {
    append_field(text, first, to_text(error.kind));
    append_field(text, "error_message", error.message);
    append_field(text, "error_hint", error.hint);
    append_field(text, "error_where", error.where);
}

}  // namespace

bool is_commit_id(std::string_view text) {
    return text.size() == 40 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::string encode_request(const Request& request) {
    std::string text;
    append_field(text, "task", task_names[static_cast<std::size_t>(request.task)]);
    for (const auto& [name, member] : source_fields) {
        append_field(text, name, request.source.*member);
    }
    if (request.source.allow_insecure) append_field(text, "allow_insecure", "");
    append_field(text, "token", request.token.reveal());
    append_field(text, "commit", request.commit);
    append_field(text, "folder", request.folder);
    append_field(text, "subject", request.writing.subject);
    for (const WrittenFile& file : request.writing.files) {
        append_field(text, "file", file.path);
        append_field(text, "content", file.content);
    }
    append_field(text, "base", request.writing.base);
    for (const Edit& edit : request.writing.edits) {
        for (const auto& [name, member] : edit_fields) append_field(text, name, edit.*member);
    }
    append_end(text);
    return text;
}

Result<Request> decode_request(std::string_view text) {
    const Fields fields = parse_fields(text);
    const auto task = std::find(task_names.begin(), task_names.end(), fields.first("task"));
    if (!fields.is_whole || task == task_names.end()) {
        return fail(ErrorKind::invalid, "cannot read the request: it is not whole",
                    "The git-worker command is started by matriarch itself.");
    }
    Request request;
    request.task = static_cast<Task>(task - task_names.begin());
    for (const auto& [name, member] : source_fields) request.source.*member = fields.first(name);
    for (const Field& field : fields.list) {
        if (field.name == "allow_insecure") request.source.allow_insecure = true;
        std::vector<WrittenFile>& files = request.writing.files;
        if (field.name == "file") files.push_back({.path = field.value});
        if (field.name == "content" && !files.empty()) files.back().content = field.value;
        std::vector<Edit>& edits = request.writing.edits;
        if (field.name == edit_fields.front().first) edits.emplace_back();
        for (const auto& [name, member] : edit_fields) {
            if (field.name == name && !edits.empty()) edits.back().*member = field.value;
        }
    }
    request.token = Secret(std::string(fields.first("token")));
    request.commit = fields.first("commit");
    request.folder = fields.first("folder");
    request.writing.subject = fields.first("subject");
    request.writing.base = fields.first("base");
    return request;
}

void append_tip(std::string& text, const std::string& commit) {
    append_field(text, "tip", commit);
}

void append_revision(std::string& text, const Revision& revision) {
    append_field(text, "id", revision.id);
    append_field(text, "author", revision.author);
    append_field(text, "email", revision.email);
    append_field(text, "subject", revision.subject);
    append_field(text, "time", std::to_string(revision.time.time_since_epoch().count()));
    for (const std::string& parent : revision.parents) append_field(text, "parent", parent);
    append_field(text, "signature", revision.signature);
    append_field(text, "signed_bytes", revision.signed_bytes);
    append_field(text, "relation", to_text(revision.relation));
    for (const std::string& commit : revision.since) append_field(text, "since", commit);
    for (const std::string& commit : revision.merged) append_field(text, "merged", commit);
    if (revision.unchanged) append_field(text, "unchanged", "");
    if (revision.is_dirty) append_field(text, "dirty", "");
    for (const PullHead& pull : revision.pulls) {
        append_field(text, "pull", std::to_string(pull.number));
        append_field(text, "pull_ref", pull.ref);
        append_field(text, "pull_commit", pull.commit);
    }
    for (const std::string& path : revision.passed_over) append_field(text, "passed_over", path);
    for (const File& file : revision.files) {
        append_field(text, file.kind == FileKind::yaml ? "yaml_file" : "secrets_file", file.path);
        append_field(text, "shown", file.shown);
        if (file.error) {
            append_error_fields(text, "file_error", *file.error);
        } else {
            append_field(text, "content", file.content);
        }
    }
    for (const Problem& problem : revision.problems) {
        append_field(text, problem.is_error ? "problem" : "note", problem.path);
        append_field(text, "problem_message", problem.message);
    }
    append_end(text);
}

void append_error(std::string& text, const Error& error) {
    append_error_fields(text, "failure", error);
    append_end(text);
}

Result<Revision> decode_answer(const Fields& fields) {
    if (!fields.is_whole) return garbled();
    Revision revision;
    revision.id = fields.first("id");
    if (!revision.id.empty() && !is_commit_id(revision.id)) return garbled();
    for (std::size_t at = 0; at < fields.list.size(); ++at) {
        const Field& field = fields.list[at];
        const bool is_id =
            field.name == "parent" || field.name == "since" || field.name == "merged";
        if (is_id && !is_commit_id(field.value)) return garbled();
        if (field.name == "failure") return fail(take_error(fields.list, at));
        apply_field(revision, fields.list, at);
    }
    return revision;
}

}  // namespace matriarch::git
