// The host's word on what a repository may name.
#include "specs/policy.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "specs/values/shown.hpp"

namespace matriarch::specs {
namespace {

/// Where the images that we run by default come from.
constexpr std::array<std::string_view, 9> official{"ghcr.io/mastodon",
                                                   "docker.io/tootsuite",
                                                   "docker.io/gargron",
                                                   "docker.io/library/postgres",
                                                   "docker.io/library/redis",
                                                   "docker.io/library/caddy",
                                                   "docker.elastic.co/elasticsearch",
                                                   "docker.io/restic",
                                                   "docker.io/library/elasticsearch"};

/// "a/b" begins "a/b" and "a/b/c", but not "a/bc".
bool begins(std::string_view beginning, std::string_view name) {
    while (beginning.ends_with('/')) beginning.remove_suffix(1);
    if (beginning.empty() || !name.starts_with(beginning)) return false;
    return name.size() == beginning.size() || name[beginning.size()] == '/';
}

bool any_begins(const std::vector<std::string>& beginnings, std::string_view name) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](const std::string& beginning) { return begins(beginning, name); });
}

/// Only who controls the host can serve there; the Engine trusts such registries too.
bool is_on_loopback(std::string_view registry) {
    const std::string_view host = registry.substr(0, registry.rfind(':'));
    const bool is_number = host.find_first_not_of("0123456789.") == std::string_view::npos;
    return host == "localhost" || (is_number && host.starts_with("127.")) || host == "[::1]";
}

Result<std::vector<std::string>> texts(const Node& node) {
    if (!node.is_sequence()) {
        return fail(ErrorKind::invalid, shown(node.key, shown_bytes) + " must be a list of texts",
                    "", to_text(node.place));
    }
    std::vector<std::string> found;
    for (const Node& item : node.items) {
        if (!item.is_scalar()) {
            return fail(ErrorKind::invalid,
                        shown(node.key, shown_bytes) + " must be a list of texts", "",
                        to_text(item.place));
        }
        found.push_back(item.text);
    }
    return found;
}

/// One or several. An empty list would be a slip that lets everybody in.
Result<std::vector<std::string>> signer_files(const Node& node) {
    const auto files = node.is_scalar() ? std::vector<std::string>{node.text} : TRY(texts(node));
    const bool are_absolute = std::all_of(files.begin(), files.end(),
                                          [](const auto& file) { return file.starts_with('/'); });
    if (!files.empty() && are_absolute) return files;
    return fail(ErrorKind::invalid, "signers must be a file, or a list of files, from the root on",
                "", to_text(node.place));
}

Result<bool> truth(const Node& node) {
    const bool is_word = node.is_scalar() && !node.is_quoted;
    if (is_word && (node.text == "true" || node.text == "false")) return node.text == "true";
    return fail(ErrorKind::invalid, shown(node.key, shown_bytes) + " must be true or false", "",
                to_text(node.place));
}

/// "true" is Mastodon's own; an address is a mirror of it.
Result<std::string> update_check(const Node& node) {
    const bool is_address = node.is_scalar() && (node.text.starts_with("https://") ||
                                                 node.text.starts_with("http://127.0.0.1:"));
    if (is_address) return node.text;
    if (!TRY(truth(node))) return std::string();
    return std::string("https://api.joinmastodon.org/update-check");
}

tl::unexpected<Error> unknown_key(const Node& entry, const std::string& place,
                                  const std::string& known) {
    return fail(ErrorKind::invalid,
                "unknown key '" + shown(entry.key, shown_bytes) + "' in " + place,
                "Known are " + known + ".", to_text(entry.key_place));
}

Result<void> must_be_map(const Node& node) {
    if (node.is_map()) return {};
    return fail(ErrorKind::invalid, shown(node.key, shown_bytes) + " must be a map", "",
                to_text(node.place));
}

/// Read by the unit's own reader. A bound of nothing would be none.
template <class T>
Result<T> bound(const Node& node, Result<T> (*parse)(std::string_view)) {
    const auto value =
        node.is_scalar() ? parse(node.text) : fail(ErrorKind::invalid, "it must be one value");
    if (value && *value > T{}) return *value;
    const std::string why = value ? "it must be more than nothing" : value.error().message;
    return fail(ErrorKind::invalid, shown(node.key, shown_bytes) + ": " + why,
                value ? "" : value.error().hint, to_text(node.place));
}

Result<int> parse_count(std::string_view text) {
    int count = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
    if (read.ec == std::errc{} && read.ptr == text.data() + text.size()) return count;
    return fail(ErrorKind::invalid, "it must be a whole number");
}

Result<ReviewRule> review_rule(const Node& node) {
    TRY(must_be_map(node));
    ReviewRule rule;
    for (const Node& entry : node.items) {
        if (entry.key == "approvals") {
            rule.approvals = TRY(bound(entry, parse_count));
        } else if (entry.key == "by") {
            rule.by = TRY(texts(entry));
        } else {
            return unknown_key(entry, "reviews", "approvals and by");
        }
    }
    // On a public forge anybody may approve: who counts is always said.
    if (rule.approvals > 0 && static_cast<std::size_t>(rule.approvals) <= rule.by.size()) {
        return rule;
    }
    return fail(ErrorKind::invalid,
                "reviews needs approvals: how many, and by: at least as many people",
                "Write reviews: {approvals: 1, by: [ada, grace]}.", to_text(node.place));
}

