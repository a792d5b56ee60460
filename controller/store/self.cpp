// The file is written once and never again: its inode is part of the answer.
#include "controller/store/self.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "controller/base/files.hpp"
#include "controller/base/random.hpp"
#include "controller/base/text.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::controller {
namespace {

constexpr std::size_t bytes_max = 4'096;
constexpr std::size_t id_digits = 32;

/// Which file it is: its inode, and where the file system knows it, when it was born.
Result<std::string> file_of(const std::filesystem::path& path) {
    struct statx facts {};
    if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &facts) !=
        0) {
        return fail(ErrorKind::unavailable, "cannot look at " + path.string() + ": " +
                                                std::generic_category().message(errno));
    }
    std::string text = std::to_string(facts.stx_ino);
    if ((facts.stx_mask & STATX_BTIME) == 0) return text;
    return text + " " + std::to_string(facts.stx_btime.tv_sec) + "." +
           std::to_string(facts.stx_btime.tv_nsec);
}

/// A cloned disk has the same files; its machine id differs, where it was set up as it should be.
std::string machine() {
    const auto text = read_file("/etc/machine-id", bytes_max);
    return text && *text ? **text : std::string();
}

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "this host";
    return "host " + printable(name.data());
}

}  // namespace

Result<Self> self_of(const State& state) {
    const std::filesystem::path path = state.controller();
    auto number = TRY(read_file(path, bytes_max));
    if (!number) {
        TRY(make_folder(state.root()));
        TRY(write_file(path, random_uuid() + "\n"));
        number = TRY(read_file(path, bytes_max));
    }
    if (!number || number->empty()) {
        return fail(ErrorKind::invalid, "cannot use " + path.string() + ": it is empty",
                    "Remove it; matriarch take-over NAME then takes each instance back.");
    }
    const std::string file = TRY(file_of(path));
    return Self{.id = sha256(*number + machine() + file).substr(0, id_digits),
                .place = state.root().string() + " on " + host_name()};
}

}  // namespace matriarch::controller
