// What is known of backups: which times of their schedules have come, and what the repository has.
//
// Each job with restic ends with a list. The newest that a finished job printed counts; a copy of
// it is kept, since the job goes when the next one comes. Both may be lost: then it is asked anew.
#include <boost/json.hpp>
#include <charconv>
#include <sstream>

#include "controller/engine/wire_fields.hpp"
#include "controller/loop/calendar.hpp"
#include "controller/loop/observe.hpp"
#include "reconcilers/archive.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/labels.hpp"

namespace matriarch::controller {

namespace json = boost::json;
namespace label = reconcilers::label;
using reconcilers::ObservedRepository;
using reconcilers::Snapshot;
using reconcilers::Time;

namespace {

std::string text_of(const json::object& object, const char* key) {
    const json::value* const value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

void read_tag(const std::string& tag, Snapshot& snapshot) {
    const auto time_behind = [&](const char* prefix, Time& time) {
        if (!tag.starts_with(prefix)) return;
        if (const auto read = reconcilers::parse_slot(tag.substr(std::string(prefix).size()))) {
            time = *read;
        }
    };
    if (tag == reconcilers::database_kind || tag == reconcilers::media_kind) snapshot.kind = tag;
    if (tag == "complete") snapshot.is_complete = true;
    if (tag == "verified") snapshot.is_verified = true;
    if (tag.starts_with("recovery=")) {
        std::int64_t seconds = 0;
        std::from_chars(tag.data() + 9, tag.data() + tag.size(), seconds);
        snapshot.recovery = std::chrono::seconds(seconds);
    }
    if (tag.starts_with("system=")) snapshot.system = tag.substr(7);
    time_behind("slot=", snapshot.slot);
    time_behind("drill=", snapshot.drilled);
    time_behind("taken=", snapshot.taken);
}

/// Nothing: it is none that we made.
std::optional<Snapshot> read_snapshot(const json::value& value) {
    if (!value.is_object()) return std::nullopt;
    Snapshot snapshot{.id = text_of(value.as_object(), "id"),
                      .original = text_of(value.as_object(), "original")};
    const json::value* const tags = value.as_object().if_contains("tags");
    if (snapshot.id.empty() || tags == nullptr || !tags->is_array()) return std::nullopt;
    for (const json::value& tag : tags->as_array()) {
        if (tag.is_string()) read_tag(std::string(tag.as_string()), snapshot);
    }
    if (snapshot.kind.empty() || snapshot.slot == Time{}) return std::nullopt;
    return snapshot;
}

/// The text behind a word at the beginning of a line.
std::optional<std::string> line_behind(const std::string& output, const std::string& word) {
    std::size_t from = 0;
    while (from < output.size()) {
        const auto end = std::min(output.find('\n', from), output.size());
        const std::string line = output.substr(from, end - from);
        if (line.starts_with(word)) return line.substr(word.size());
        from = end + 1;
    }
    return std::nullopt;
}

}  // namespace

std::string repository_fact(const specs::Instance& instance) {
    return "repository " + instance.name + " " + reconcilers::repository_key(instance);
}

/// When it was listed, and what the job printed.
std::optional<ObservedRepository> parse_repository_fact(const std::string& text) {
    const auto when = line_behind(text, "listed ");
    auto repository = parse_repository(text);
    if (!when || !repository) return std::nullopt;
    std::int64_t count = 0;
    std::from_chars(when->data(), when->data() + when->size(), count);
    repository->listed_at = Time(std::chrono::milliseconds(count));
    return repository;
}

std::optional<ObservedRepository> parse_repository(const std::string& output) {
    const auto id = line_behind(output, "repository ");
    const auto list = line_behind(output, "snapshots ");
    if (!id || id->empty() || !list) return std::nullopt;
    boost::system::error_code error;
    const json::value parsed = json::parse(*list, error);
    if (error || (!parsed.is_array() && !parsed.is_null())) return std::nullopt;
    ObservedRepository repository{.is_known = true, .id = *id};
    if (parsed.is_null()) return repository;
    for (const json::value& value : parsed.as_array()) {
        if (auto snapshot = read_snapshot(value)) repository.snapshots.push_back(*snapshot);
    }
    return repository;
}

std::optional<reconcilers::FetchedSet> parse_fetched_set(const std::string& output) {
    reconcilers::FetchedSet set;
    const auto slot = reconcilers::parse_slot(line_behind(output, "set slot ").value_or(""));
    if (!slot) return std::nullopt;
    set.slot = *slot;
    set.domain = line_behind(output, "set domain ").value_or("");
    const auto number_behind = [&](const char* word, auto& number) {
        const std::string text = line_behind(output, word).value_or("");
        std::from_chars(text.data(), text.data() + text.size(), number);
    };
    number_behind("set postgres ", set.postgres);
    number_behind("set size ", set.size);
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("set image ")) set.web_images.push_back(line.substr(10));
    }
    return set;
}

