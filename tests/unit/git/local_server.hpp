// A program that serves on loopback for the length of a test. For tests only.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace matriarch::git {

class LocalServer {
 public:
    /// Starts a program; its output is read by first_line().
    explicit LocalServer(const std::vector<std::string>& arguments);
    LocalServer(const LocalServer&) = delete;
    LocalServer& operator=(const LocalServer&) = delete;
    /// Ends it by its pid.
    ~LocalServer();

    /// The first line it prints; waits for it.
    [[nodiscard]] std::string first_line() const;

 private:
    pid_t pid_{-1};
    int output_{-1};
};

/// A port of loopback that nobody listens on just now.
[[nodiscard]] int free_port();

/// Waits until somebody listens on a port of loopback. False: nobody did for 10 s.
[[nodiscard]] bool wait_for_port(int port);

/// Runs a shell command; throws with its output if it fails.
std::string run(const std::string& command);

}  // namespace matriarch::git
