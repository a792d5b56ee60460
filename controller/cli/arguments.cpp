// Every command with its options, its help and an example. Reading only: what a command does is in
// its own file.
#include "controller/cli/arguments.hpp"

#include <CLI/CLI.hpp>

#include "controller/base/log.hpp"
#include "controller/cli/arguments_parts.hpp"
#include "controller/cli/completion.hpp"

namespace matriarch::controller {

namespace {

constexpr const char* exit_codes =
    "Exit codes: 0 done, nothing more to do; 1 error; 2 plan or drift found changes; 3 refused "
    "(policy, disk, memory, unsafe); 4 could not converge; 5 Engine, git or registry not reached; "
    "6 another controller holds the instance; 130 cancelled.";

void add_common(CLI::App& app, Options& options) {
    app.add_option(
        "--state-dir", options.common.state_dir,
        "where matriarch keeps what it must remember (MATRIARCH_STATE, /var/lib/matriarch)");
    app.add_option("-o,--output", options.common.output, "text, json or markdown")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, OutputForm>{{"text", OutputForm::text},
                                              {"json", OutputForm::json},
                                              {"markdown", OutputForm::markdown}}));
    app.add_option("--log-level", options.common.log_level, "debug, info, warn, error or off");
    app.add_flag("--log-json", options.common.log_json, "log lines as JSON");
    app.add_option("--age-key", options.common.age_key, "identity file for age-encrypted secrets");
    app.add_option("--policy", options.common.policy_file,
                   "what this host allows (MATRIARCH_POLICY, /etc/matriarch/policy.yaml)")
        ->envname("MATRIARCH_POLICY");
}

void add_planning(CLI::App& app, Chosen& chosen, Options& options, std::stop_token stop) {
    auto* validate = command(
        app, chosen, "validate", "check a fleet folder, offline", "matriarch validate fleet",
        [&options, stop] { return validate_command(options.common, options.path, stop); });
    validate->add_option("path", options.path, "fleet folder")->required();
    auto* plan = command(app, chosen, "plan", "what applying would do, against the live Engine",
                         "matriarch plan fleet --instance example-social", [&options, stop] {
                             return plan_command(options.common, options.plan, stop);
                         });
    plan->add_option("path", options.plan.path, "fleet folder")->required();
    auto* one = plan->add_option("--instance", options.plan.instance, "only this one");
    auto* out = plan->add_option("--out", options.plan.out, "keep the plan for apply --plan");
    auto* from =
        plan->add_option("--from", options.plan.from, "what a merge would do to this commit")
            ->excludes(one)
            ->excludes(out);
    plan->add_option("--to", options.plan.to, "the commit to be merged (HEAD)")->needs(from);
    plan->add_flag("--note", options.plan.is_noted, "keep it as a git note of --to")->needs(from);
    auto* apply =
        command(app, chosen, "apply", "converge once and exit", "matriarch apply fleet",
                [&options, stop] { return apply_command(options.common, options.apply, stop); });
    auto* path = apply->add_option("path", options.apply.path, "fleet folder");
    auto* kept = apply->add_option("--plan", options.apply.plan_file,
                                   "a plan kept by plan --out; refused when it is stale");
    kept->excludes(path);
    apply->add_option("--instance", options.apply.instance, "only this one")->excludes(kept);
    apply
        ->add_flag("--prune", options.apply.prunes,
                   "remove what runs of instances whose file is gone; their data stays")
        ->excludes(kept);
    duration(apply, "--timeout", options.apply.timeout, "give up after this long (default 30m)");
    apply->parse_complete_callback([path, kept] {
        if (path->count() + kept->count() == 0)
            throw CLI::RequiredError("a fleet folder or --plan");
    });
}