void Observer::schedules(const Wanted& wanted, const Requests& requests, World& world) const {
    const std::string volume = reconcilers::Names(wanted.instance).postgres_volume;
    const auto known = world.identity.volumes.find(volume);
    const bool is_deployed =
        known != world.identity.volumes.end() && !known->second.created_at.empty();
    world.deployed_at = world.now;
    if (is_deployed)
        world.deployed_at = wire::parse_time(known->second.created_at).value_or(Time{});
    if (!keeps_schedules_) return;
    const specs::Backups& backups = wanted.instance.backups;
    // What a person asked for is a time of its own; one of the future is of a clock that went back.
    const auto come = [&](const specs::Schedule& schedule, const std::optional<Time>& asked) {
        const auto slot = last_slot(schedule.text, world.deployed_at, world.now);
        return asked && *asked <= world.now ? std::max(slot, asked) : slot;
    };
    // Before another one takes its place, the state of now is backed up.
    const auto& wish = requests.restore;
    const auto saved =
        wish && wish->is_saved ? std::max(requests.backup, {wish->asked}) : requests.backup;
    world.due = {.is_kept = true,
                 .database = come(backups.database.schedule, saved),
                 .media = come(backups.media.schedule, requests.backup),
                 .drill = come(backups.drill.schedule, requests.drill),
                 .base = come(backups.database.schedule, std::nullopt)};
    if (reconcilers::cleans_cache(wanted.instance)) {
        // A full disk does not wait for the schedule.
        const auto now =
            world.surroundings.has_no_ballast
                ? std::optional<Time>(std::chrono::floor<std::chrono::hours>(world.now))
                : std::nullopt;
        world.due.cache = come(wanted.instance.storage.cache.schedule, now);
    }
}

Result<void> Observer::repository(const Wanted& wanted, World& world, const Call& call) {
    const std::string key = repository_fact(wanted.instance);
    const auto copy = facts_.load ? facts_.load(key) : std::nullopt;
    if (copy) world.repository = parse_repository_fact(*copy).value_or(ObservedRepository{});
    for (const auto& [name, container] : world.containers) {
        const auto& labels = container.spec.labels;
        const bool is_recovered = container.spec.role == reconcilers::recover_role;
        if (is_recovered && container.has_exited() && container.exit_code == 0) {
            world.fetched = parse_fetched_set(TRY(engine_.logs(container.id, 0, call)).out);
        }
        const auto where = labels.find(label::repository);
        const bool is_ours = reconcilers::is_repository_role(container.spec.role) &&
                             where != labels.end() &&
                             where->second == reconcilers::repository_key(wanted.instance);
        if (!is_ours || !container.has_exited() || container.exit_code != 0) continue;
        if (container.spec.role == reconcilers::restore_fetch_role) {
            world.fetched = parse_fetched_set(TRY(engine_.logs(container.id, 0, call)).out);
        }
        if (world.repository.is_known && world.repository.listed_at >= container.finished_at) {
            continue;
        }
        const Output output = TRY(engine_.logs(container.id, 0, call));
        auto listed = parse_repository(output.out);
        if (!listed) continue;
        listed->listed_at = container.finished_at;
        world.repository = std::move(*listed);
        const auto count = container.finished_at.time_since_epoch().count();
        if (facts_.save) facts_.save(key, "listed " + std::to_string(count) + "\n" + output.out);
    }
    return {};
}

}  // namespace matriarch::controller
