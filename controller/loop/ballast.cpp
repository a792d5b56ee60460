// The space is really taken (fallocate): a file with a hole would give nothing back.
#include "controller/loop/ballast.hpp"

#include <fcntl.h>

#include <cerrno>
#include <filesystem>

#include "controller/base/descriptor.hpp"
#include "controller/base/files.hpp"
#include "controller/base/log.hpp"

namespace matriarch::controller {

namespace {

constexpr Bytes size = mib(64);
/// With less than this the disk counts as full; with more than that there is room again. Far apart,
/// so that what was given up is not taken back at once.
constexpr Bytes full_below = mib(16);
constexpr Bytes room_above = mib(512);

bool make(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) return false;
    return ::posix_fallocate(file.number(), 0, size.count) == 0;
}

bool is_whole(const std::filesystem::path& path) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(path, error);
    return !error && bytes == static_cast<std::uintmax_t>(size.count);
}

}  // namespace

void Ballast::tend() {
    const auto free = machine_.free_space(state_.root().string());
    if (!free) return;
    const std::filesystem::path path = state_.ballast();
    if (is_whole(path)) {
        is_gone_ = false;
        if (*free >= full_below) return;
        is_gone_ = true;
        const auto removed = remove_file(path);
        log::warn("the disk is full: the ballast was given up",
                  {{"free_bytes", free->count},
                   {log::key::error, removed ? std::string() : removed.error().message}});
    } else if (*free < room_above) {
        is_gone_ = is_gone_ || *free < full_below;
    } else {
        is_gone_ = false;
        if (make(path)) return;
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
}

}  // namespace matriarch::controller
