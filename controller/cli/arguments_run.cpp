// The commands that are told where the fleet is: run and propose; and what all commands share.
#include <CLI/CLI.hpp>

#include "controller/cli/arguments_parts.hpp"

namespace matriarch::controller {

CLI::App* command(CLI::App& app, Chosen& chosen, const std::string& name, const std::string& help,
                  const std::string& example, Chosen what) {
    CLI::App* sub = app.add_subcommand(name, help);
    sub->footer("Example: " + example);
    sub->callback([&chosen, what = std::move(what)] { chosen = what; });
    return sub;
}

CLI::Option* duration(CLI::App* command, const std::string& name, std::chrono::milliseconds& value,
                      const std::string& help) {
    const auto read = [&value](const std::string& text) {
        const auto parsed = parse_duration(text);
        if (!parsed) throw CLI::ValidationError(to_text(parsed.error()));
        value = *parsed;
    };
    return command->add_option_function<std::string>(name, read, help);
}

namespace {

/// Where the fleet is, and what opens it.
void add_source(CLI::App* command, git::Source& source) {
    command->add_option("--repo", source.url, "https://, ssh://, user@host:path, file:// or a path")
        ->required();
    command->add_option("--branch", source.branch, "branch (the remote's default)");
    command->add_option("--path", source.path, "fleet folder inside the repository");
    command->add_option("--token-file", source.token_file, "file (0600) with the token for https");
    command->add_option("--ca-file", source.ca_file, "certificate authority of the git server");
    command->add_option("--ssh-key", source.ssh_key_file, "private key for ssh");
    command->add_option("--known-hosts", source.known_hosts_file, "known_hosts file for ssh");
    command->add_flag("--allow-insecure", source.allow_insecure,
                      "allow http:// and git:// to other hosts");
}

}  // namespace

void add_propose(CLI::App& app, Chosen& chosen, Options& options, std::stop_token stop) {
    auto* propose = command(
        app, chosen, "propose", "open a branch or pull request for each release that is out",
        "matriarch propose --repo https://git.example/fleet.git --branch main --path fleet",
        [&options, stop] { return propose_command(options.common, options.propose, stop); });
    add_source(propose, options.propose.source);
    propose->add_option("--forge", options.propose.forge_file,
                        "where pull requests are opened (/etc/matriarch/forge.yaml)");
}

void add_run(CLI::App& app, Chosen& chosen, Options& options, std::stop_token stop) {
    auto& controller = options.run.controller;
    auto& source = controller.watch.source;
    auto* run =
        command(app, chosen, "run", "the controller: watch git and keep Docker that way",
                "matriarch run --repo https://git.example/fleet.git --branch main --path fleet",
                [&options, stop] {
                    options.run.controller.age_key = options.common.age_key;
                    return run_command(options.common, options.run, stop);
                });
    add_source(run, source);
    run->add_flag("--prune", controller.prunes,
                  "remove what runs of an instance whose file is gone; its data stays");
    run->add_flag("--allow-rewrite", controller.watch.allow_rewrite, "take force-pushed commits");
    duration(run, "--poll", controller.watch.poll, "how often git is asked (default 1m)");
    duration(run, "--interval", controller.interval, "full look at least this often (default 30s)");
    run->add_option("--listen", options.run.listen, "ADDRESS:PORT for status, metrics and webhook");
    run->add_option("--webhook-secret-file", options.run.webhook_secret_file,
                    "file (0600) with the webhook's secret; without it the webhook is off");
    run->add_option("--notify", options.run.notify_file,
                    "who is told of trouble (/etc/matriarch/notify.yaml)");
    run->add_option("--forge", options.run.forge_file,
                    "where pull requests are reviewed (/etc/matriarch/forge.yaml)");
    duration(run, "--propose-every", options.run.propose_every,
             "look for releases this often, and propose them: 6h (off)");
    run->add_option("--drift-branch", controller.drift_branch.source.branch,
                    "write drift reports to this branch of the repository: matriarch/drift");
    duration(run, "--drift-every", controller.drift_branch.every, "at most so often (default 5m)");
    run->add_option("--host-name", options.run.host_names, "names under which this may be reached");
}

}  // namespace matriarch::controller
