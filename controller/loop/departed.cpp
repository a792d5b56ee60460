// A fleet in force has no problems: a broken file holds up its commit, and never looks like one
// that is gone. What is left to rule out are files that are there under another name.
#include "controller/loop/departed.hpp"

#include <algorithm>

#include "controller/store/suspend.hpp"

namespace matriarch::controller {

namespace {

Error kept(const std::string& name, const std::string& why, std::string hint) {
    return {.kind = ErrorKind::refused,
            .message = "cannot remove " + name + ": " + why,
            .hint = std::move(hint)};
}

/// "fleet/.Alpha.yaml.off" -> "alpha.yaml.off"
std::string plain_name(const std::string& path) {
    std::string name = path.substr(path.rfind('/') + 1);
    name.erase(0, name.find_first_not_of('.'));
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return name;
}

std::string stem_of(const std::string& path) {
    const std::string name = plain_name(path);
    return name.substr(0, name.rfind('.'));
}

/// "alpha.yaml.off" and "alpha~", not "alphabet.md"
bool is_called_like(const std::string& name, const std::string& stem) {
    if (stem.empty() || !name.starts_with(stem)) return false;
    const char next = name.size() == stem.size() ? '.' : name[stem.size()];
    const bool goes_on = (next >= 'a' && next <= 'z') || (next >= '0' && next <= '9');
    return !goes_on && next != '-';
}

/// A file that is not read as one of a fleet, but is called as the instance's was.
std::optional<std::string> other_ending(const Fleet& fleet, const Generation& last) {
    const std::string stem = stem_of(last.file);
    const auto found = std::find_if(
        fleet.passed_over.begin(), fleet.passed_over.end(), [&](const std::string& path) {
            const std::string name = plain_name(path);
            return is_called_like(name, stem) || is_called_like(name, last.instance.name);
        });
    return found == fleet.passed_over.end() ? std::nullopt : std::optional(*found);
}

bool has_domain(const specs::Instance& instance, const std::string& domain) {
    return instance.domain == domain || instance.web_domain == domain;
}

}  // namespace

std::optional<Error> why_not_removed(const Fleet& fleet, const Generation& last) {
    const std::string& name = last.instance.name;
    if (fleet.revision.empty() || fleet.revision.ends_with("-dirty")) {
        return kept(name, "the fleet is in no commit", "Commit that its file is gone.");
    }
    if (fleet.instances.empty()) {
        return kept(name, "the fleet is empty",
                    "That looks like a wrong --path. Remove it by hand: docker compose -p " + name +
                        " down");
    }
    if (last.source.empty() || last.file.empty() || last.source != fleet.source) {
        return kept(name, "it was not settled from this repository, branch and path",
                    "Start with the ones that it came from, or remove it by hand: docker compose "
                    "-p " +
                        name + " down");
    }
    for (const auto& [other, file] : fleet.file_of) {
        if (file != last.file) continue;
        return kept(name, "its file " + file + " is there and calls itself " + other,
                    "A name cannot change once deployed: write instance: " + name + ".");
    }
    for (const auto& [other, instance] : fleet.instances) {
        const bool is_it =
            has_domain(instance, last.instance.domain) ||
            (!last.instance.web_domain.empty() && has_domain(instance, last.instance.web_domain));
        if (!is_it) continue;
        return kept(name, other + " has its domain " + last.instance.domain,
                    "A name cannot change once deployed: write instance: " + name + ".");
    }
    if (const auto file = other_ending(fleet, last)) {
        return kept(name, *file + " is there, which no fleet reads but which is called like it",
                    "Call it " + last.file + " again, or take it out of the folder too.");
    }
    return std::nullopt;
}

Result<Generation> removable(const InstanceFolder& folder, const Fleet& fleet) {
    if (TRY(load_suspension(folder))) {
        return fail(kept(folder.name, "it is suspended", "matriarch resume " + folder.name));
    }
    auto last = TRY(newest_settled(folder));
    if (!last) {
        return fail(kept(folder.name, "it was never settled here",
                         "Remove it by hand: docker compose -p " + folder.name + " down"));
    }
    if (auto why = why_not_removed(fleet, *last)) return fail(std::move(*why));
    return std::move(*last);
}

}  // namespace matriarch::controller
