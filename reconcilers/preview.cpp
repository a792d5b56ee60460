// The planner run to its end on a simulated world; and its result as text.
#include "reconcilers/preview.hpp"

#include <algorithm>

#include "reconcilers/path.hpp"
#include "reconcilers/schema.hpp"
#include "reconcilers/upgrade.hpp"

#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

/// Far above what the longest deployment needs; a plan that long is a loop, and a bug.
constexpr int passes_max = 200;

void count(Plan& plan, const Action& action) {
    const std::string what = verb(action);
    if (what == "create" || what == "pull" || what == "pin") ++plan.creates;
    if (what == "update" || what == "connect" || what == "disconnect" || what == "start" ||
        what == "unpause" || what == "stop") {
        ++plan.updates;
    }
    if (what == "remove") ++plan.removes;
}

void add(Plan& plan, int pass, const Step& step) {
    if (is_wait(step.action)) return;
    count(plan, step.action);
    plan.steps.push_back({.id = std::to_string(plan.steps.size() + 1), .pass = pass, .step = step});
}

void add_migrations(Plan& plan, const Wanted& wanted, const World& world,
                    const Forecast& forecast) {
    if (world.schema.applied.empty()) return;
    const MigrationFiles* known = wanted_migrations(wanted, world);
    plan.are_from_image = known != nullptr;
    const MigrationFiles files =
        known != nullptr ? *known
                         : forecast(specs::resolved_images(wanted.instance).mastodon, world);
    for (const auto* part : {&files.regular, &files.post_deployment}) {
        for (const auto& [version, name] : *part) {
            if (world.schema.applied.contains(version)) continue;
            plan.migrations.push_back({version, name, part == &files.post_deployment});
        }
    }
}

std::string migrations_text(const Plan& plan) {
    constexpr std::size_t shown_at_most = 40;
    if (plan.migrations.empty()) return "";
    std::string text = std::to_string(plan.migrations.size()) + " migrations pending, as the " +
                       (plan.are_from_image ? "image" : "release catalogue") + " says\n";
    for (std::size_t i = 0; i < plan.migrations.size() && i < shown_at_most; ++i) {
        const PendingMigration& one = plan.migrations[i];
        text += "  " + one.version + " " + one.name +
                (one.is_post_deployment ? " (post-deployment)" : "") + "\n";
    }
    if (plan.migrations.size() > shown_at_most) text += "  ...\n";
    return text;
}

/// Jobs of backups come and go, with or without a commit.
Bytes memory_in_use(const World& world) {
    Bytes sum;
    for (const auto& [name, container] : world.containers) {
        if (container.is_alive()) sum.count += container.spec.limits.memory.count;
    }
    return sum;
}

void note_memory(Plan& plan, const World& world) {
    plan.memory_then = memory_in_use(world);
    plan.memory_peak.count = std::max(plan.memory_peak.count, plan.memory_then.count);
}

/// Whatever else is waited for comes at once here; a window opens in days.
std::chrono::milliseconds longest_wait(const Steps& steps) {
    std::chrono::milliseconds longest{0};
    for (const Step& step : steps.steps) {
        const auto* wait = std::get_if<Wait>(&step.action);
        if (wait != nullptr) longest = std::max(longest, wait->again);
    }
    return longest;
}

}  // namespace

Plan preview(const Wanted& wanted, World world, const Forecast& forecast) {
    Plan plan;
    plan.drift = drift(wanted, world);
    const Path path = upgrade_path(wanted, world);
    plan.path = in_words(path, no_room_beside(wanted, world));
    plan.from = path.from;
    plan.to = path.hops.back().version;
    note_memory(plan, world);
    plan.memory_now = plan.memory_then;
    add_migrations(plan, wanted, world, forecast);
    const bool is_report = wanted.instance.drift == specs::DriftPolicy::report;
    for (int pass = 1; pass <= passes_max; ++pass) {
        Steps steps = only_safe(wanted, world, plan_instance(wanted, world));
        restrain(wanted, world, {.puts_nothing_back = is_report}, steps);
        plan.blocked = steps.blocked;
        if (steps.steps.empty()) return plan;
        for (const Step& step : steps.steps) {
            add(plan, pass, step);
            simulate(world, step.action);
        }
        note_memory(plan, world);
        if (!steps.blocked.empty() && steps.changes_nothing()) return plan;
        simulate_time(world, wanted, forecast);
        if (steps.changes_nothing()) world.now += longest_wait(steps);
        note_memory(plan, world);
    }
    plan.blocked.push_back({.code = "does-not-settle",
                            .message = "the plan does not come to an end",
                            .hint = "This is a bug in matriarch. Please report it.",
                            .kind = ErrorKind::failed});
    return plan;
}

std::string to_text(const Plan& plan) {
    std::string text = plan.path.empty() ? "" : plan.path + "\n";
    text += migrations_text(plan);
    int pass = 0;
    for (const PlannedStep& planned : plan.steps) {
        if (planned.pass != pass) text += "pass " + std::to_string(pass = planned.pass) + "\n";
        const Step& step = planned.step;
        text += "  #" + planned.id + " " + in_words(step.action) + ": " + step.reason;
        if (step.downtime != Downtime::none)
            text += std::string(" [downtime: ") + to_text(step.downtime) + "]";
        if (step.reversible != Reversible::yes) {
            text += std::string(" [reversible: ") + to_text(step.reversible) + "]";
        }
        text += "\n";
    }
    for (const Blocked& blocked : plan.blocked) {
        text += "  blocked (" + blocked.code + "): " + blocked.message + "\n";
        if (!blocked.hint.empty()) text += "  HINT: " + blocked.hint + "\n";
    }
    return text;
}

}  // namespace matriarch::reconcilers
