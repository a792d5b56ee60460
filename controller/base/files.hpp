// Files that survive a crash, and files that hold secrets.
//
// A write is all or nothing: a temporary file beside the target, synced, renamed over it, and the
// folder synced. Reads are bounded. Nothing is ever written in place.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "specs/values/result.hpp"
#include "specs/values/secret.hpp"

namespace matriarch::controller {

/// How a file is written.
struct FileWrite {
    mode_t mode{0600};
    /// Wait until it is on the disk. Only what may be lost in a power cut goes without.
    bool is_durable{true};
};

/// Replaces a file, or makes it. Its folder must exist.
///
/// Errors: unavailable (no space, no right, no folder; the old content is still there).
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, std::string_view content,
                                      FileWrite how = {});

/// The whole file; nothing where there is none. Only regular files.
///
/// Units: bytes.   Errors: invalid (not a regular file, larger than `bytes_max`), unavailable.
[[nodiscard]] Result<std::optional<std::string>> read_file(const std::filesystem::path& path,
                                                           std::size_t bytes_max);

/// The same for a file that holds secrets: it must belong to this user or root, and nobody else may
/// read or write it. Errors: refused (owner, mode), invalid (absent, not a regular file, too
/// large), unavailable.
[[nodiscard]] Result<Secret> read_secret_file(const std::filesystem::path& path,
                                              std::size_t bytes_max);

/// One secret as people put it into files, with a line end behind it: at most 4 KiB. Errors: as
/// read_secret_file; invalid also where it is empty.
[[nodiscard]] Result<Secret> read_secret_line(const std::filesystem::path& path);

/// Makes a folder and the missing ones above it, for this user only (0700). One that exists is left
/// as it is, unless others own it or may write to it. Errors: refused (owner, mode), unavailable.
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& path);

/// Removes a file and syncs its folder; one that is not there is success. Errors: unavailable.
[[nodiscard]] Result<void> remove_file(const std::filesystem::path& path);

}  // namespace matriarch::controller
