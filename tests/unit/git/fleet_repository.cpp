// Temporary repositories through the git command, without anybody's configuration.
#include "fleet_repository.hpp"

#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace matriarch::git {

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "matriarch-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    ::chmod(path.c_str(), 0600);
    if (!file) throw std::runtime_error("cannot write " + path);
}

FleetRepository::FleetRepository() {
    std::filesystem::create_directories(folder());
    git("init --quiet --initial-branch=main");
}

std::string FleetRepository::git(const std::string& arguments) const {
    const std::string command =
        "env -i PATH=/usr/bin:/bin HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 "
        "GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada "
        "GIT_COMMITTER_EMAIL=ada@example.org GIT_AUTHOR_DATE='1700000000 +0000' "
        "GIT_COMMITTER_DATE='1700000000 +0000' git -C '" +
        folder() + "' " + arguments + " 2>&1";
    std::FILE* output = ::popen(command.c_str(), "r");
    if (output == nullptr) throw std::runtime_error("cannot run git");
    std::string text;
    std::array<char, 4096> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), output)) {
        text.append(buffer.data(), count);
    }
    const int status = ::pclose(output);
    if (status != 0) throw std::runtime_error("git " + arguments + ": " + text);
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

void FleetRepository::write(const std::string& path, const std::string& text) const {
    write_file(folder() + "/" + path, text);
}

std::string FleetRepository::commit(const std::string& subject) const {
    git("add --all");
    git("commit --quiet --allow-empty -m '" + subject + "'");
    return git("rev-parse HEAD");
}

Source FleetRepository::source() const {
    return {.url = folder(), .branch = "main", .path = "fleet", .state_folder = state_folder()};
}

Result<Revision> read(const Source& source) {
    return read_revision(source, patience, {});
}

const File* find_file(const Revision& revision, const std::string& path) {
    for (const File& file : revision.files) {
        if (file.path == path) return &file;
    }
    return nullptr;
}

std::string problems_text(const Revision& revision) {
    std::string text;
    for (const Problem& problem : revision.problems) {
        text += problem.path + ": " + problem.message + "\n";
    }
    return text;
}

}  // namespace matriarch::git
