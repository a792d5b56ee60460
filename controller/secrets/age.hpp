// age files: secrets that may lie in git, decrypted with the host's own identity by Debian's `age`.
//
// What is decrypted goes through pipes only, never to a disk or an argument. What `age` says is
// never passed on: it quotes pieces of what it could not read.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

#include "controller/base/state.hpp"
#include "controller/secrets/env_file.hpp"

namespace matriarch::controller {

struct AgeFile {
    /// The encrypted bytes, as they are in git.
    std::string_view content{};
    /// Names the file in errors.
    std::string where{};
    /// Holds AGE-SECRET-KEY-1...; only we may read it.
    std::filesystem::path identity{};
    std::stop_token stop{};
};

/// The plain text, at most 64 KiB.   Deadline: 10 s.
///
/// Errors: invalid (no age on this host, not an age file, damaged), refused (no identity file,
/// others may read it, it does not fit), unavailable, stopped.
[[nodiscard]] Result<Secret> decrypt_age(const AgeFile& file);

/// decrypt_age, read as an environment file.
[[nodiscard]] Result<Secrets> load_age_env(const AgeFile& file);

/// Where the identity is: `option` where one is given, else /etc/matriarch/age.key where it exists,
/// else STATE/age.key.
[[nodiscard]] std::filesystem::path age_identity(const State& state, const std::string& option);

}  // namespace matriarch::controller
