// What wakes the loop from outside: the Engine's events and the webhook. Both only knock.
#include "controller/base/log.hpp"
#include "controller/loop/controller.hpp"
#include "reconcilers/labels.hpp"

namespace matriarch::controller {

namespace {

/// Health checks are execs, and would wake us for nothing all the time.
bool is_worth_a_look(const Event& event) {
    return !event.action.starts_with("exec_") && event.action != "top" && event.action != "attach";
}

}  // namespace

void Controller::nudge() {
    watch_.nudge();
    mailbox_.wake();  // who asks may have changed something by hand, and wants to see it noticed
}

void Controller::watch_events(std::stop_token stop) {
    Backoff backoff;
    while (!stop.stop_requested()) {
        const auto each = [&](const Event& event) {
            backoff.reset();
            if (!is_worth_a_look(event)) return;
            incidents_.note(event);  // before the look that it wakes
            const auto owner = event.attributes.find(reconcilers::label::instance);
            if (owner != event.attributes.end()) {
                mailbox_.wake(owner->second);
            } else if (event.type != "container" && event.type != "image") {
                mailbox_.wake();
            }
        };
        const auto ended = engine_.watch_events(each, {.stop = stop});
        if (stop.stop_requested()) return;
        metrics_.add("matriarch_event_stream_ends_total", {});
        if (!ended) log::debug("event stream ended", {{log::key::error, ended.error().message}});
        mailbox_.wake();  // what happened meanwhile is found by looking
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any pause;
        pause.wait_for(lock, stop, backoff.next(), [] { return false; });
    }
}

}  // namespace matriarch::controller
