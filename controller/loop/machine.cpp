// The machine that the program runs on.
#include "controller/loop/machine.hpp"

#include <sys/statvfs.h>

namespace matriarch::controller {

const Machine& this_machine() {
    static const Machine machine{
        .now = [] { return SystemClock().now(); },
        .free_space = [](const std::string& folder) -> std::optional<Bytes> {
            struct statvfs disk {};
            if (statvfs(folder.c_str(), &disk) != 0) return std::nullopt;
            return Bytes{static_cast<std::int64_t>(disk.f_bavail) *
                         static_cast<std::int64_t>(disk.f_frsize)};
        }};
    return machine;
}

}  // namespace matriarch::controller
