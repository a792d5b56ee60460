// Every line by its first word; Rails' own by its shape. Lines that are neither are passed over.
#include "reconcilers/rehearsed.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

#include "specs/specs.hpp"
#include "specs/values/shown.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::milliseconds;

/// Far above what is real, and far below where sums overflow: a container printed it.
std::int64_t within_reason(double number) {
    constexpr double most = 1e15;
    return number > 0 ? std::llround(std::min(number, most)) : 0;
}

/// It goes to terminals, comments and JSON.
std::string readable(const std::string& text) {
    return matriarch::shown(text, 600);
}

/// "== 20240101000000 AddIndex: migrated (0.1234s) ==="; Rails leaves out the number.
void read_migration(const std::string& line, Rehearsal& rehearsal) {
    const auto end = line.find(": migrated (");
    if (!line.starts_with("== ") || end == std::string::npos) return;
    double seconds = 0;
    const char* number = line.data() + end + 12;
    std::from_chars(number, line.data() + line.size(), seconds);
    std::istringstream words(line.substr(3, end - 3));
    RehearsedMigration one{.took = milliseconds(within_reason(seconds * 1000))};
    words >> one.version >> one.name;
    if (one.name.empty()) std::swap(one.version, one.name);
    one.version = readable(one.version);
    one.name = readable(one.name);
    rehearsal.migrations.push_back(std::move(one));
}

/// A line of the head counts once: what a migration prints does not change it.
void read_head(const std::string& kind, const std::string& value, Rehearsal& rehearsal) {
    const auto time = parse_slot(value);
    if (kind == "version" && rehearsal.version == specs::Version{}) {
        rehearsal.version = specs::parse_version(value).value_or(specs::Version{});
    }
    if (kind == "image" && rehearsal.image_id.empty()) rehearsal.image_id = value;
    if (!time) return;
    if (kind == "slot" && rehearsal.slot == Time{}) rehearsal.slot = *time;
    if (kind == "asked" && rehearsal.asked == Time{}) rehearsal.asked = *time;
    if (kind == "ended" && rehearsal.ended == Time{}) rehearsal.ended = *time;
}

std::string behind(const std::string& line, std::size_t word) {
    return line.size() > word ? readable(line.substr(word)) : "";
}

void read_line(const std::string& line, Rehearsal& rehearsal) {
    read_migration(line, rehearsal);
    std::istringstream words(line);
    std::string kind;
    std::string first;
    double number = 0;
    words >> kind >> first;
    read_head(kind, first, rehearsal);
    if (kind == "phase" && words >> number) {
        RehearsedPhase phase{.name = readable(first), .took = milliseconds(within_reason(number))};
        if (words >> phase.exit_code) rehearsal.phases.push_back(std::move(phase));
    }
    if (kind == "lock") {
        HeldLock lock{.table = readable(first)};
        if (words >> lock.mode >> number) {
            lock.mode = readable(lock.mode);
            lock.held = milliseconds(within_reason(number));
            rehearsal.locks.push_back(std::move(lock));
        }
    }
    std::from_chars(first.data(), first.data() + first.size(), number);
    if (kind == "disk-before") rehearsal.disk_before = Bytes{within_reason(number)};
    if (kind == "disk-peak") rehearsal.disk_peak = Bytes{within_reason(number)};
    if (kind == "memory-peak") rehearsal.memory_peak = Bytes{within_reason(number)};
    if (kind == "calls-out")
        rehearsal.calls_out =
            static_cast<int>(std::min<std::int64_t>(within_reason(number), 1'000'000));
    if (kind == "last-words") rehearsal.last_words = behind(line, 11);
    // Of one that said nothing itself: what the Engine knows.
    if (kind == "log" && rehearsal.phases.empty()) rehearsal.last_words = behind(line, 4);
}

}  // namespace

bool Rehearsal::has_passed() const {
    return !phases.empty() && std::all_of(phases.begin(), phases.end(),
                                          [](const auto& phase) { return phase.exit_code == 0; });
}

milliseconds Rehearsal::took() const {
    milliseconds sum{0};
    for (const RehearsedPhase& phase : phases) sum += phase.took;
    return sum;
}

std::optional<Rehearsal> parse_rehearsal(std::string_view text) {
    Rehearsal rehearsal;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) read_line(line, rehearsal);
    if (rehearsal.ended == Time{}) return std::nullopt;
    std::stable_sort(rehearsal.locks.begin(), rehearsal.locks.end(),
                     [](const HeldLock& a, const HeldLock& b) { return a.held > b.held; });
    return rehearsal;
}

std::string rehearsal_lines(const std::string& output) {
    static const std::set<std::string> words{"phase",       "lock",      "disk-before", "disk-peak",
                                             "memory-peak", "calls-out", "last-words"};
    std::string kept;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        const bool is_migration =
            line.starts_with("== ") && line.find(": migrated (") != std::string::npos;
        if (is_migration || words.contains(line.substr(0, line.find(' ')))) kept += line + "\n";
    }
    return kept;
}

std::string rehearsal_head(const Rehearsal& about) {
    return "version " + to_text(about.version) + "\nimage " + about.image_id + "\nslot " +
           slot_text(about.slot) + "\nasked " + slot_text(about.asked) + "\nended " +
           slot_text(about.ended) + "\n";
}

}  // namespace matriarch::reconcilers
