// matriarch: signals, the hidden git child, and the command that was asked for. Nothing else.
#include <csignal>
#include <cstring>
#include <stop_token>
#include <string_view>
#include <thread>

#include "controller/cli/arguments.hpp"
#include "controller/git/reader.hpp"
#include "controller/git/worker.hpp"

namespace {

/// SIGTERM and SIGINT ask all threads to stop; every wait in the program listens to the token.
void watch_signals(std::stop_source& source) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGUSR2);  // ends the watching itself
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::thread([&source, signals] {
        int caught = 0;
        while (sigwait(&signals, &caught) == 0 && caught != SIGUSR2) source.request_stop();
    }).detach();
}

}  // namespace

int main(int count, char** arguments) {
    if (count == 2 && std::strcmp(arguments[1], "git-worker") == 0) {
        return matriarch::git::git_worker_main();
    }
    // These two wait for nothing but a folder in git and, if at all, the Engine.
    const std::string_view command = count > 1 ? arguments[1] : "";
    if (command == "plan" || command == "validate") matriarch::git::fork_reader();
    // A reader that goes away (`matriarch events -f | head`) is no reason to die by signal
    // elsewhere.
    std::signal(SIGPIPE, SIG_IGN);
    static std::stop_source source;
    watch_signals(source);
    return matriarch::controller::run_arguments(count, arguments, source.get_token());
}
