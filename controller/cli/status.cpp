// status, events and history: what the controller wrote down, for another process to read.
#include <condition_variable>

#include "controller/base/files.hpp"
#include "controller/cli/commands.hpp"
#include "controller/store/published.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::controller {

namespace {

std::string event_line(const RecordedEvent& event) {
    return to_text(event.at) + "  " + (event.instance.empty() ? "-" : event.instance) + "  " +
           event.kind + (event.message.empty() ? "" : ": " + event.message);
}

void print_event(const RecordedEvent& event, OutputForm output) {
    print(output == OutputForm::json ? event_json(event) : event_line(event));
}

}  // namespace

int status_command(const CommonOptions& common, const std::string& instance) {
    const auto state = state_of(common);
    if (!state) return failed_with(state.error());
    std::vector<std::string> instances;
    for (const std::string& name : state->instance_names()) {
        if (!instance.empty() && name != instance) continue;
        const auto folder = state->instance(name);
        if (!folder) continue;
        const auto text = published_status(*folder);
        if (!text) return failed_with(text.error());
        if (*text) instances.push_back(**text);
    }
    if (!instance.empty() && instances.empty()) {
        return failed_with({.kind = ErrorKind::invalid,
                            .message = "cannot find instance " + instance,
                            .hint = "matriarch status lists the ones this host knows."});
    }
    const auto source = read_file(state->root() / "source.json", 1 << 20);
    const std::string document = status_document(instances, source && *source ? **source : "");
    print(common.output == OutputForm::json ? document : status_text(document));
    return 0;
}

int events_command(const CommonOptions& common, const EventOptions& options, std::stop_token stop) {
    const auto state = state_of(common);
    if (!state) return failed_with(state.error());
    const SystemClock clock;
    const auto journal = Journal::open_to_read(state->journal(), clock);
    if (!journal) return failed_with(journal.error());
    const HistoryQuery query{.instance = options.instance, .rows_max = options.rows};
    std::int64_t newest = 0;
    const auto events = (*journal)->newest_events(query);
    if (!events) return failed_with(events.error());
    for (const RecordedEvent& event : *events) {
        print_event(event, common.output);
        newest = event.id;
    }
    std::mutex mutex;
    std::condition_variable_any pause;
    while (options.follow && !stop.stop_requested()) {
        std::unique_lock lock(mutex);
        pause.wait_for(lock, stop, std::chrono::milliseconds(500), [] { return false; });
        const auto more = (*journal)->events_since(newest, query);
        if (!more) return failed_with(more.error());
        for (const RecordedEvent& event : *more) {
            print_event(event, common.output);
            newest = event.id;
        }
    }
    return 0;
}

int history_command(const CommonOptions& common, const EventOptions& options) {
    const auto state = state_of(common);
    if (!state) return failed_with(state.error());
    const SystemClock clock;
    const auto journal = Journal::open_to_read(state->journal(), clock);
    if (!journal) return failed_with(journal.error());
    const auto steps = (*journal)->steps({.instance = options.instance, .rows_max = options.rows});
    if (!steps) return failed_with(steps.error());
    for (auto step = steps->rbegin(); step != steps->rend(); ++step) {
        const std::string revision = short_digest(step->intent.revision);
        print(to_text(step->at) + "  " + step->intent.instance + "  " +
              (revision.empty() ? "-" : revision) + "  " + step->intent.action + " " +
              step->intent.resource + ": " + step->intent.reason + " -> " +
              to_text(step->outcome.outcome) +
              (step->outcome.error.empty() ? "" : " (" + step->outcome.error + ")"));
    }
    return 0;
}

}  // namespace matriarch::controller
