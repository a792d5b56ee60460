// Environment files: KEY=value lines to Secrets and back. What the file says, and nothing more: no
// interpolation, no commands. An error names the line and never a part of what stands in it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "specs/values/result.hpp"
#include "specs/values/secret.hpp"

namespace matriarch::controller {

/// Name -> value. Names are environment variables, and names like `restic-password`.
using Secrets = std::map<std::string, Secret>;

/// Reads dotenv text:
///
///     # a comment, and empty lines
///     KEY=value            to the end of the line; spaces around it and a trailing " # comment" go
///     KEY='as it is'       single quotes: nothing is special, may go over several lines
///     KEY="a\nb \"c\""     double quotes: \n \r \t \\ \" \$ \`, may go over several lines
///     export KEY=value     the word is skipped
///
/// A name is [A-Za-z_][A-Za-z0-9_.-]*. `where` names the source in errors.
/// Errors: invalid (not KEY=value, bad name, given twice, quote not closed, a NUL byte).
[[nodiscard]] Result<Secrets> load_env_text(std::string_view text, const std::string& where);

/// Text that load_env_text reads back to the same, sorted by name.
[[nodiscard]] Secret print_env_text(const Secrets& secrets);

/// A file on this host (`file:/etc/matriarch/example.env`), at most 64 KiB.
/// Errors: refused (owner, mode: others could read it), invalid, unavailable.
[[nodiscard]] Result<Secrets> load_env_file(const std::filesystem::path& path);

/// Both, where the one that wins is `over`.
[[nodiscard]] Secrets merged(Secrets under, const Secrets& over);

}  // namespace matriarch::controller
