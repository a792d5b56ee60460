// drift: what differs from git, since when and why; now, from the controller's book, or by a look
// of our own where no controller runs. Writes nothing.
#include <algorithm>
#include <map>

#include "controller/base/lock.hpp"
#include "controller/base/text.hpp"
#include "controller/cli/commands.hpp"
#include "controller/cli/times.hpp"
#include "controller/loop/drift_book.hpp"
#include "controller/loop/goal.hpp"
#include "controller/loop/pass.hpp"
#include "controller/loop/prepare.hpp"
#include "controller/store/generation.hpp"
#include "reconcilers/drift.hpp"

namespace matriarch::controller {

namespace {

using Drifts = std::vector<RecordedDrift>;

/// What was put right is shown for so long, unless --since says otherwise.
constexpr std::chrono::hours shown_for{24};

/// What was settled last, as a fleet of one.
Fleet fleet_of(const Generation& generation) {
    return with_generation({}, generation);
}

/// One instance as it is now, judged by what was settled last.
Result<DriftSighting> look(const CommonOptions& common, const State& state, Engine& engine,
                           const Generation& generation, std::stop_token stop) {
    const InstanceFolder folder = TRY(state.instance(generation.instance.name));
    const auto patience = std::chrono::milliseconds(1500);
    Observer observer(engine, {}, this_machine(), {.patience = patience, .believes = true});
    const Discovery discovery = TRY(observer.discover({.stop = stop}));
    const specs::Policy policy = TRY(load_policy(common.policy_file));
    const Fleet fleet = fleet_of(generation);
    const auto wanted = TRY(prepare({.fleet = fleet,
                                     .state = state,
                                     .age_key = common.age_key,
                                     .policy = policy,
                                     .engine = engine,
                                     .discovery = discovery},
                                    generation.instance, Purpose::preview, stop));
    const Written written = TRY(written_of(folder));
    const auto world = TRY(observer.observe(wanted, written, discovery, {}, {.stop = stop}));
    return DriftSighting{.instance = generation.instance.name,
                         .revision = generation.revision,
                         .items = reconcilers::drift(wanted, world),
                         .at = world.now};
}

Result<Drifts> looked_at(const CommonOptions& common, const State& state, Drifts history,
                         const std::vector<std::string>& names, std::stop_token stop) {
    const auto engine = TRY(connect_engine(stop));
    Drifts all;
    for (const std::string& name : names) {
        const InstanceFolder folder = TRY(state.instance(name));
        const auto settled = TRY(newest_settled(folder));
        if (!settled) {
            complain({.kind = ErrorKind::invalid,
                      .message = "nothing is known of what " + name + " should be",
                      .hint = "It was never settled here; see matriarch plan."});
            continue;
        }
        Drifts of_instance;
        std::copy_if(history.begin(), history.end(), std::back_inserter(of_instance),
                     [&](const RecordedDrift& drift) { return drift.instance == name; });
        const auto sighting = TRY(look(common, state, *engine, *settled, stop));
        const auto merged = with_history(sighting, of_instance);
        all.insert(all.end(), merged.begin(), merged.end());
    }
    return all;
}

Result<Drifts> find(const CommonOptions& common, const DriftOptions& options,
                    std::stop_token stop) {
    const State state = TRY(state_of(common));
    std::vector<std::string> names = state.instance_names();
    std::erase_if(names, [&](const std::string& name) {
        return !options.instance.empty() && name != options.instance;
    });
    const SystemClock clock;
    WallTime since = clock.now() - shown_for;
    if (!options.since.empty()) since = TRY(parse_since(options.since, clock.now()));
    Drifts history;
    if (const auto journal = Journal::open_to_read(state.journal(), clock)) {
        history = TRY((*journal)->drifts({.instance = options.instance, .ended_since = since}));
    }
    const bool is_known = !names.empty() || !history.empty();
    if (!options.instance.empty() && !is_known) {
        return fail(ErrorKind::invalid, "cannot find instance " + options.instance,
                    "matriarch status lists the ones this host knows.");
    }
    if (Lock::is_held(state.lock())) return history;  // the controller's own look is the newest
    return looked_at(common, state, std::move(history), names, stop);
}

std::vector<std::string> parts_of(const std::string& key) {
    std::vector<std::string> parts{""};
    for (const char c : key) {
        if (c == '.') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

/// "sidekiq.main.memory" -> three lines, each deeper than the one before; what the key before it
/// said already is not said again.
std::string yaml_of(const std::map<std::string, std::string>& lines) {
    std::string text;
    std::vector<std::string> before;
    for (const auto& [key, value] : lines) {
        const auto parts = parts_of(key);
        bool is_said = true;
        for (std::size_t depth = 0; depth < parts.size(); ++depth) {
            is_said = is_said && depth < before.size() && before[depth] == parts[depth];
            if (is_said) continue;
            const bool is_last = depth + 1 == parts.size();
            text += std::string(2 * depth, ' ') + parts[depth] + ":" +
                    (is_last ? " " + value : "") + "\n";
        }
        before = parts;
    }
    return text;
}

int print_acceptance(const CommonOptions& common, const Drifts& drifts, const std::string& name) {
    const auto state = state_of(common);
    if (!state) return failed_with(state.error());
    const auto folder = state->instance(name);
    if (!folder) return failed_with(folder.error());
    const auto settled = newest_settled(*folder);
    if (!settled) return failed_with(settled.error());
    reconcilers::Wanted wanted;
    if (*settled) wanted.instance = (*settled)->instance;
    std::map<std::string, std::string> lines;
    std::string rest;
    for (const RecordedDrift& drift : drifts) {
        if (!drift.is_open()) continue;
        const auto line =
            reconcilers::acceptance_of(wanted, drift.resource, drift.field, drift.actual);
        // Of several containers that share a line, one can be accepted.
        if (line && lines.try_emplace(line->key, line->value).first->second == line->value) {
            continue;
        }
        rest += "# no field can say this: " +
                printable(drift.resource + " " + drift.field + " is " + drift.actual) + "\n";
    }
    if (lines.empty() && rest.empty()) {
        print("# nothing differs from git\n");
        return 0;
    }
    print((lines.empty() ? "" : "# change these lines in the file of " + name + ":\n") +
          yaml_of(lines) + rest);
    return 0;
}

std::string rendered(const Drifts& drifts, OutputForm output) {
    if (output == OutputForm::json) return drift_json(drifts);
    return output == OutputForm::markdown ? drift_markdown(drifts) : drift_text(drifts);
}

}  // namespace

int drift_command(const CommonOptions& common, const DriftOptions& options, std::stop_token stop) {
    const auto drifts = find(common, options, stop);
    if (!drifts) return failed_with(drifts.error());
    if (options.accepts) return print_acceptance(common, *drifts, options.instance);
    print(rendered(*drifts, common.output));
    const bool is_any_open = std::any_of(drifts->begin(), drifts->end(),
                                         [](const auto& drift) { return drift.is_open(); });
    return is_any_open ? 2 : 0;
}

}  // namespace matriarch::controller
