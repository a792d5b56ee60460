// Keeping the clone small: every fetch leaves a pack behind, and after a while one is made of all.
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "controller/git/libgit2.hpp"
#include "controller/git/repository.hpp"

namespace matriarch::git {
namespace {

using BuilderOwner = std::unique_ptr<git_packbuilder, Release<git_packbuilder_free>>;
using WalkOwner = std::unique_ptr<git_revwalk, Release<git_revwalk_free>>;

/// Packs in the clone before one is made of them: a lookup asks each of them.
constexpr std::size_t packs_max = 32;

std::vector<std::filesystem::path> packs_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> packs;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".pack") packs.push_back(entry.path());
    }
    return packs;
}

/// Writes one pack with everything that our refs reach; returns its name, empty if it failed.
std::string write_one_pack(git_repository* repository) {
    git_packbuilder* raw_builder = nullptr;
    git_revwalk* raw_walk = nullptr;
    const bool is_made = git_packbuilder_new(&raw_builder, repository) == 0 &&
                         git_revwalk_new(&raw_walk, repository) == 0;
    const BuilderOwner builder(raw_builder);
    const WalkOwner walk(raw_walk);
    if (!is_made || git_revwalk_push_glob(raw_walk, "refs/matriarch/*") != 0 ||
        git_packbuilder_insert_walk(raw_builder, raw_walk) != 0 ||
        git_packbuilder_write(raw_builder, nullptr, 0, nullptr, nullptr) != 0) {
        return {};
    }
    return std::string("pack-") + git_packbuilder_name(raw_builder);
}

}  // namespace

void Repository::repack() const {
    const std::filesystem::path folder =
        std::filesystem::path(git_repository_path(raw())) / "objects" / "pack";
    const std::vector<std::filesystem::path> packs = packs_in(folder);
    if (packs.size() <= packs_max) return;
    const std::string kept = write_one_pack(raw());
    // The old ones go only once the new one is there, index and all.
    std::error_code ignored;
    if (kept.empty() || !std::filesystem::exists(folder / (kept + ".idx"), ignored)) return;
    for (const std::filesystem::path& pack : packs) {
        if (pack.stem() == kept) continue;
        std::filesystem::remove(std::filesystem::path(pack).replace_extension(".idx"), ignored);
        std::filesystem::remove(pack, ignored);
    }
}

}  // namespace matriarch::git
