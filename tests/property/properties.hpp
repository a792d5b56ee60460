// The properties of reliability.md, section 4, each by its number: what they look at, and the list.
//
// A property is a function from a Scene to what is wrong with it, in words; nothing: it holds.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/loop/pass.hpp"
#include "tests/model/simulated_engine.hpp"

namespace matriarch::property {

using reconcilers::Time;
using reconcilers::Wanted;

/// One moment of a run.
struct Scene {
    const model::SimulatedHost& host;
    const Wanted& wanted;
    const reconcilers::Names& names;
    /// What was wanted before, where something was.
    const Wanted* previous{nullptr};
    const reconcilers::Identity& identity;
    /// Ids that were inspected or listed since the pass began.
    const std::set<std::string>& seen;
    /// Ids of the web containers that answered when the pass began.
    const std::set<std::string>& answering;
    Time pass_began{};
    /// Whether people, restarts or late requests came in between since the pass began: then what is
    /// done may rest on what was true a moment ago.
    bool is_surprised{false};
    /// Nothing but the calls' own faults has come in between since the run began.
    bool is_calm{false};
    /// As calm as now, people were served when the call before this one began.
    bool was_served{false};
    /// A backup was restored, and nobody has said to go on.
    bool is_held{false};
    /// One takes the place of what serves: a person asked for that.
    bool is_restoring{false};
    /// The instance left the fleet, and goes: nobody need be served.
    bool is_removed{false};
    /// A person has removed a data volume.
    bool is_volume_lost{false};
    /// An intent was written down and not yet concluded.
    bool has_intent{false};
    /// Data volume -> which making of it held data first.
    const std::map<std::string, int>& held;
    /// The call that begins; null: between calls.
    const model::CallMade* call{nullptr};
    /// Of a pass that has ended; null: none has.
    const controller::PassResult* result{nullptr};
};

using Finding = std::optional<std::string>;

/// When a property is asked.
enum class Moment { before_call, after_call, after_pass };

struct Property {
    const char* id{""};
    const char* words{""};
    Moment moment{Moment::before_call};
    Finding (*check)(const Scene&){nullptr};
};

/// Safety: S1 to S6, S8 to S13, and S16, that no job in hand is cut off. (S7, S14, S15: see
/// README.md.)
[[nodiscard]] const std::vector<Property>& safety_properties();

/// Whether people are sent to a web container that answers them.
[[nodiscard]] bool is_served(const model::SimulatedHost& host, const Wanted& wanted);

/// The end of a run without what may differ between runs: ids, times, uuids.
[[nodiscard]] std::string projection(const model::SimulatedHost& host, const Wanted& wanted);

/// Whether the host stands as wanted, judged from the host alone. Nothing: it does.
[[nodiscard]] Finding is_as_wanted(const model::SimulatedHost& host, const Wanted& wanted);

/// Whether nothing runs any more of an instance that left the fleet. Nothing: it does not.
[[nodiscard]] Finding is_gone(const model::SimulatedHost& host, const Wanted& wanted);

}  // namespace matriarch::property
