// Reads the compiled-in facts once, at first use. A malformed line is our own mistake: CHECK.
#include "specs/catalogue.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

#include "specs/values/check.hpp"

namespace matriarch::specs {

extern const char* const catalogue_text;  // made by CMake from catalogue/releases.txt

namespace {

struct Line {
    std::vector<std::string> queues{};
    std::string supported_until{};
};

struct Catalogue {
    std::map<std::pair<int, int>, Line> lines{};
    std::vector<Release> releases{};
};

std::string_view take_word(std::string_view& rest) {
    const auto end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

std::vector<std::string> words(std::string_view rest) {
    std::vector<std::string> found;
    while (!rest.empty()) found.emplace_back(take_word(rest));
    return found;
}

std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    CHECK(error == std::errc{}, "numbers of the catalogue are numbers");
    return value;
}

Version plain_version(std::string_view text) {
    const auto version = parse_version("v" + std::string(text));
    CHECK(version.has_value(), "versions of the catalogue are versions");
    return *version;
}

std::vector<Migration> migrations(std::string_view rest) {
    std::vector<Migration> found;
    while (!rest.empty()) {
        const std::string_view word = take_word(rest);
        const auto colon = std::min(word.find(':'), word.size());
        found.push_back({.id = number(word.substr(0, colon)),
                         .name = std::string(word.substr(std::min(colon + 1, word.size())))});
    }
    return found;
}

UpgradeStep step(std::string_view rest) {
    const std::string_view id = take_word(rest);
    const auto bar = rest.find(" | ");
    CHECK(bar != std::string_view::npos, "a step of the catalogue has a condition and a detail");
    return {.id = std::string(id),
            .condition = std::string(rest.substr(0, bar)),
            .detail = std::string(rest.substr(bar + 3))};
}

void read_line_fact(Line& line, std::string_view word, std::string_view rest) {
    if (word == "queues") {
        line.queues = words(rest);
        // The scheduler comes last: its jobs are many, small and can wait for posts.
        std::stable_partition(line.queues.begin(), line.queues.end(),
                              [](const std::string& queue) { return queue != "scheduler"; });
    } else {
        CHECK(word == "supported_until", "facts of a line are known words");
        line.supported_until = std::string(rest);
    }
}

void read_release_fact(Release& release, std::string_view word, std::string_view rest) {
    if (word == "regular")
        release.regular = migrations(rest);
    else if (word == "post")
        release.post = migrations(rest);
    else if (word == "untold")
        release.has_known_migrations = false;
    else if (word == "postgres")
        release.postgres_minimum = static_cast<int>(number(rest));
    else if (word == "redis")
        release.redis_minimum = std::string(rest);
    else if (word == "search")
        release.search_tested = std::string(rest);
    else if (word == "rolling_from")
        release.rolling_from = plain_version(rest);
    else if (word == "gate")
        release.skip_post_gate = number(rest);
    else if (word == "security")
        release.is_security = true;
    else if (word == "needs")
        release.needs = words(rest);
    else if (word == "forbids")
        release.forbids = words(rest);
    else if (word == "drops")
        release.drops = words(rest);
    else if (word == "streaming")
        release.changes_streaming = true;
    else if (word == "step")
        release.steps.push_back(step(rest));
    else
        CHECK(false, "facts of a release are known words");
}

Catalogue read(std::string_view text) {
    Catalogue catalogue{};
    Line* line = nullptr;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view row = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (row.empty() || row.starts_with('#')) continue;
        const bool is_fact = row.starts_with("  ");
        if (is_fact) row.remove_prefix(2);
        const std::string_view word = take_word(row);
        if (!is_fact && word == "line") {
            const Version first = plain_version(std::string(row) + ".0");
            line = &catalogue.lines[{first.major, first.minor}];
        } else if (!is_fact) {
            CHECK(word == "release", "a row of the catalogue is a line, a release or a fact");
            line = nullptr;
            Release release{.version = plain_version(take_word(row))};
            if (row != "?") release.date = std::string(row);
            catalogue.releases.push_back(std::move(release));
        } else if (line != nullptr) {
            read_line_fact(*line, word, row);
        } else {
            CHECK(!catalogue.releases.empty(), "a fact of the catalogue follows its release");
            read_release_fact(catalogue.releases.back(), word, row);
        }
    }
    CHECK(std::is_sorted(catalogue.releases.begin(), catalogue.releases.end(),
                         [](const auto& a, const auto& b) { return a.version < b.version; }),
          "the catalogue is in order of version");
    return catalogue;
}

const Catalogue& loaded() {
    static const Catalogue catalogue = read(catalogue_text);
    return catalogue;
}

/// A fork's build of a release counts as the release; a candidate of one does not.
Version without_build(const Version& version) {
    Version plain = version;
    if (plain.suffix.starts_with('+')) plain.suffix.clear();
    return plain;
}

/// The one migration that later releases do not have any more (its file was renamed in 3.2.0).
constexpr std::int64_t renamed_away = 20170129000348;

/// The line of the version, or the newest one before it.
const Line& line_of(const Version& version) {
    const auto& lines = loaded().lines;
    auto at = lines.upper_bound({version.major, version.minor});
    if (at != lines.begin()) --at;
    return at->second;
}

}  // namespace

