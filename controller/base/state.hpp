// State: where matriarch keeps what it must remember, and the names of the files in there.
//
// Names are made here only, so that two parts never mean different files. Nothing here reads them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "specs/values/result.hpp"

namespace matriarch::controller {

/// The places of one instance, under STATE/instances/NAME:
///
///     lock            who holds the instance
///     identity        who its data volumes are
///     secrets.env     what was generated for it
///     suspended       why nothing is changed, where it is suspended
///     failures        what failed and is not tried again as it is
///     settled         the newest generation that was settled, and settled-before the one before
///     let-through     the version that its wave has let it begin with
///     rolled-back     the generation that a person went back to, where one did
///     requests        when a person last asked for a backup, and for a drill
///     status.json     newest status, for `matriarch status`
///
/// Made by State::instance only, so the name has been checked.
struct InstanceFolder {
    std::string name{};
    std::filesystem::path root{};

    [[nodiscard]] std::filesystem::path lock() const { return root / "lock"; }
    [[nodiscard]] std::filesystem::path identity() const { return root / "identity"; }
    [[nodiscard]] std::filesystem::path secrets() const { return root / "secrets.env"; }
    [[nodiscard]] std::filesystem::path suspended() const { return root / "suspended"; }
    [[nodiscard]] std::filesystem::path failures() const { return root / "failures"; }
    [[nodiscard]] std::filesystem::path settled() const { return root / "settled"; }
    [[nodiscard]] std::filesystem::path settled_before() const { return root / "settled-before"; }
    [[nodiscard]] std::filesystem::path rolled_back() const { return root / "rolled-back"; }
    [[nodiscard]] std::filesystem::path let_through() const { return root / "let-through"; }
    [[nodiscard]] std::filesystem::path requests() const { return root / "requests"; }
    [[nodiscard]] std::filesystem::path status() const { return root / "status.json"; }
};

/// The whole folder:
///
///     lock            who holds it
///     journal.db      history (SQLite); may be lost
///     controller      which controller this is (store/self.hpp); written once
///     http.token      what /api/v1 asks for
///     age.key         identity for age files, where /etc/matriarch has none
///     releases        which releases the registries were last seen to have
///     digests         when the daily digests were told last
///     ballast         64 MiB that are given up when the disk is full (loop/ballast.hpp)
///     instances/      one folder each
class State {
 public:
    explicit State(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }
    [[nodiscard]] std::filesystem::path lock() const { return root_ / "lock"; }
    [[nodiscard]] std::filesystem::path journal() const { return root_ / "journal.db"; }
    [[nodiscard]] std::filesystem::path controller() const { return root_ / "controller"; }
    [[nodiscard]] std::filesystem::path digests() const { return root_ / "digests"; }
    [[nodiscard]] std::filesystem::path releases() const { return root_ / "releases"; }
    [[nodiscard]] std::filesystem::path ballast() const { return root_ / "ballast"; }
    [[nodiscard]] std::filesystem::path token() const { return root_ / "http.token"; }
    [[nodiscard]] std::filesystem::path age_key() const { return root_ / "age.key"; }
    [[nodiscard]] std::filesystem::path instances() const { return root_ / "instances"; }

    /// The places of one instance; makes nothing. Errors: invalid (not [a-z0-9-]{1,40}).
    [[nodiscard]] Result<InstanceFolder> instance(std::string_view name) const;

    /// The same, and makes the folder (0700). Errors: invalid, refused, unavailable.
    [[nodiscard]] Result<InstanceFolder> make_instance(std::string_view name) const;

    /// Names that have a folder here, sorted.
    [[nodiscard]] std::vector<std::string> instance_names() const;

 private:
    std::filesystem::path root_;
};

/// What decides where the state lives.
struct StateChoice {
    /// From --state-dir.
    std::optional<std::string> option{};
    bool is_root{false};
    /// A variable of the environment; nothing where it is not set.
    std::function<std::optional<std::string>(const std::string&)> variable{};
};

/// --state-dir, else MATRIARCH_STATE, else /var/lib/matriarch for root, else
/// $XDG_STATE_HOME/matriarch, else $HOME/.local/state/matriarch. Errors: invalid (not absolute,
/// none).
[[nodiscard]] Result<State> choose_state(const StateChoice& choice);

/// choose_state with this program's user and environment; makes nothing.
[[nodiscard]] Result<State> find_state(const std::optional<std::string>& option);

}  // namespace matriarch::controller