void add_looking(CLI::App& app, Chosen& chosen, Options& options, std::stop_token stop) {
    auto* status =
        command(app, chosen, "status", "each instance: wanted, running, what it waits for",
                "matriarch status -o json",
                [&options] { return status_command(options.common, options.instance); });
    status->add_option("instance", options.instance, "only this one");

    auto* drift =
        command(app, chosen, "drift", "what differs from git, since when, and what did it",
                "matriarch drift example-social --since 7d -o markdown",
                [&options, stop] { return drift_command(options.common, options.drift, stop); });
    auto* of_drift = drift->add_option("instance", options.drift.instance, "only this one");
    drift->add_option("--since", options.drift.since,
                      "also what was put right since then: 24h (default), 7d, 2026-11-22");
    drift
        ->add_flag("--accept", options.drift.accepts,
                   "print the lines of the instance file that would accept it")
        ->needs(of_drift);

    auto* events =
        command(app, chosen, "events", "what happened, newest last", "matriarch events -f",
                [&options, stop] { return events_command(options.common, options.events, stop); });
    events->add_option("instance", options.events.instance, "only this one");
    events->add_flag("-f,--follow", options.events.follow, "go on as more comes");
    events->add_option("-n,--lines", options.events.rows, "how many");

    auto* history = command(app, chosen, "history", "each step that was done, and why",
                            "matriarch history example-social",
                            [&options] { return history_command(options.common, options.events); });
    history->add_option("instance", options.events.instance, "only this one");
    history->add_option("-n,--lines", options.events.rows, "how many");

    auto* logs = command(app, chosen, "logs", "what the containers of one role print",
                         "matriarch logs example-social web -f", [&options, stop] {
                             return logs_command(options.common, options.logs, stop);
                         });
    logs->add_option("instance", options.logs.instance, "instance")->required();
    logs->add_option("role", options.logs.role, "web, sidekiq, postgres, migrate, ...")->required();
    logs->add_flag("-f,--follow", options.logs.follow, "go on as more comes");
    logs->add_option("-n,--lines", options.logs.lines, "how many (0: all)");
}

void add_restore(CLI::App& app, Chosen& chosen, Options& options, std::stop_token stop) {
    RestoreOptions& restore = options.restore;
    auto* sub = command(
        app, chosen, "restore", "bring a backup back: into a database to look at, or in place",
        "matriarch restore example-social --snapshot latest --into look",
        [&options, &restore, stop] {
            restore.instance = options.instance;
            restore.within = std::chrono::duration_cast<std::chrono::seconds>(options.within);
            return restore_command(options.common, restore, stop);
        });
    sub->add_option("instance", options.instance, "instance")->required();
    sub->add_option("--snapshot", restore.snapshot, "latest, or an id that backup list shows");
    sub->add_option("--to-time", restore.to_time,
                    "latest, or a moment like 2026-11-26T10:00:00Z, of the continuous archive");
    sub->add_option("--into", restore.into, "a name: beside everything, reached by nothing");
    sub->add_option("--remove", restore.remove, "takes the database of that name away again");
    sub->add_flag("--yes", restore.is_confirmed, "in place of the database that serves");
    sub->add_flag("--without-backup", restore.is_unsaved,
                  "although the state of now cannot be backed up, and is kept on this host alone");
    duration(sub, "--timeout", options.within, "how long to wait for it (30m)");
}

void add_rehearse(CLI::App& app, Chosen& chosen, Options& options, std::stop_token stop) {
    auto* sub = command(
        app, chosen, "rehearse", "try an upgrade on a restored copy of the newest backup",
        "matriarch rehearse example-social --to v4.6.0", [&options, stop] {
            const auto within = std::chrono::duration_cast<std::chrono::seconds>(options.within);
            return rehearse_command(
                options.common,
                {.instance = options.instance, .to = options.version, .within = within}, stop);
        });
    sub->add_option("instance", options.instance, "instance")->required();
    sub->add_option("--to", options.version, "the release to try (what git wants)");
    duration(sub, "--timeout", options.within, "how long to wait for it (30m)");
}

