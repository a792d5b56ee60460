// Lines of "key value", an empty line, then the instance as its canonical text.
#include "controller/store/generation.hpp"

#include <map>
#include <sstream>

#include "controller/base/encoding.hpp"
#include "controller/base/files.hpp"
#include "specs/specs.hpp"

namespace matriarch::controller {
namespace {

constexpr std::size_t bytes_max = 1 << 20;

using Head = std::map<std::string, std::string>;

std::string print(const Generation& generation, const Head& more) {
    std::string text = "revision " + generation.revision + "\n";
    if (!generation.secret_file.empty()) {
        text += "secret-file " + to_base64(generation.secret_file) + "\n";
    }
    if (!generation.source.empty()) text += "source " + generation.source + "\n";
    if (!generation.file.empty()) text += "file " + generation.file + "\n";
    for (const auto& [key, value] : more) text += key + " " + value + "\n";
    return text + "\n" + specs::canonical_text(generation.instance);
}

Result<std::optional<Rollback>> load(const std::filesystem::path& path) {
    const auto text = TRY(read_file(path, bytes_max));
    if (!text) return std::optional<Rollback>{};
    std::istringstream stream(*text);
    Head head;
    for (std::string line; std::getline(stream, line) && !line.empty();) {
        const auto space = line.find(' ');
        if (space != std::string::npos) head[line.substr(0, space)] = line.substr(space + 1);
    }
    const std::string rest(std::istreambuf_iterator<char>(stream), {});
    auto instance = specs::parse_instance_text(rest, path.string());
    if (!instance || head["revision"].empty()) {
        return fail(ErrorKind::invalid, "cannot read " + path.string() + ": it is damaged",
                    "Remove it; what it kept can still be had by git revert.");
    }
    Rollback read;
    read.instead_of = head["instead-of"];
    read.to.revision = head["revision"];
    read.to.instance = std::move(*instance);
    read.to.secret_file = from_base64(head["secret-file"]);
    read.to.source = head["source"];
    read.to.file = head["file"];
    return std::optional<Rollback>(std::move(read));
}

bool is_same(const Generation& left, const Generation& right) {
    return left.instance == right.instance && left.secret_file == right.secret_file;
}

}  // namespace

Result<void> keep_settled(const InstanceFolder& folder, const Generation& now) {
    if (now.revision.empty()) return {};
    const auto newest = load(folder.settled());
    if (newest && *newest && (*newest)->to.revision == now.revision &&
        (*newest)->to.source == now.source && (*newest)->to.file == now.file &&
        is_same((*newest)->to, now)) {
        return {};
    }
    if (newest && *newest && !is_same((*newest)->to, now)) {
        TRY(write_file(folder.settled_before(), print((*newest)->to, {})));
    }
    return write_file(folder.settled(), print(now, {}));
}

Result<std::optional<Generation>> newest_settled(const InstanceFolder& folder) {
    auto newest = TRY(load(folder.settled()));
    if (!newest) return std::optional<Generation>{};
    return std::optional<Generation>(std::move(newest->to));
}

Result<std::optional<Generation>> settled_before(const InstanceFolder& folder,
                                                 const std::string& revision) {
    const auto newest = TRY(load(folder.settled()));
    if (newest && newest->to.revision != revision) return std::optional<Generation>(newest->to);
    const auto before = TRY(load(folder.settled_before()));
    if (before && before->to.revision != revision) return std::optional<Generation>(before->to);
    return std::optional<Generation>{};
}

Result<void> set_rollback(const InstanceFolder& folder, const Rollback& rollback) {
    return write_file(folder.rolled_back(),
                      print(rollback.to, {{"instead-of", rollback.instead_of}}));
}

Result<std::optional<Rollback>> load_rollback(const InstanceFolder& folder) {
    return load(folder.rolled_back());
}

Result<void> forget_rollback(const InstanceFolder& folder) {
    return remove_file(folder.rolled_back());
}

}  // namespace matriarch::controller
