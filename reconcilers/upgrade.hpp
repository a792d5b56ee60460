// Upgrade: where the schema and the code that runs on it stand on their way to one release. Read
// off what is there in each pass; nothing is remembered.
//
//     rolling: preparing -> migrating (regular, beside what serves) -> replacing -> finishing ->
//     settled stopped: preparing -> fenced (nothing runs; all migrations)   -> replacing ->
//     finishing -> settled
#pragma once

#include <optional>
#include <string>

#include "reconcilers/path.hpp"
#include "reconcilers/schema.hpp"

namespace matriarch::reconcilers {

enum class Phase {
    /// What serves goes on serving; new code may be made, not started.
    preparing,
    /// The same, and the regular migrations run beside it.
    migrating,
    /// No code runs: the maintenance page is up, and the schema changes.
    fenced,
    /// New code may start; where there is old code, it leaves.
    replacing,
    /// Only new code is there, and its post-deployment migrations are pending.
    finishing,
    settled,
};

struct Upgrade {
    Phase phase{Phase::preparing};
    /// In `preparing`: what new code waits for.
    std::string waits_for{};
    SchemaGap gap{};
    /// Two phases, side by side; else everything stops first. Why, in words.
    bool rolls{false};
    std::string why{};
    /// New code may be made, though not started: what it is made for will come.
    bool may_make_code{false};
    /// Set where the instance file insists on rolling and that is not possible.
    std::optional<Blocked> refused{};

    [[nodiscard]] bool may_start_code() const {
        return phase == Phase::replacing || phase == Phase::finishing || phase == Phase::settled;
    }
    /// Why new code may not be started now; nothing: it may.
    [[nodiscard]] std::optional<std::string> obstacle() const {
        return may_start_code() ? std::nullopt : std::optional<std::string>(waits_for);
    }
};

[[nodiscard]] Upgrade upgrade_of(const Wanted& wanted, const World& world);

/// Whether everything that can be done beforehand is done, so that the schema may be changed: all
/// images, the backup, an open window.
[[nodiscard]] bool is_prepared(const Wanted& wanted, const World& world);

/// An upgrade that has not begun waits for its window; one that has is brought to its end.
[[nodiscard]] bool outside_window(const Wanted& wanted, const World& world);

/// Containers with Mastodon's code that are not of the wanted images, in whatever state but
/// `created`: while there are any, what breaks them must wait.
[[nodiscard]] bool has_old_code(const Wanted& wanted, const World& world);

/// Why two web containers do not fit into this host's memory side by side; nothing: they do.
[[nodiscard]] std::optional<std::string> no_room_beside(const Wanted& wanted, const World& world);

/// Whether containers of this instance may be replaced by one that runs beside them first.
[[nodiscard]] bool overlaps(const Wanted& wanted, const World& world);

/// How long until an upgrade may begin.
[[nodiscard]] std::chrono::milliseconds until_window(const World& world);

// The jobs that change the schema, each at most once at a time (see safety.cpp).
[[nodiscard]] ContainerSpec setup_job(const Wanted& wanted, const std::string& image_id);
/// Regular migrations only.
[[nodiscard]] ContainerSpec premigrate_job(const Wanted& wanted, const std::string& image_id);
/// All that are pending.
[[nodiscard]] ContainerSpec migrate_job(const Wanted& wanted, const std::string& image_id);

}  // namespace matriarch::reconcilers
