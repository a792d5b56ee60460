// Making, locking and clearing the state folder.
#include "controller/git/state_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "controller/git/known_hosts.hpp"

namespace matriarch::git {
namespace {

tl::unexpected<Error> cannot_use(const Source& source, const std::string& why) {
    return fail(ErrorKind::unavailable,
                "cannot use the state folder " + source.state_folder + ": " + why,
                "It must be on a local disk with room, and writable.");
}

/// Half-received packs are named by chance; whole ones are pack-<digest>.pack and .idx.
bool is_leftover(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    if (path.extension() == ".lock") return true;
    return path.parent_path().filename() == "pack" && !name.starts_with("pack-");
}

void clear_leftovers(const std::string& clone) {
    std::error_code error;
    std::filesystem::recursive_directory_iterator entry(clone, error);
    const std::filesystem::recursive_directory_iterator end;
    while (!error && entry != end) {
        const std::filesystem::path path = entry->path();
        entry.increment(error);
        std::error_code ignored;
        if (is_leftover(path)) std::filesystem::remove(path, ignored);
    }
}

}  // namespace

std::string home_folder(const Source& source) {
    return source.state_folder + "/home";
}

std::string clone_folder(const std::string& state_folder) {
    return state_folder + "/fleet.git";
}

Result<void> take_state_folder(const Source& source) {
    std::error_code error;
    std::filesystem::create_directories(home_folder(source), error);
    if (error) return cannot_use(source, error.message());
    const std::string path = source.state_folder + "/lock";
    // Never closed: the lock ends with the process.
    const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0 || ::flock(lock, LOCK_EX) != 0) return cannot_use(source, std::strerror(errno));
    clear_leftovers(clone_folder(source.state_folder));
    return {};
}

Result<std::string> prepare_known_hosts(const Source& source, const Address& address) {
    std::ostringstream text;
    if (!source.known_hosts_file.empty()) {
        std::ifstream file(source.known_hosts_file, std::ios::binary);
        text << file.rdbuf();
        if (!file) {
            return fail(ErrorKind::refused,
                        "cannot read the known hosts " + source.known_hosts_file,
                        "Make the file with ssh-keyscan, after comparing the fingerprint.");
        }
    }
    // An empty file too: libgit2 asks for no kind of key then, and the check refuses the host.
    const std::string folder = home_folder(source) + "/.ssh";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    std::ofstream copy(folder + "/known_hosts", std::ios::binary | std::ios::trunc);
    copy << lines_for_host(text.str(), address.host, address.port);
    copy.close();
    if (!copy) return cannot_use(source, "it cannot be written to");
    return text.str();
}

}  // namespace matriarch::git
