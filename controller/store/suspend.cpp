// The suspended file: milliseconds since 1970 on the first line, the reason on the second.
// In doubt the instance is suspended, never the other way round.
#include "controller/store/suspend.hpp"

#include <charconv>

#include "controller/base/files.hpp"
#include "controller/base/text.hpp"

namespace matriarch::controller {
namespace {

constexpr std::size_t bytes_max = 4'096;
constexpr std::size_t reason_bytes_max = 1'024;

Suspension parse(const std::string& text) {
    std::int64_t since_ms = 0;
    const auto end = std::min(text.find('\n'), text.size());
    std::from_chars(text.data(), text.data() + end, since_ms);
    std::string reason = end < text.size() ? text.substr(end + 1) : std::string();
    if (!reason.empty() && reason.back() == '\n') reason.pop_back();
    return {.since = WallTime(std::chrono::milliseconds(since_ms)), .reason = printable(reason)};
}

}  // namespace

Result<std::optional<Suspension>> load_suspension(const InstanceFolder& folder) {
    const auto text = read_file(folder.suspended(), bytes_max);
    if (!text && text.error().kind == ErrorKind::invalid) {
        return std::optional<Suspension>(Suspension{.reason = "unreadable reason"});
    }
    if (!text) return fail(text.error());
    if (!*text) return std::optional<Suspension>{};
    return std::optional<Suspension>(parse(**text));
}

Result<void> suspend(const InstanceFolder& folder, const Suspension& suspension) {
    TRY(make_folder(folder.root));
    const auto before = TRY(load_suspension(folder));
    const WallTime since = before ? before->since : suspension.since;
    const std::string reason = printable(shortened(suspension.reason, reason_bytes_max));
    return write_file(folder.suspended(),
                      std::to_string(since.time_since_epoch().count()) + "\n" + reason + "\n");
}

Result<void> resume(const InstanceFolder& folder) {
    return remove_file(folder.suspended());
}

}  // namespace matriarch::controller