namespace catalogue {

std::vector<const Release*> releases() {
    std::vector<const Release*> found;
    for (const Release& release : loaded().releases) found.push_back(&release);
    return found;
}

const Release* find(const Version& version) {
    const Release* release = find_or_before(version);
    const bool is_same = release != nullptr && release->version == without_build(version);
    return is_same ? release : nullptr;
}

const Release* find_or_before(const Version& version) {
    const auto& all = loaded().releases;
    const auto after = std::upper_bound(
        all.begin(), all.end(), without_build(version),
        [](const Version& wanted, const Release& release) { return wanted < release.version; });
    return after == all.begin() ? nullptr : &*std::prev(after);
}

Pending pending(const Version& from, const Version& to) {
    Pending found{};
    const Version after = without_build(from);
    const Version until = without_build(to);
    for (const Release& release : loaded().releases) {
        if (release.version <= after || release.version > until) continue;
        // Every known set is a difference to the nearest older known one, so it covers the untold
        // releases before it: only those at the end leave a gap.
        found.is_complete = release.has_known_migrations;
        const auto add = [](std::vector<Migration>& into, const std::vector<Migration>& more) {
            into.insert(into.end(), more.begin(), more.end());
            std::sort(into.begin(), into.end(),
                      [](const Migration& a, const Migration& b) { return a.id < b.id; });
            into.erase(std::unique(into.begin(), into.end()), into.end());
        };
        add(found.regular, release.regular);
        add(found.post, release.post);
    }
    return found;
}

std::optional<int> minors_between(const Version& from, const Version& to) {
    const auto& lines = loaded().lines;
    const auto place = [&](const Version& version) -> std::optional<int> {
        const auto at = lines.find({version.major, version.minor});
        if (at != lines.end()) return static_cast<int>(std::distance(lines.begin(), at));
        const auto& [major, minor] = lines.rbegin()->first;
        if (version.major != major || version.minor < minor) return std::nullopt;
        return static_cast<int>(lines.size()) - 1 + version.minor - minor;
    };
    const auto first = place(from);
    const auto last = place(to);
    if (!first || !last) return std::nullopt;
    return *last - *first;
}

std::optional<std::vector<Version>> stations(const Version& from, const Version& to) {
    std::vector<Version> found;
    const auto& lines = loaded().lines;
    const auto first = lines.find({from.major, from.minor});
    const auto last = lines.find({to.major, to.minor});
    if (first == lines.end() || last == lines.end()) return std::nullopt;
    for (auto line = std::next(first); line != last && line != lines.end(); ++line) {
        const Release* newest = nullptr;
        for (const Release& release : loaded().releases) {
            if (std::pair(release.version.major, release.version.minor) == line->first) {
                newest = &release;
            }
        }
        if (newest == nullptr) return std::nullopt;
        found.push_back(newest->version);
    }
    return found;
}

const Release* release_with(const std::function<bool(const std::string&)>& is_there) {
    const Release* found = nullptr;
    bool has_any = false;
    for (const Release& release : loaded().releases) {
        for (const auto* part : {&release.regular, &release.post}) {
            for (const Migration& migration : *part) {
                const bool is_gone = migration.id == renamed_away;
                if (!is_gone && !is_there(number_of(migration))) return found;
                has_any = true;
            }
        }
        if (has_any) found = &release;
    }
    return found;
}

std::string number_of(const Migration& migration) {
    const std::string digits = std::to_string(migration.id);
    return std::string(digits.size() < 14 ? 14 - digits.size() : 0, '0') + digits;
}

int postgres_minimum(const Version& version) {
    const Release* release = find_or_before(version);
    return release == nullptr ? 0 : release->postgres_minimum;
}

std::vector<std::string> queues(const Version& version) {
    return line_of(version).queues;
}

std::string supported_until(const Version& version) {
    return line_of(version).supported_until;
}

}  // namespace catalogue
}  // namespace matriarch::specs
