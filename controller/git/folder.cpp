// Walking a folder by descriptors, so that nothing can be swapped for a link between look and open.
#include "controller/git/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace matriarch::git {
namespace {

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

EntryKind kind_of(const struct stat& facts) {
    if (S_ISLNK(facts.st_mode)) return EntryKind::symlink;
    if (S_ISDIR(facts.st_mode)) return EntryKind::folder;
    if (!S_ISREG(facts.st_mode)) return EntryKind::other;
    return (facts.st_mode & S_IXUSR) != 0 ? EntryKind::executable : EntryKind::file;
}

/// Takes over the descriptor. Nothing: it could not be opened.
OpenFolder opened(int descriptor) {
    if (descriptor < 0) return nullptr;
    DIR* folder = ::fdopendir(descriptor);
    if (folder == nullptr) ::close(descriptor);
    return OpenFolder(folder);
}

std::vector<std::string> names_in(DIR* folder) {
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(folder)) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
        if (names.size() > ContentLimits::entries) break;
    }
    std::sort(names.begin(), names.end());
    return names;
}

void load(int folder, const Entry& entry, Content& content) {
    const std::string path = path_of(entry);
    const int file =
        ::openat(folder, entry.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat facts {};
    if (file < 0 || ::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        content.note(path, std::string("it cannot be opened: ") + std::strerror(errno), true);
        if (file >= 0) ::close(file);
        return;
    }
    const auto bytes = static_cast<std::size_t>(facts.st_size);
    if (content.has_room(path, bytes)) {
        std::string text(bytes, '\0');
        const ssize_t count = ::pread(file, text.data(), text.size(), 0);
        if (count == facts.st_size) {
            content.add(path, std::move(text));
        } else {
            content.note(path, "it changed while it was read", true);
        }
    }
    ::close(file);
}

void walk(DIR* folder, const std::string& path, int depth, Content& content) {
    for (const std::string& name : names_in(folder)) {
        if (content.is_full()) return;
        struct stat facts {};
        if (::fstatat(::dirfd(folder), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) continue;
        const Entry entry{.folder = path, .name = name, .kind = kind_of(facts)};
        // A work tree's own administration is no part of the fleet; in a commit it cannot exist.
        if (name == ".git") continue;
        if (entry.kind != EntryKind::folder) {
            if (content.wants(entry)) load(::dirfd(folder), entry, content);
            continue;
        }
        if (!content.enters(entry, depth)) continue;
        const OpenFolder inner = opened(::openat(::dirfd(folder), name.c_str(),
                                                 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (inner) {
            walk(inner.get(), path_of(entry), depth + 1, content);
        } else {
            content.note(path_of(entry),
                         std::string("it cannot be opened: ") + std::strerror(errno), true);
        }
    }
}

}  // namespace

Result<void> read_folder_files(const std::string& folder, Content& content) {
    const OpenFolder top = opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!top) {
        return fail(ErrorKind::invalid,
                    "cannot read the folder " + folder + ": " + std::strerror(errno),
                    "Name a folder with instance files.");
    }
    walk(top.get(), "", 1, content);
    return {};
}

}  // namespace matriarch::git