Result<Version> lowest_version(const Node& node) {
    TRY(must_be_map(node));
    for (const Node& entry : node.items) {
        if (entry.key != "lowest") return unknown_key(entry, "versions", "lowest");
        return bound(entry, parse_version);
    }
    return fail(ErrorKind::invalid, "versions says nothing", "Write versions: {lowest: v4.4.0}.",
                to_text(node.place));
}

Result<Ceilings> ceilings(const Node& node) {
    TRY(must_be_map(node));
    Ceilings found;
    for (const Node& entry : node.items) {
        if (entry.key == "memory") {
            found.memory = TRY(bound(entry, parse_bytes));
        } else if (entry.key == "cpus") {
            found.cpus = TRY(bound(entry, parse_cpus));
        } else if (entry.key == "replicas") {
            found.replicas = TRY(bound(entry, parse_count));
        } else if (entry.key == "backup_interval") {
            found.backup_interval = TRY(bound(entry, parse_duration));
        } else {
            return unknown_key(entry, "ceilings", "memory, cpus, replicas and backup_interval");
        }
    }
    return found;
}

/// "none" would be no bound.
Result<BackupDemand> backup_demand(const Node& node) {
    if (node.is_scalar() && node.text == "recent") return BackupDemand::recent;
    if (node.is_scalar() && node.text == "required") return BackupDemand::required;
    return fail(ErrorKind::invalid, "upgrade_backup must be recent or required", "",
                to_text(node.place));
}

Result<Floors> floors(const Node& node) {
    TRY(must_be_map(node));
    Floors found;
    for (const Node& entry : node.items) {
        if (entry.key == "memory") {
            found.memory = TRY(bound(entry, parse_bytes));
        } else if (entry.key == "backups_kept") {
            found.backups_kept = TRY(bound(entry, parse_count));
        } else if (entry.key == "schedule_interval") {
            found.schedule_interval = TRY(bound(entry, parse_duration));
        } else if (entry.key == "upgrade_backup") {
            found.upgrade_backup = TRY(backup_demand(entry));
        } else {
            return unknown_key(entry, "floors",
                               "memory, backups_kept, schedule_interval and upgrade_backup");
        }
    }
    return found;
}

/// Whether the key was one of those that a whole commit must meet.
Result<bool> read_requirement(const Node& entry, Policy& policy) {
    if (entry.key == "signers") {
        policy.signers = TRY(signer_files(entry));
    } else if (entry.key == "reviews") {
        policy.reviews = TRY(review_rule(entry));
    } else if (entry.key == "rehearsed") {
        policy.rehearsed = TRY(truth(entry));
    } else if (entry.key == "as_reviewed") {
        policy.as_reviewed = TRY(truth(entry));
    } else if (entry.key == "versions") {
        policy.lowest_version = TRY(lowest_version(entry));
    } else if (entry.key == "ceilings") {
        policy.ceilings = TRY(ceilings(entry));
    } else if (entry.key == "floors") {
        policy.floors = TRY(floors(entry));
    } else {
        return false;
    }
    return true;
}

}  // namespace

Result<Policy> parse_policy(const Node& tree) {
    Policy policy;
    if (tree.is_nothing()) return policy;
    if (!tree.is_map()) {
        return fail(ErrorKind::invalid, "a policy is a map", "", to_text(tree.place));
    }
    for (const Node& entry : tree.items) {
        if (TRY(read_requirement(entry, policy))) continue;
        if (entry.key == "registries") {
            policy.registries = TRY(texts(entry));
        } else if (entry.key == "backup_repositories") {
            policy.backup_repositories = TRY(texts(entry));
        } else if (entry.key == "secret_files") {
            policy.secret_files = TRY(texts(entry));
        } else if (entry.key == "update_check") {
            policy.update_check = TRY(update_check(entry));
        } else if (entry.key == "prune") {
            policy.prune = TRY(truth(entry));
        } else {
            return unknown_key(
                entry, "the policy",
                "registries, backup_repositories, secret_files, prune, update_check, "
                "signers, reviews, rehearsed, as_reviewed, versions, ceilings and floors");
        }
    }
    return policy;
}

bool allows_image(const Policy& policy, const ImageRef& image) {
    const std::string name = repository_text(image);
    const bool is_official =
        std::any_of(official.begin(), official.end(),
                    [&](std::string_view known) { return begins(known, name); });
    return is_official || is_on_loopback(image.registry) || any_begins(policy.registries, name);
}

bool allows_secret_file(const Policy& policy, std::string_view path) {
    return path.find("/../") == std::string_view::npos && any_begins(policy.secret_files, path);
}

bool allows_backup_repository(const Policy& policy, std::string_view repository) {
    return any_begins(policy.backup_repositories, repository);
}

}  // namespace matriarch::specs
