// Fleet: a commit (or a folder) as the instances that it wants; accepted whole or not at all.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/git/reader.hpp"
#include "specs/specs.hpp"

namespace matriarch::controller {

/// The instances of one revision, with the encrypted files they name.
struct Fleet {
    std::string revision{};
    std::string author{};
    std::string subject{};
    std::map<std::string, specs::Instance> instances{};
    /// Path in the repository -> still encrypted bytes.
    std::map<std::string, std::string> secret_files{};
    /// Where it is read from, as a digest: the repository with its branch and path, or the folder.
    std::string source{};
    /// Instance -> its file.
    std::map<std::string, std::string> file_of{};
    /// Files beside them that are none of a fleet, by their names.
    std::vector<std::string> passed_over{};
    /// In which order another version of Mastodon is taken; empty: all at once.
    std::vector<specs::Wave> waves{};
};

/// A fleet, or everything that is wrong with it.
struct FleetReading {
    Fleet fleet{};
    std::vector<Error> problems{};
};
[[nodiscard]] FleetReading read_fleet(const git::Revision& revision);

/// Reads a local folder in the sandboxed child. Errors: invalid (no such folder), unavailable.
[[nodiscard]] Result<FleetReading> read_fleet_folder(const std::string& folder,
                                                     std::stop_token stop);

}  // namespace matriarch::controller
