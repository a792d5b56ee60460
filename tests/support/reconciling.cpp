// The same planner and the same simulation that previews use, with the end world handed out.
#include "tests/support/reconciling.hpp"

#include "specs/specs.hpp"

namespace matriarch::reconcilers::testing {

Wanted settled(Wanted wanted) {
    wanted.settled = std::make_shared<const specs::Instance>(wanted.instance);
    return wanted;
}

std::map<std::string, Secret> canary_secrets() {
    std::map<std::string, Secret> secrets;
    for (const char* name :
         {"SECRET_KEY_BASE", "OTP_SECRET", "DB_PASS", "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY",
          "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT", "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY"}) {
        secrets[name] = Secret(std::string("canary-") + name);
    }
    return secrets;
}

Wanted small_instance(const std::string& version) {
    const auto instance = specs::parse_instance_text(
        "instance: alpha\n"
        "domain: alpha.test\n"
        "mastodon: " +
            version +
            "\n"
            "web: {cpus: 1.5}\n"
            "backups: {repository: /srv/backups/alpha}\n",
        "alpha.yaml");
    return {.instance = *instance, .secrets = canary_secrets(), .revision = "0123456789abcdef"};
}

MigrationFiles migrations_of(const specs::ImageRef& image) {
    MigrationFiles files{.regular = {{"20240000000001", "one"}, {"20240000000002", "two"}}};
    const auto version = specs::parse_version(image.tag);
    if (!version) return files;
    if (version->minor >= 5) files.regular["20240000000003"] = "three";
    if (version->minor >= 6) {
        files.post_deployment["20240000000004"] = "drop_four";
        files.regular["20240000000005"] = "five";
    }
    return files;
}

Ending run_to_end(const Wanted& wanted, World world) {
    const Forecast forecast = [](const specs::ImageRef& image, const World&) {
        return migrations_of(image);
    };
    Ending run{.world = std::move(world)};
    for (; run.passes < 300; ++run.passes) {
        const Steps steps = only_safe(wanted, run.world, plan_instance(wanted, run.world));
        run.plan.blocked = steps.blocked;
        run.is_settled = steps.is_settled();
        if (steps.steps.empty()) return run;
        for (const Step& step : steps.steps) {
            if (!is_wait(step.action)) run.plan.steps.push_back({.pass = run.passes, .step = step});
            simulate(run.world, step.action);
        }
        if (!steps.blocked.empty() && steps.changes_nothing()) return run;
        simulate_time(run.world, wanted, forecast);
    }
    return run;
}

World deployed(const Wanted& wanted) {
    return run_to_end(wanted, {}).world;
}

std::string steps_of(const Plan& plan) {
    std::string text;
    for (const PlannedStep& planned : plan.steps) {
        text += in_words(planned.step.action) + ": " + planned.step.reason + "\n";
    }
    return text;
}

}  // namespace matriarch::reconcilers::testing
