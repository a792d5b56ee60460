// The status file.
// Its content is the caller's; nothing here reads it.
#include "controller/store/published.hpp"

#include "controller/base/files.hpp"

namespace matriarch::controller {
namespace {

constexpr std::size_t bytes_max = 1'048'576;

}  // namespace

Result<void> publish_status(const InstanceFolder& folder, std::string_view json) {
    return write_file(folder.status(), json, {.mode = 0600, .is_durable = false});
}

Result<std::optional<std::string>> published_status(const InstanceFolder& folder) {
    return read_file(folder.status(), bytes_max);
}

}  // namespace matriarch::controller