void add_backups(CLI::App& app, Chosen& chosen, Options& options, std::stop_token stop) {
    CLI::App* backup = app.add_subcommand("backup", "backups of an instance: run, list, verify");
    backup->require_subcommand(1);
    const auto wish = [&](const char* name, const char* help, Wish what) {
        auto* sub = command(
            *backup, chosen, name, help,
            std::string("matriarch backup ") + name + " example-social", [&options, stop, what] {
                const auto within =
                    std::chrono::duration_cast<std::chrono::seconds>(options.within);
                return backup_command(options.common, options.instance, what, within, stop);
            });
        sub->add_option("instance", options.instance, "instance")->required();
        duration(sub, "--timeout", options.within, "how long to wait for it (30m)");
    };
    wish("run", "ask the controller for a backup now, and wait for it", Wish::backup);
    wish("verify", "have the newest backup restored for practice, and wait for it", Wish::drill);
    add_restore(app, chosen, options, stop);
    add_rehearse(app, chosen, options, stop);
    command(*backup, chosen, "list", "what the repository is known to have",
            "matriarch backup list example-social",
            [&options] { return backups_command(options.common, options.instance); })
        ->add_option("instance", options.instance, "instance")
        ->required();
}

void add_rest(CLI::App& app, Chosen& chosen, Options& options, std::stop_token stop) {
    auto* suspend = command(
        app, chosen, "suspend", "hold an instance: only look, change nothing",
        "matriarch suspend example-social --reason 'moving house'",
        [&options] { return suspend_command(options.common, options.instance, options.reason); });
    suspend->add_option("instance", options.instance, "instance")->required();
    suspend->add_option("--reason", options.reason, "why, for the status");
    const auto on_one = [&](const std::string& name, const char* help, Chosen what) {
        command(app, chosen, name, help, "matriarch " + name + " example-social", std::move(what))
            ->add_option("instance", options.instance, "instance")
            ->required();
    };
    on_one("resume", "go on with a suspended instance",
           [&options] { return resume_command(options.common, options.instance); });
    on_one("rollback", "go back to the commit before that was settled, if the schema allows",
           [&options, stop] { return rollback_command(options.common, options.instance, stop); });
    on_one("take-over", "hold an instance that another controller held, for good",
           [&options, stop] { return take_over_command(options.common, options.instance, stop); });
    command(app, chosen, "doctor", "look at this host before anything is entrusted to it",
            "matriarch doctor", [&options, stop] { return doctor_command(options.common, stop); });
    command(app, chosen, "schema", "JSON Schema of an instance file, for editors",
            "matriarch schema > instance.schema.json", [] { return schema_command(); });
    auto* completion = command(app, chosen, "completion", "completion script for bash, zsh or fish",
                               "matriarch completion bash > /etc/bash_completion.d/matriarch",
                               [&app, &options] { return completion_command(app, options.shell); });
    completion->add_option("shell", options.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace

int run_arguments(int count, const char* const* arguments, std::stop_token stop) {
    CLI::App app(
        "matriarch keeps Mastodon servers on Docker the way a git repository says they should be.",
        "matriarch");
    app.footer(exit_codes);
    app.require_subcommand(1);
    app.fallthrough();
    app.set_version_flag("--version", "matriarch 0.1.0");
    Options options;
    Chosen chosen;
    add_common(app, options);
    add_planning(app, chosen, options, stop);
    add_run(app, chosen, options, stop);
    add_propose(app, chosen, options, stop);
    add_looking(app, chosen, options, stop);
    add_backups(app, chosen, options, stop);
    add_rest(app, chosen, options, stop);
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 1;
    }
    const auto level = log::parse_level(options.common.log_level);
    if (!level) return failed_with(level.error());
    log::configure({.level = *level,
                    .format = options.common.log_json ? log::Format::json : log::Format::text});
    const int code = chosen();
    return stop.stop_requested() && code != 0 ? exit_code(ErrorKind::stopped) : code;
}

}  // namespace matriarch::controller
