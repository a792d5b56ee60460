// The identity file: printed, parsed, and refused where one byte is missing.
// It never gives back a part of what was written.
#include "controller/store/identity.hpp"

#include <vector>

#include "controller/base/files.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::controller {
namespace {

using reconcilers::Identity;

constexpr std::string_view first_line = "matriarch identity 1";
constexpr std::string_view last_key = "sha256 ";
constexpr std::size_t bytes_max = 65'536;

/// Splits at the first space: "volume a b" -> "volume", and leaves "a b".
std::string_view take_word(std::string_view& rest) {
    const auto end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

std::string words_of(const reconcilers::Restore& restore) {
    return reconcilers::slot_text(restore.slot) + " " + reconcilers::slot_text(restore.asked) +
           (restore.is_bare ? " bare" : " beside") + (restore.has_secrets ? " secrets" : " none") +
           (restore.from_archive ? " archive" : "");
}

/// "2026-11-22T06:00:00Z 2026-11-23T09:12:01Z bare secrets", with "archive" behind it or not.
std::optional<reconcilers::Restore> read_restore(std::string_view line) {
    const auto slot = reconcilers::parse_slot(take_word(line));
    const auto asked = reconcilers::parse_slot(take_word(line));
    const std::string_view kind = take_word(line);
    const bool is_known = kind == "bare" || kind == "beside";
    const std::string_view secrets = take_word(line);
    const bool is_whole =
        (secrets == "secrets" || secrets == "none") && (line.empty() || line == "archive");
    if (!slot || !asked || !is_known || !is_whole) return std::nullopt;
    return reconcilers::Restore{.slot = *slot,
                                .asked = *asked,
                                .is_bare = kind == "bare",
                                .has_secrets = secrets == "secrets",
                                .from_archive = line == "archive"};
}

/// One line of the file into the identity. False: it is not one of ours.
bool read_line(std::string_view line, Identity& identity) {
    const std::string_view key = take_word(line);
    if (key == "domain") {
        identity.domain = line;
    } else if (key == "web-domain") {
        identity.web_domain = line;
    } else if (key == "backup-repository") {
        identity.backup_repository = line;
    } else if (key == "repository-id") {
        identity.repository_id = line;
    } else if (key == "database-system") {
        identity.database_system = line;
    } else if (key == "database-volume") {
        identity.database_volume = line;
    } else if (key == "set-up") {
        identity.is_set_up = line == "yes";
        return identity.is_set_up;
    } else if (key == "restoring" || key == "restored") {
        auto& restore = key == "restoring" ? identity.restoring : identity.restored;
        restore = read_restore(line);
        return restore.has_value();
    } else if (key == "volume") {
        const std::string name(take_word(line));
        const std::string uuid(take_word(line));
        identity.volumes[name] = {.uuid = uuid, .created_at = std::string(line)};
        return !name.empty() && !uuid.empty();
    } else {
        return false;
    }
    return true;
}

auto damaged(const std::string& why) {
    return fail(
        ErrorKind::refused, "cannot read the identity of the data: " + why,
        "Put the file back from a copy; without it nothing is changed, so that data is safe.");
}

}  // namespace

Result<std::string> print_identity(const Identity& identity) {
    std::vector<std::string> lines{std::string(first_line), "domain " + identity.domain,
                                   "web-domain " + identity.web_domain,
                                   "backup-repository " + identity.backup_repository,
                                   "database-system " + identity.database_system};
    if (!identity.repository_id.empty()) {
        lines.push_back("repository-id " + identity.repository_id);
    }
    if (!identity.database_volume.empty()) {
        lines.push_back("database-volume " + identity.database_volume);
    }
    if (identity.is_set_up) lines.emplace_back("set-up yes");
    if (identity.restoring) lines.push_back("restoring " + words_of(*identity.restoring));
    if (identity.restored) lines.push_back("restored " + words_of(*identity.restored));
    for (const auto& [name, volume] : identity.volumes) {
        lines.push_back("volume " + name + " " + volume.uuid + " " + volume.created_at);
    }
    std::string text;
    for (const std::string& line : lines) {
        if (line.find_first_of("\n\r") != std::string::npos) {
            return fail(ErrorKind::invalid, "cannot write an identity: a value holds a line break");
        }
        text += line + "\n";
    }
    return text + std::string(last_key) + sha256(text) + "\n";
}

Result<Identity> parse_identity(std::string_view text) {
    const auto last = text.rfind(last_key);
    if (last == std::string_view::npos) return damaged("it is cut short");
    const std::string_view body = text.substr(0, last);
    if (text.substr(last) != std::string(last_key) + sha256(body) + "\n") {
        return damaged("it was changed or cut short");
    }
    Identity identity;
    std::string_view rest = body;
    bool is_first = true;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (is_first ? line != first_line : !read_line(line, identity)) {
            return damaged("it was written by another version");
        }
        is_first = false;
    }
    if (is_first) return damaged("it is empty");
    return identity;
}

Result<Identity> load_identity(const InstanceFolder& folder) {
    const auto text = TRY(read_file(folder.identity(), bytes_max));
    if (!text) return Identity{};
    auto identity = parse_identity(*text);
    if (!identity) identity.error().where = folder.identity().string();
    return identity;
}

Result<void> save_identity(const InstanceFolder& folder, const Identity& identity) {
    const std::string text = TRY(print_identity(identity));
    TRY(make_folder(folder.root));
    return write_file(folder.identity(), text);
}

}  // namespace matriarch::controller
