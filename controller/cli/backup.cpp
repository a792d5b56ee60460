// backup run, list and verify. The work is the controller's: a command writes down that somebody
// asked, and looks at what becomes of it.
#include "controller/cli/commands.hpp"
#include "controller/cli/desk.hpp"
#include "controller/store/requests.hpp"

namespace matriarch::controller {

using reconcilers::ObservedRepository;
using reconcilers::Snapshot;
using std::chrono::steady_clock;

namespace {

/// Why no backup can be made, as the controller said it since somebody asked; nothing: it did not.
/// `asked` names what was asked for, in whole seconds; `began` is when.
Result<std::optional<std::string>> trouble(Desk& desk, WallTime asked, WallTime began) {
    for (const RecordedCondition& one : TRY(desk.journal->conditions(desk.instance.name))) {
        if (one.type != "BackupsWork" || one.status != "False") continue;
        const bool is_of_this =
            one.message.find(reconcilers::slot_text(asked)) != std::string::npos;
        if (is_of_this || one.since >= began) return one.message;
    }
    return std::optional<std::string>();
}

Result<std::string> wait_for(Desk& desk, Wish wish, WallTime asked, WallTime began,
                             std::chrono::seconds timeout, std::stop_token stop) {
    const auto deadline = steady_clock::now() + timeout;
    while (!stop.stop_requested()) {
        const auto repository = TRY(known_repository(desk));
        const WallTime now = SystemClock().now();
        const std::string when = reconcilers::slot_text(asked);
        if (wish == Wish::backup &&
            reconcilers::has_slot(repository, reconcilers::database_kind, asked, now) &&
            reconcilers::has_slot(repository, reconcilers::media_kind, asked, now)) {
            return "backed up, and read back: " + when;
        }
        if (wish == Wish::drill && reconcilers::has_drill(repository, asked, now)) {
            return "the newest backup was restored, and everything was there: " + when;
        }
        if (const auto why = TRY(trouble(desk, asked, began))) return fail(ErrorKind::failed, *why);
        if (steady_clock::now() > deadline) break;
        wait_a_little(stop);
    }
    return fail(stop.stop_requested() ? ErrorKind::stopped : ErrorKind::failed,
                "it is not done yet; the controller goes on with it",
                "matriarch status " + desk.instance.name + " shows what becomes of it.");
}

Result<std::string> ask(const CommonOptions& common, const std::string& name, Wish wish,
                        std::chrono::seconds timeout, std::stop_token stop) {
    const SystemClock clock;
    Desk desk = TRY(desk_of(common, name, clock));
    TRY(needs_controller(desk));
    const WallTime began = clock.now();
    WallTime asked = std::chrono::floor<std::chrono::seconds>(began);
    Requests requests = TRY(load_requests(desk.folder));
    auto& wished = wish == Wish::backup ? requests.backup : requests.drill;
    // What was said of the one before must not be taken for an answer to this one.
    if (wished == asked) asked += std::chrono::seconds(1);
    wished = asked;
    TRY(save_requests(desk.folder, requests));
    return wait_for(desk, wish, asked, began, timeout, stop);
}

std::string words_of(const Snapshot& one) {
    std::string marks = one.is_complete ? "complete" : "incomplete, counts for nothing";
    if (one.is_verified) {
        marks += ", restored for practice in " + std::to_string(one.recovery.count()) + " s";
    }
    return one.id.substr(0, 8) + "  " + reconcilers::slot_text(one.taken) + "  " + one.kind +
           (one.kind == reconcilers::media_kind ? "     " : "  ") + marks + "\n";
}

Result<std::string> list(const CommonOptions& common, const std::string& name) {
    const SystemClock clock;
    Desk desk = TRY(desk_of(common, name, clock));
    const auto repository = TRY(known_repository(desk));
    if (common.output == OutputForm::json) return repository_json(repository);
    if (!repository.is_known) return name + ": what the repository has is not known yet";
    std::string text;
    for (const Snapshot& one : repository.snapshots) text += words_of(one);
    return text.empty() ? name + ": no backups yet" : text;
}

}  // namespace

int backup_command(const CommonOptions& common, const std::string& instance, Wish wish,
                   std::chrono::seconds timeout, std::stop_token stop) {
    const auto done = ask(common, instance, wish, timeout, stop);
    if (!done) return failed_with(done.error());
    print(instance + ": " + *done);
    return 0;
}

int backups_command(const CommonOptions& common, const std::string& instance) {
    const auto text = list(common, instance);
    if (!text) return failed_with(text.error());
    print(*text);
    return 0;
}

}  // namespace matriarch::controller
