// The pieces that commands share.
#include "controller/cli/session.hpp"

#include <unistd.h>

#include <cstdio>

#include "controller/base/files.hpp"
#include "controller/engine/connect.hpp"
#include "reconcilers/labels.hpp"
#include "specs/yaml.hpp"

namespace matriarch::controller {

namespace {

constexpr std::chrono::seconds engine_answers_within{10};

}  // namespace

void print(const std::string& data) {
    std::fwrite(data.data(), 1, data.size(), stdout);
    if (data.empty() || data.back() != '\n') std::fputc('\n', stdout);
    std::fflush(stdout);
}

void complain(const Error& error) {
    const std::string text = "matriarch: " + to_text(error) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
}

int failed_with(const Error& error) {
    complain(error);
    return exit_code(error.kind);
}

int refused_with(const std::vector<Error>& problems, OutputForm output) {
    if (output == OutputForm::json) {
        print(error_json(problems));
    } else {
        for (const Error& problem : problems) {
            const std::string text = to_text(problem) + "\n";
            std::fwrite(text.data(), 1, text.size(), stderr);
        }
        const std::string count =
            std::to_string(problems.size()) + (problems.size() == 1 ? " problem\n" : " problems\n");
        std::fwrite(count.data(), 1, count.size(), stderr);
    }
    return exit_code(problems.front().kind);
}

Result<std::unique_ptr<Engine>> connect_engine(std::stop_token stop) {
    const Endpoint endpoint = TRY(endpoint_from_environment());
    return connect(endpoint, {.within = engine_answers_within, .stop = stop});
}

Result<std::unique_ptr<Engine>> connect_eagerly(std::stop_token stop) {
    const Endpoint endpoint = TRY(endpoint_from_environment());
    return connect_eagerly(endpoint, reconcilers::label::instance,
                           {.within = engine_answers_within, .stop = stop});
}

Result<std::vector<specs::Instance>> chosen(const Fleet& fleet, const std::string& only) {
    std::vector<specs::Instance> instances;
    for (const auto& [name, instance] : fleet.instances) {
        if (only.empty() || only == name) instances.push_back(instance);
    }
    if (instances.empty()) {
        return fail(ErrorKind::invalid,
                    only.empty() ? "cannot find any instance in the folder"
                                 : "cannot find instance " + only + " in the folder",
                    "An instance file has at least the lines instance, domain and mastodon.");
    }
    return instances;
}

Result<State> state_of(const CommonOptions& common) {
    return find_state(common.state_dir.empty() ? std::nullopt : std::optional(common.state_dir));
}

Result<specs::Policy> load_policy(const std::string& option) {
    const std::string path = option.empty() ? "/etc/matriarch/policy.yaml" : option;
    const auto text = TRY(read_file(path, 64 * 1024));
    if (!text && !option.empty()) {
        return fail(ErrorKind::invalid, "cannot read policy " + path + ": there is no such file");
    }
    if (!text) return specs::Policy{};
    return specs::parse_policy(TRY(specs::parse_yaml(*text, path)));
}

Result<std::optional<specs::Node>> load_host_file(const std::string& option, const char* usual) {
    const std::string path = option.empty() ? usual : option;
    const auto text = TRY(read_file(path, 64 * 1024));
    if (text) return TRY(specs::parse_yaml(*text, path));
    if (option.empty()) return std::nullopt;
    return fail(ErrorKind::invalid, "cannot read " + path + ": there is no such file");
}

bool is_terminal() {
    return isatty(STDERR_FILENO) == 1;
}

}  // namespace matriarch::controller
