// Credentials: what libgit2 asks in the middle of a connection, and our answers. Git child only.
//
// A refusal is kept in our own words, because libgit2 passes on only a number.
#pragma once

#include <cstdint>
#include <optional>

#include "controller/git/libgit2.hpp"
#include "controller/git/remote.hpp"

namespace matriarch::git {

/// The state of one connection; libgit2's callbacks point at it, so it must outlive them.
struct Conversation {
    const Errand& errand;
    int credentials_asked{0};
    std::optional<Error> refusal{};
    /// Of this connection, for messages: "fetch from" or "push to".
    const char* doing{"fetch from"};
};

/// Callbacks for credentials, certificates, host keys and the ceiling of received bytes.
[[nodiscard]] git_remote_callbacks callbacks_for(Conversation& conversation);

}  // namespace matriarch::git
