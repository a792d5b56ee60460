// A line for each repository: its name, then its releases, urgent ones with a mark behind them.
#include "controller/store/releases.hpp"

#include <sstream>

#include "controller/base/files.hpp"

namespace matriarch::controller {

namespace {

constexpr std::size_t bytes_max = 1 << 20;

}  // namespace

std::string print_releases(const SeenReleases& seen) {
    std::string text;
    for (const auto& [repository, releases] : seen) {
        text += repository;
        for (const auto& [version, is_urgent] : releases) {
            text += " " + to_text(version) + (is_urgent ? "!" : "");
        }
        text += "\n";
    }
    return text;
}

SeenReleases parse_releases(const std::string& text) {
    SeenReleases seen;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string repository;
        if (!(words >> repository)) continue;
        for (std::string word; words >> word;) {
            const bool is_urgent = word.ends_with('!');
            if (is_urgent) word.pop_back();
            if (const auto version = specs::parse_version(word)) {
                seen[repository][*version] = is_urgent;
            }
        }
    }
    return seen;
}

Result<void> keep_releases(const State& state, const SeenReleases& seen) {
    return write_file(state.releases(), print_releases(seen), {.is_durable = false});
}

SeenReleases load_releases(const State& state) {
    const auto text = read_file(state.releases(), bytes_max);
    return text && *text ? parse_releases(**text) : SeenReleases{};
}

}  // namespace matriarch::controller
