// The commands. Each returns its exit code (see the table in controller/README.md).
#pragma once

#include <stop_token>
#include <string>

#include "controller/cli/session.hpp"
#include "controller/loop/controller.hpp"

namespace matriarch::controller {

struct PlanOptions {
    std::string path{};
    std::string instance{};
    /// Where to keep the plan for `apply --plan`.
    std::string out{};
    /// Two commits of the repository around the folder: what merging the second would do, where the
    /// first one is in force.
    std::string from{};
    std::string to{"HEAD"};
    /// Also written down in the repository, as a git note of the second commit.
    bool is_noted{false};
};

struct ApplyOptions {
    std::string path{};
    std::string instance{};
    /// A kept plan: applied only if planning again gives the same.
    std::string plan_file{};
    std::chrono::milliseconds timeout{std::chrono::minutes(30)};
    /// What runs of instances whose file is gone is removed.
    bool prunes{false};
};

struct RunOptions {
    ControllerOptions controller{};
    /// ADDRESS:PORT; empty: nothing listens.
    std::string listen{};
    std::string webhook_secret_file{};
    std::vector<std::string> host_names{};
    /// Who is told of trouble; empty: /etc/matriarch/notify.yaml, where there is one.
    std::string notify_file{};
    /// Where pull requests are reviewed; empty: /etc/matriarch/forge.yaml, where there is one.
    std::string forge_file{};
    /// How often releases are looked for; 0: never.
    std::chrono::milliseconds propose_every{0};
};

struct ProposeOptions {
    git::Source source{};
    std::string forge_file{};
};

struct LogOptions {
    std::string instance{};
    std::string role{};
    bool follow{false};
    int lines{100};
};

struct DriftOptions {
    std::string instance{};
    /// Also what was put right since then; empty: in the last day.
    std::string since{};
    /// Prints the lines of the instance file that would make what is there the wish.
    bool accepts{false};
};

struct EventOptions {
    std::string instance{};
    bool follow{false};
    int rows{50};
};

enum class Wish { backup, drill };

struct RehearseOptions {
    std::string instance{};
    /// "v4.6.0"; empty: what git wants.
    std::string to{};
    std::chrono::seconds within{1800};
};

struct RestoreOptions {
    std::string instance{};
    std::string snapshot{};
    /// A moment, or "latest": from the archive.
    std::string to_time{};
    /// Names of databases to look into.
    std::string into{};
    std::string remove{};
    bool is_confirmed{false};
    bool is_unsaved{false};
    std::chrono::seconds within{};
};

[[nodiscard]] int validate_command(const CommonOptions& common, const std::string& path,
                                   std::stop_token stop);
[[nodiscard]] int plan_command(const CommonOptions& common, const PlanOptions& options,
                               std::stop_token stop);
[[nodiscard]] int apply_command(const CommonOptions& common, const ApplyOptions& options,
                                std::stop_token stop);
[[nodiscard]] int run_command(const CommonOptions& common, const RunOptions& options,
                              std::stop_token stop);
/// Opens branches and pull requests for the releases that are out, once.
[[nodiscard]] int propose_command(const CommonOptions& common, const ProposeOptions& options,
                                  std::stop_token stop);
[[nodiscard]] int status_command(const CommonOptions& common, const std::string& instance);
[[nodiscard]] int drift_command(const CommonOptions& common, const DriftOptions& options,
                                std::stop_token stop);
[[nodiscard]] int events_command(const CommonOptions& common, const EventOptions& options,
                                 std::stop_token stop);
[[nodiscard]] int history_command(const CommonOptions& common, const EventOptions& options);
[[nodiscard]] int logs_command(const CommonOptions& common, const LogOptions& options,
                               std::stop_token stop);
[[nodiscard]] int suspend_command(const CommonOptions& common, const std::string& instance,
                                  const std::string& reason);
[[nodiscard]] int resume_command(const CommonOptions& common, const std::string& instance);
[[nodiscard]] int rollback_command(const CommonOptions& common, const std::string& instance,
                                   std::stop_token stop);
[[nodiscard]] int take_over_command(const CommonOptions& common, const std::string& instance,
                                    std::stop_token stop);
/// Asks the controller for a backup, or for a drill, and waits for what becomes of it.
[[nodiscard]] int backup_command(const CommonOptions& common, const std::string& instance,
                                 Wish wish, std::chrono::seconds timeout, std::stop_token stop);
[[nodiscard]] int backups_command(const CommonOptions& common, const std::string& instance);
/// Asks the controller to bring a backup back, and waits for what becomes of it.
[[nodiscard]] int restore_command(const CommonOptions& common, const RestoreOptions& options,
                                  std::stop_token stop);
/// Asks the controller to try an upgrade on a restored copy, and waits for what becomes of it.
[[nodiscard]] int rehearse_command(const CommonOptions& common, const RehearseOptions& options,
                                   std::stop_token stop);
[[nodiscard]] int doctor_command(const CommonOptions& common, std::stop_token stop);
[[nodiscard]] int schema_command();

}  // namespace matriarch::controller
