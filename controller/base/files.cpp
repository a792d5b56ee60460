// Durable writes, bounded reads, and the questions asked of a file with secrets.
// Never writes in place, and never follows a link that somebody else put there.
#include "controller/base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "controller/base/descriptor.hpp"
#include "controller/base/encoding.hpp"
#include "controller/base/random.hpp"

namespace matriarch::controller {
namespace {

namespace fs = std::filesystem;

std::string reason(int error) {
    return std::generic_category().message(error);
}

/// "cannot write file /x: no space left on device", from errno.
auto cannot(const std::string& what, const fs::path& path, int error) {
    return fail(ErrorKind::unavailable,
                "cannot " + what + " " + path.string() + ": " + reason(error));
}

fs::path folder_of(const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

Result<void> write_all(int descriptor, std::string_view content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return cannot("write file", path, errno);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

/// A rename is on the disk only when its folder is.
Result<void> sync_folder(const fs::path& folder) {
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open()) return cannot("open folder", folder, errno);
    if (::fsync(opened.number()) != 0) return cannot("sync folder", folder, errno);
    return {};
}

Result<void> fill(const fs::path& path, std::string_view content, FileWrite how) {
    // O_EXCL: never through a link that somebody else put there.
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.is_open()) return cannot("make file", path, errno);
    TRY(write_all(file.number(), content, path));
    if (::fchmod(file.number(), how.mode) != 0) return cannot("set the mode of", path, errno);
    if (how.is_durable && ::fsync(file.number()) != 0) return cannot("sync file", path, errno);
    return {};
}

/// Opens a regular file to read. No file: a closed Descriptor. Never blocks on a pipe or a device.
Result<Descriptor> open_to_read(const fs::path& path, struct stat& facts) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.is_open() && (errno == ENOENT || errno == ENOTDIR)) return Descriptor();
    if (!file.is_open()) return cannot("open file", path, errno);
    if (::fstat(file.number(), &facts) != 0) return cannot("look at file", path, errno);
    if (!S_ISREG(facts.st_mode)) {
        return fail(ErrorKind::invalid, "cannot read " + path.string() + ": it is not a file");
    }
    return file;
}

Result<std::string> read_bounded(int descriptor, const fs::path& path, std::size_t bytes_max) {
    std::string content;
    char piece[16'384];
    while (true) {
        const ssize_t got = ::read(descriptor, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot("read file", path, errno);
        if (got == 0) return content;
        content.append(piece, static_cast<std::size_t>(got));
        if (content.size() > bytes_max) {
            return fail(ErrorKind::invalid, "cannot read " + path.string() +
                                                ": it is larger than " + std::to_string(bytes_max) +
                                                " bytes");
        }
    }
}

bool is_ours(uid_t owner) {
    return owner == ::geteuid() || owner == 0;
}

}  // namespace

Result<void> write_file(const fs::path& path, std::string_view content, FileWrite how) {
    const fs::path folder = folder_of(path);
    const fs::path beside =
        folder / ("." + path.filename().string() + "." + random_hex(12).reveal() + ".tmp");
    auto made = fill(beside, content, how);
    if (made && ::rename(beside.c_str(), path.c_str()) != 0)
        made = cannot("replace file", path, errno);
    if (!made) {
        ::unlink(beside.c_str());
        return made;
    }
    return how.is_durable ? sync_folder(folder) : Result<void>{};
}

Result<std::optional<std::string>> read_file(const fs::path& path, std::size_t bytes_max) {
    struct stat facts {};
    const Descriptor file = TRY(open_to_read(path, facts));
    if (!file.is_open()) return std::optional<std::string>{};
    return std::optional<std::string>(TRY(read_bounded(file.number(), path, bytes_max)));
}

Result<Secret> read_secret_file(const fs::path& path, std::size_t bytes_max) {
    struct stat facts {};
    const Descriptor file = TRY(open_to_read(path, facts));
    if (!file.is_open()) {
        return fail(ErrorKind::invalid,
                    "cannot read secrets file " + path.string() + ": not found");
    }
    if (!is_ours(facts.st_uid)) {
        return fail(ErrorKind::refused,
                    "cannot use secrets file " + path.string() + ": another user owns it",
                    "Run: chown root:root " + path.string() + ".");
    }
    if ((facts.st_mode & 077U) != 0) {
        return fail(ErrorKind::refused,
                    "cannot use secrets file " + path.string() + ": other users may open it",
                    "Run: chmod 600 " + path.string() + ".");
    }
    return Secret(TRY(read_bounded(file.number(), path, bytes_max)));
}

Result<void> make_folder(const fs::path& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0) {
        if (!S_ISDIR(facts.st_mode)) {
            return fail(ErrorKind::refused, "cannot use " + path.string() + ": it is not a folder");
        }
        if (!is_ours(facts.st_uid) || (facts.st_mode & 022U) != 0) {
            return fail(ErrorKind::refused,
                        "cannot use folder " + path.string() + ": other users may write to it",
                        "Choose another folder, or run: chmod 700 " + path.string() + ".");
        }
        return {};
    }
    if (errno != ENOENT) return cannot("look at folder", path, errno);
    const fs::path above = folder_of(path);
    std::error_code unused;
    if (!fs::exists(above, unused)) TRY(make_folder(above));
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return cannot("make folder", path, errno);
    return sync_folder(above);
}

Result<void> remove_file(const fs::path& path) {
    if (::unlink(path.c_str()) != 0) {
        if (errno == ENOENT) return {};
        return cannot("remove file", path, errno);
    }
    return sync_folder(folder_of(path));
}

Result<Secret> read_secret_line(const std::filesystem::path& path) {
    std::string text = TRY(read_secret_file(path, 4096)).reveal();
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty()) {
        return fail(ErrorKind::invalid, "cannot use " + path.string() + ": it is empty");
    }
    return Secret(std::move(text));
}

}  // namespace matriarch::controller
