// Commands and their long options; arguments complete as files.
#include "controller/cli/completion.hpp"

#include <CLI/CLI.hpp>

#include "controller/cli/session.hpp"

namespace matriarch::controller {

namespace {

std::string long_options(const CLI::App& command) {
    std::string words;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames())
            words += (words.empty() ? "--" : " --") + name;
    }
    return words;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands(
        [](const CLI::App* command) { return !command->get_name().empty(); });
}

std::string bash(const CLI::App& app) {
    std::string commands;
    std::string cases;
    for (const CLI::App* command : commands_of(app)) {
        commands += (commands.empty() ? "" : " ") + command->get_name();
        cases += "        " + command->get_name() + ") words=\"" + long_options(*command) + " " +
                 long_options(app) + "\" ;;\n";
    }
    return "_matriarch() {\n    local current=${COMP_WORDS[COMP_CWORD]} words=\"" + commands +
           "\"\n    case ${COMP_WORDS[1]} in\n" + cases +
           "    esac\n    if [[ $current == -* || $COMP_CWORD -eq 1 ]]; then\n"
           "        COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n    else\n"
           "        COMPREPLY=($(compgen -f -- \"$current\"))\n    fi\n}\n"
           "complete -o filenames -F _matriarch matriarch\n";
}

std::string fish(const CLI::App& app) {
    std::string script = "complete -c matriarch -f\n";
    for (const CLI::App* command : commands_of(app)) {
        script += "complete -c matriarch -n __fish_use_subcommand -a " + command->get_name() +
                  " -d '" + command->get_description() + "'\n";
        for (const CLI::Option* option : command->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                script += "complete -c matriarch -n '__fish_seen_subcommand_from " +
                          command->get_name() + "' -l " + name + "\n";
            }
        }
    }
    return script;
}

}  // namespace

int completion_command(const CLI::App& app, const std::string& shell) {
    if (shell == "fish") {
        print(fish(app));
    } else {
        // zsh reads bash's completions once bashcompinit is loaded.
        print((shell == "zsh" ? "autoload -Uz compinit bashcompinit && compinit && bashcompinit\n"
                              : "") +
              bash(app));
    }
    return 0;
}

}  // namespace matriarch::controller
