// restore: what was asked for is written down, and the controller does it. In place it needs --yes:
// what was written since the backup is out of sight then.
#include "controller/cli/commands.hpp"
#include "controller/cli/desk.hpp"
#include "controller/engine/connect.hpp"
#include "controller/store/identity.hpp"
#include "controller/store/requests.hpp"

namespace matriarch::controller {

using reconcilers::slot_text;
using reconcilers::Snapshot;
using std::chrono::steady_clock;

namespace {

/// One command at its work.
struct Order {
    const RestoreOptions& options;
    Desk& desk;
    /// In whole seconds: it names what was asked for.
    WallTime asked{};
    WallTime began{};
    std::stop_token stop{};
    steady_clock::time_point deadline{};

    [[nodiscard]] bool is_over() const {
        return stop.stop_requested() || steady_clock::now() > deadline;
    }
};

Result<Snapshot> meant(Order& order) {
    const auto repository = TRY(known_repository(order.desk));
    const std::string& which = order.options.snapshot;
    const Snapshot* set = reconcilers::find_set(repository, which, order.asked);
    if (set != nullptr) return *set;
    return fail(
        ErrorKind::invalid,
        which.empty() ? "which backup is not said"
                      : "cannot find the backup " + which + " of the database",
        "Write --snapshot latest, or one of: " + reconcilers::sets_in_words(repository) + ".");
}

/// Of the archive: until when, and nothing that restic knows.
Result<Snapshot> moment(const Order& order) {
    const std::string& text = order.options.to_time;
    const std::string& name = order.desk.instance.name;
    if (!order.options.into.empty() || !order.options.snapshot.empty()) {
        return fail(ErrorKind::invalid, "--to-time goes with neither --into nor --snapshot",
                    "Say matriarch restore " + name + " --to-time " + text + " --yes.");
    }
    const auto identity = TRY(load_identity(order.desk.folder));
    if (!identity.volumes.contains(name + "-archive")) {
        return fail(ErrorKind::refused, "nothing of " + name + " is archived continuously",
                    "Restore a backup (--snapshot latest); for the next time write backups: "
                    "{database: {continuous: true}}.");
    }
    const auto until = text == "latest" ? Result<WallTime>(order.asked)
                                        : Result<WallTime>(reconcilers::parse_slot(text));
    if (!until || *until > order.asked) {
        return fail(ErrorKind::invalid, "cannot restore to " + text + ": no moment that has been",
                    "Write latest, or a moment of UTC like 2026-11-26T10:00:00Z.");
    }
    return Snapshot{.slot = *until, .taken = *until};
}

Error not_done(const Order& order) {
    return {.kind = order.stop.stop_requested() ? ErrorKind::stopped : ErrorKind::failed,
            .message = "it is not done yet; the controller goes on with it",
            .hint = "matriarch status " + order.desk.instance.name + " shows what becomes of it."};
}

/// The container in which one can be looked into: by name, from the Engine.
Result<std::optional<reconcilers::ObservedContainer>> server_of(const Order& order,
                                                                const std::string& name) {
    const auto engine = TRY(connect_engine(order.stop));
    return engine->inspect_container(order.desk.instance.name + "-scratch-" + name,
                                     {.stop = order.stop});
}

Result<std::string> look_into(Order& order) {
    const std::string& name = order.options.into;
    const bool is_name =
        name != "fetch" && !name.empty() && name.size() <= 20 &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos;
    if (!is_name)
        return fail(ErrorKind::invalid, "--into takes 1 to 20 of a-z and 0-9, and not fetch");
    const Snapshot set = TRY(meant(order));
    Requests requests = TRY(load_requests(order.desk.folder));
    requests.scratches[name] = set.slot;
    TRY(save_requests(order.desk.folder, requests));
    const std::string container = order.desk.instance.name + "-scratch-" + name;
    while (!order.is_over()) {
        const auto server = TRY(server_of(order, name));
        if (server && server->health == reconcilers::Health::healthy) {
            return "the backup of " + slot_text(set.taken) +
                   ", every table counted. Look into it:\n"
                   "  docker exec -it " +
                   container +
                   " psql -h /var/tmp -U mastodon "
                   "mastodon_production\nIt reaches nothing, and stays until\n  matriarch "
                   "restore " +
                   order.desk.instance.name + " --remove " + name;
        }
        const auto why = TRY(said_since(order.desk, "BackupsWork", "False", order.began));
        if (why) return fail(ErrorKind::failed, *why);
        wait_a_little(order.stop);
    }
    return fail(not_done(order));
}

Result<std::string> take_away(Order& order) {
    const std::string& name = order.options.remove;
    Requests requests = TRY(load_requests(order.desk.folder));
    requests.scratches.erase(name);
    TRY(save_requests(order.desk.folder, requests));
    while (!order.is_over()) {
        if (!TRY(server_of(order, name))) return name + " is gone";
        wait_a_little(order.stop);
    }
    return fail(not_done(order));
}

/// A wish that nothing was done for yet is taken back. Returns whether it was.
Result<bool> withdraw(Order& order) {
    const auto identity = TRY(load_identity(order.desk.folder));
    if (identity.restoring || identity.restored) {
        const auto& one = identity.restoring ? identity.restoring : identity.restored;
        if (one->asked == order.asked) return false;
    }
    Requests requests = TRY(load_requests(order.desk.folder));
    requests.restore.reset();
    TRY(save_requests(order.desk.folder, requests));
    return true;
}

/// Of the database that it took the place of: it is there, or it was lost.
std::string kept_beside(const Order& order) {
    std::string kept = "before_";
    for (const char c : slot_text(order.asked)) {
        if (c >= '0' && c <= '9') kept += c;
    }
    return "\nThe database before is kept until\n  docker exec " + order.desk.instance.name +
           "-postgres psql -U mastodon -d postgres -c 'DROP DATABASE " + kept + "'";
}

std::string when_done(const Order& order, const Snapshot& set, bool is_bare) {
    const std::string what = order.options.to_time.empty()
                                 ? "the backup of " + slot_text(set.taken)
                                 : "the archive until " + slot_text(set.taken);
    return what +
           " serves, every table counted.\n"
           "Sidekiq is held: what was posted, followed and deleted since is not known here. Look, "
           "then\n  matriarch resume " +
           order.desk.instance.name + (is_bare ? "" : kept_beside(order));
}

Result<std::string> in_place(Order& order) {
    const std::string& name = order.desk.instance.name;
    const bool is_archive = !order.options.to_time.empty();
    const Snapshot set = TRY(is_archive ? moment(order) : meant(order));
    if (!order.options.is_confirmed) {
        return fail(ErrorKind::refused,
                    "the backup of " + slot_text(set.taken) + " would take the place of what " +
                        name + " has now; people see the maintenance page meanwhile",
                    "Say --yes, or --into NAME to look at it first.");
    }
    // What stood before is no answer: it may be what this is to cure.
    const auto before = TRY(said_since(order.desk, "Stalled", "True", WallTime{}));
    Requests requests = TRY(load_requests(order.desk.folder));
    requests.restore = reconcilers::RestoreWish{.slot = set.slot,
                                                .asked = order.asked,
                                                .is_saved = !order.options.is_unsaved,
                                                .from_archive = is_archive};
    TRY(save_requests(order.desk.folder, requests));
    while (!order.is_over()) {
        const auto identity = TRY(load_identity(order.desk.folder));
        if (identity.restored && identity.restored->asked == order.asked) {
            return when_done(order, set, identity.restored->is_bare);
        }
        auto why = TRY(said_since(order.desk, "Stalled", "True", order.asked));
        if (why == before) why.reset();
        if (!why && !identity.restoring) {
            why = TRY(said_since(order.desk, "BackupsWork", "False", order.began));
        }
        if (why && TRY(withdraw(order))) {
            return fail(ErrorKind::failed, *why + "\nNothing was changed.",
                        "Where the state of now cannot be backed up: --without-backup.");
        }
        if (why) return fail(ErrorKind::failed, *why, not_done(order).hint);
        wait_a_little(order.stop);
    }
    if (order.stop.stop_requested() && TRY(withdraw(order))) {
        return fail(ErrorKind::stopped, "taken back; nothing was changed");
    }
    return fail(not_done(order));
}

Result<std::string> carry_out(const CommonOptions& common, const RestoreOptions& options,
                              std::stop_token stop) {
    const SystemClock clock;
    Desk desk = TRY(desk_of(common, options.instance, clock));
    TRY(needs_controller(desk));
    const WallTime began = clock.now();
    Order order{.options = options,
                .desk = desk,
                .asked = std::chrono::floor<std::chrono::seconds>(began),
                .began = began,
                .stop = stop,
                .deadline = steady_clock::now() + options.within};
    if (!options.remove.empty()) return take_away(order);
    const bool is_moment = !options.to_time.empty();
    return is_moment || options.into.empty() ? in_place(order) : look_into(order);
}

}  // namespace

int restore_command(const CommonOptions& common, const RestoreOptions& options,
                    std::stop_token stop) {
    const auto done = carry_out(common, options, stop);
    if (!done) return failed_with(done.error());
    print(options.instance + ": " + *done);
    return 0;
}

}  // namespace matriarch::controller
