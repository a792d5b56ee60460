// One run: passes as the loop makes them, crashes, waiting.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <regex>

#include "controller/store/failures.hpp"
#include "controller/store/identity.hpp"
#include "controller/store/requests.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/postgres_major.hpp"
#include "reconcilers/preview.hpp"
#include "tests/model/acts.hpp"
#include "tests/property/universe_parts.hpp"

namespace matriarch::property {

using namespace std::chrono_literals;
using controller::PassResult;
using model::CallMade;
using model::Crash;
using model::Fault;
using model::FaultKind;

namespace {

/// L1's B: with more passes than that after the last fault, a run counts as never converging.
constexpr int passes_max = 150;
/// With the looks at what takes its time; a stop can take a minute of them.
constexpr int looks_max = 500;
/// What a pass has seen is believed for so long.
constexpr milliseconds long_pass{5'000};
/// So long a person takes who is told to look first: what made it fail may be over then.
constexpr auto a_look = 5min;
/// S15: how often the same is asked of the same thing within an hour.
constexpr std::size_t attempts_max = 25;
/// What stands still for so long will stand still: longer than `upgrade.patience`.
constexpr auto at_rest_after = 4min;
/// The same where no alarm says so, since a person took away what an alarm could name.
constexpr auto hopeless_after = 30min;
/// systemd starts a controller that died after that long.
constexpr milliseconds restart_pause{1000};
/// From one look to the next while nothing is due: ever more rarely, in the end at a full look.
constexpr milliseconds again_max{30'000};
/// Time does not jump further than that while something is left to do.
constexpr milliseconds jump_max{30'000};

/// Whether a call can go wrong in that way at all.
bool can_meet(FaultKind kind, const CallMade& made) {
    const std::string_view verb = made.verb;
    switch (kind) {
        case FaultKind::refused:
        case FaultKind::hang:
        case FaultKind::crash_before:
            return true;
        case FaultKind::stale:
            return verb == "list";
        case FaultKind::half:
        case FaultKind::crash_half:
            return verb == "pull" ||
                   (made.created != nullptr && made.created->spec.networks.size() > 1);
        default:
            return made.is_write;
    }
}

/// What is left to do, with what is done beside it.
reconcilers::Steps everything(const PassResult& result) {
    reconcilers::Steps all = result.steps;
    for (const auto* more : {&result.upkeep, &result.housekeeping}) {
        all.steps.insert(all.steps.end(), more->steps.begin(), more->steps.end());
        all.blocked.insert(all.blocked.end(), more->blocked.begin(), more->blocked.end());
    }
    // Said until its next time comes: here after years.
    std::erase_if(all.blocked, [](const auto& one) { return one.code == "cache-cleaning-failed"; });
    return all;
}

/// One that was killed is tried again after a while, and nothing is said of it until then.
bool has_cut_off_cleaning(const SimulatedHost& host) {
    return std::any_of(host.containers.begin(), host.containers.end(), [](const auto& entry) {
        return model::role_of(entry.second) == reconcilers::cache_role &&
               entry.second.seen.has_exited() && entry.second.seen.was_killed();
    });
}

}  // namespace

bool Universe::is_traced() const {
    static const bool is_asked_for = std::getenv("MATRIARCH_TRACE") != nullptr;
    return is_asked_for && !is_rehearsal_;
}

void Universe::trace(const std::string& line) const {
    if (is_traced()) std::fprintf(stderr, "%s\n", line.c_str());
}

Universe::Universe(const std::filesystem::path& scratch)
    : folder_([&] {
          static std::atomic<int> made = 0;
          return scratch /
                 ("universe-" + std::to_string(::getpid()) + "-" + std::to_string(++made));
      }()),
      state_(folder_),
      engine_(host_),
      log_(std::make_unique<Log>()) {
    std::filesystem::create_directories(folder_);
    machine_ = {.now = [this] { return host_.now; },
                .free_space = [this](const std::string&) -> std::optional<Bytes> {
                    return host_.is_disk_full() ? Bytes{0} : mib(1024 * 1024);
                },
                .side_by_side = 1};
    engine_.before = [this](const CallMade& made) {
        note(made);
        if (std::string_view(made.verb) == "list") {
            trace("-- looks at " + made.place);
            look();
        }
        check(Moment::before_call, &made, nullptr);
        if (!made.is_write) seen_.insert(made.object);
    };
    engine_.after = [this] {
        note_held();
        check(Moment::after_call, nullptr, nullptr);
    };
    engine_.struck = [this](const Fault& fault, const CallMade& made) {
        trace("!! " + model::to_text({fault}));
        verdict_.struck.emplace_back(fault, std::string(made.verb) + " " + made.role);
        verdict_.where.push_back({.place = made.place,
                                  .kind = fault.kind,
                                  .victim = model::is_call_fault(fault.kind) ? "" : made.victim});
        verdict_.passes_after_fault = 0;
        if (fault.kind == FaultKind::volume_lost) has_lost_volume_ = true;
        if (fault.kind == FaultKind::taken_over) is_taken_over_ = true;
    };
}

Universe::~Universe() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

/// S15: what fails is not tried again and again.
void Universe::count_attempt(const CallMade& made) {
    const model::SimulatedContainer* one = host_.by_id(made.object);
    const std::string& name = one == nullptr ? made.object : one->seen.name;
    const std::string what = std::string(made.verb) + " " + name;
    auto& times = attempts_[what];
    std::erase_if(times, [&](Time at) { return host_.now - at > 1h; });
    times.push_back(host_.now);
    if (times.size() == attempts_max + 1) {
        violate("S15", std::to_string(times.size()) + " times in an hour: " + what);
    }
}

void Universe::note(const CallMade& made) {
    if (made.is_write) {
        count_attempt(made);
        last_write_ = std::string(made.verb) + " " + made.object;
        const model::SimulatedContainer* one = host_.by_id(made.object);
        trace(std::to_string(made.number) + " " + last_write_ +
              (one == nullptr ? "" : " " + one->seen.name) + "   at " + made.place);
    }
    if (!is_rehearsal_) return;
    Boundary boundary{.cell = std::string(made.verb) + " " + made.role, .is_write = made.is_write};
    const bool is_list = std::string_view(made.verb) == "list";
    for (const FaultKind kind : model::call_faults()) {
        // A look leaves nothing behind: dying at its first call is dying at any of them.
        if (kind == FaultKind::crash_before && !made.is_write && !is_list) continue;
        if (can_meet(kind, made)) boundary.faults.push_back({.at = made.number, .kind = kind});
    }
    if (is_list || made.is_write) add_acts(boundary, made);
    verdict_.boundaries.push_back(std::move(boundary));
}

/// People act at any time. Before a look anything can happen to anything; between that look and a
/// change only what happens to the changed itself cannot as well have happened before the next
/// look.
void Universe::add_acts(Boundary& boundary, const CallMade& made) {
    const std::string& instance = wanted_.instance.name;
    const bool may_meet_all = !made.is_write;
    const auto offer = [&](FaultKind kind, std::size_t targets, bool is_on_container) {
        for (std::size_t target = 0; target < targets; ++target) {
            const bool is_met = may_meet_all || !is_on_container ||
                                model::target_of(host_, target, instance) == made.object;
            if (!is_met) continue;
            SimulatedHost host = host_;
            if (!model::act(host, kind, target, instance)) continue;
            boundary.faults.push_back({.at = made.number, .kind = kind, .target = target});
        }
    };
    for (const FaultKind kind : model::container_acts()) {
        offer(kind, host_.containers.size(), true);
    }
    for (const FaultKind kind : model::host_acts()) offer(kind, 1, false);
    offer(FaultKind::taken_over, 1, false);
    const bool needs_volume = made.created != nullptr || made.volume != nullptr;
    if (may_meet_all || needs_volume) offer(FaultKind::volume_lost, host_.volumes.size(), false);
}

void Universe::violate(const std::string& property, const std::string& what) {
    verdict_.violations.push_back({property, what});
}

reconcilers::Identity Universe::identity() const {
    const auto folder = state_.instance(wanted_.instance.name);
    const auto known = controller::load_identity(*folder);
    return known ? *known : reconcilers::Identity{};
}

bool Universe::is_held(const reconcilers::Identity& known) const {
    if (!known.restored) return false;
    const auto requests = controller::load_requests(*state_.instance(wanted_.instance.name));
    return !requests || requests->resumed != known.restored->asked;
}

/// What a rest ends with: the time for another try, or matriarch resume after a restore. Returns
/// whether there was anything to go on with.
bool Universe::go_on() {
    if (has_cut_off_cleaning(host_)) {
        host_.advance(1h);
        return true;
    }
    const reconcilers::Identity known = identity();
    if (!is_held(known)) return false;
    const auto folder = state_.instance(wanted_.instance.name);
    controller::Requests requests = *controller::load_requests(*folder);
    requests.resumed = known.restored->asked;
    (void)controller::save_requests(*folder, requests);
    return true;
}

/// No fault has come yet: until then it is the run that was judged while it was rehearsed.
bool Universe::is_as_rehearsed() const {
    return !is_rehearsal_ && faults_ > 0 && engine_.pending() == faults_;
}

void Universe::check(Moment moment, const CallMade* call, const PassResult* result) {
    const bool needs_identity =
        call != nullptr && (call->created != nullptr || std::string_view(call->verb) == "start");
    const reconcilers::Identity known = needs_identity ? identity() : reconcilers::Identity{};
    const auto& earlier =
        workload_->before && has_turned_ ? workload_->before : workload_->previous;
    const Wanted* previous = earlier ? &*earlier : nullptr;
    const Scene scene{.host = host_,
                      .wanted = wanted_,
                      .names = names_,
                      .previous = previous,
                      .identity = known,
                      .seen = seen_,
                      .answering = answering_,
                      .pass_began = pass_began_,
                      .is_surprised = is_surprised(),
                      .is_calm = engine_.surprises() == 0,
                      .was_served = was_served_,
                      .is_held = needs_identity && is_held(known),
                      .is_restoring = is_restoring(),
                      .is_removed = workload_->is_removed,
                      .is_volume_lost = has_lost_volume_,
                      .has_intent = log_->is_open(),
                      .held = held_,
                      .call = call,
                      .result = result};
    for (const Property& property : safety_properties()) {
        if (property.moment != moment || is_as_rehearsed()) continue;
        if (const Finding wrong = property.check(scene)) violate(property.id, *wrong);
    }
    if (moment == Moment::before_call &&
        (call->is_write || std::string_view(call->verb) == "list")) {
        was_served_ = scene.is_calm && is_served(host_, wanted_);
    }
}

/// A restore that a person asked for is under way.
bool Universe::is_restoring() const {
    return !workload_->requests.empty() && identity().restoring;
}

/// Also by time: what a look says is old after a call that hung.
bool Universe::is_surprised() const {
    return engine_.surprises() != surprises_at_pass_ || host_.now - pass_began_ > long_pass;
}

/// Data: a cluster, or what a container that has run could have written.
void Universe::note_held() {
    for (const auto& [name, volume] : host_.volumes) {
        const auto held = held_.find(name);
        const bool is_replaced = is_surprised() || (has_lost_volume_ && is_restoring());
        if (held != held_.end() && held->second != volume.identity && is_replaced) {
            held_.erase(held);
        }
        if (held_.contains(name) || !volume.seen.labels.contains(reconcilers::label::volume)) {
            continue;
        }
        const bool was_used =
            std::any_of(host_.containers.begin(), host_.containers.end(), [&](const auto& entry) {
                const auto& mounts = entry.second.seen.spec.mounts;
                return entry.second.seen.is_running() &&
                       model::role_of(entry.second) != reconcilers::copy_role &&
                       std::any_of(mounts.begin(), mounts.end(),
                                   [&](const auto& mount) { return mount.volume == name; });
            });
        // A copy that no server has run on yet is one of what another volume holds.
        const bool is_copy =
            volume.cluster && volume.cluster->as_of != Time{} && volume.cluster->written == Time{};
        if ((volume.cluster || was_used) && !is_copy) held_[name] = volume.identity;
    }
}

/// A pass begins with the list: what happened before it can be seen.
void Universe::look() {
    for (const auto& [id, one] : host_.containers) {
        seen_.insert(id);
        if (model::role_of(one) == "web" && host_.answer(one, host_.now).is_yes) {
            answering_.insert(id);
        }
    }
    surprises_at_pass_ = engine_.surprises();
    pass_began_ = host_.now;
}

/// Ids of images that are not here yet are made up in a preview.
std::string in_detail(const reconcilers::Action& action) {
    static const std::regex image_id("-[0-9a-f]{12}");
    std::string words = reconcilers::in_words(action);
    if (const auto* create = std::get_if<reconcilers::CreateContainer>(&action)) {
        words += " " + create->spec.labels.at(reconcilers::label::spec);
    } else if (const auto* update = std::get_if<reconcilers::UpdateLimits>(&action)) {
        words += " " + to_text(update->limits.memory) + " " + to_text(update->limits.cpus) + " " +
                 std::to_string(update->limits.pids) + " " + update->restart;
    }
    return std::regex_replace(words, image_id, "");
}

void Universe::note_done(const reconcilers::Steps& steps) {
    for (const reconcilers::Step& step : steps.steps) {
        if (!reconcilers::is_wait(step.action)) verdict_.done.insert(in_detail(step.action));
    }
}

std::optional<std::set<std::string>> Universe::foresee(const Workload& workload) {
    begin(workload, {});
    const auto folder = state_.make_instance(wanted_.instance.name);
    const auto written = controller::written_of(*folder);
    const auto discovery = mind_->observer.discover({});
    if (!written || !discovery) return std::nullopt;
    const auto world = mind_->observer.observe(wanted_, *written, *discovery, {}, {});
    if (!world) return std::nullopt;
    // Of what these images bring the release catalogue knows nothing.
    const reconcilers::Plan plan = reconcilers::preview(
        wanted_, *world,
        [](const specs::ImageRef& image, const auto&) { return model::migrations_in(image); });
    std::set<std::string> steps;
    for (const auto& planned : plan.steps) steps.insert(in_detail(planned.step.action));
    return steps;
}

Result<PassResult> Universe::converge() {
    const auto discovery = TRY(mind_->observer.discover({}));
    if (!workload_->is_removed) {
        return mind_->pass.run(wanted_, discovery, resync, {}, {},
                               {.are_known = !workload_->pulled.empty()});
    }
    auto removal = TRY(mind_->pass.remove(wanted_, discovery, resync, {}));
    return PassResult{.steps = std::move(removal.steps), .next = removal.next};
}

/// One round of the loop. Nothing: it failed, or the controller died; time has passed then.
std::optional<PassResult> Universe::pass() {
    seen_.clear();
    answering_.clear();
    stands_by_ = false;
    ++verdict_.passes_after_fault;
    try {
        auto result = converge();
        if (result && is_traced()) trace(reconcilers::to_text(everything(*result)));
        if (result) check(Moment::after_pass, nullptr, &*result);
        if (result && faults_ == 0) note_done(result->steps);
        if (result && !result->error) {
            mind_->backoff.reset();
            return std::move(*result);
        }
        const Error& error = result ? *result->error : result.error();
        stands_by_ = error.kind == ErrorKind::held;
        const auto pause = mind_->backoff.next();
        const bool looks_at_once =
            error.kind == ErrorKind::conflict && mind_->backoff.failures() <= 3;
        host_.advance(looks_at_once ? 50ms : std::max<milliseconds>(pause, 1s));
    } catch (const Crash&) {
        host_.advance(restart_pause);
        wake_up();
    }
    return std::nullopt;
}

/// What the hint of a failed job says: look, then remove its container.
bool Universe::follow_hint(const reconcilers::Steps& steps) {
    const bool has_failed =
        std::any_of(steps.blocked.begin(), steps.blocked.end(),
                    [](const auto& blocked) { return blocked.kind == ErrorKind::failed; });
    if (!has_failed || verdict_.hints_followed >= 5) return false;
    host_.advance(a_look);
    std::vector<std::string> failed;
    for (const auto& [id, one] : host_.containers) {
        const bool is_job = one.seen.spec.labels.contains(reconcilers::label::subject);
        if (is_job && one.seen.has_exited() && one.seen.exit_code != 0) {
            failed.push_back(one.seen.name);
        }
    }
    for (const std::string& name : failed) model::remove_by_hand(host_, name);
    // matriarch resume
    const auto folder = state_.instance(wanted_.instance.name);
    const auto known = controller::load_failures(*folder);
    const bool has_given_up = known && !known->empty();
    (void)controller::forget_failures(*folder);
    // matriarch rehearse
    const bool was_rehearsed =
        std::any_of(steps.blocked.begin(), steps.blocked.end(),
                    [](const auto& blocked) { return blocked.code == "rehearsal-failed"; });
    if (was_rehearsed) {
        controller::Requests requests = *controller::load_requests(*folder);
        requests.rehearsal = {.version = wanted_.instance.mastodon,
                              .asked = std::chrono::floor<std::chrono::seconds>(host_.now)};
        (void)controller::save_requests(*folder, requests);
    }
    ++verdict_.hints_followed;
    return !failed.empty() || has_given_up || was_rehearsed;
}

/// What comes before a look: that the run is kept, or left, or that another commit comes.
bool Universe::is_left_before_look(const Settling& now) {
    if (is_keeping_) keep(now);
    has_left_ = leaves_at_ && leaves_at_(host_);
    if (!has_turned_ && workload_->turns_at(host_)) turn();
    return has_left_;
}

/// The other commit comes into force.
void Universe::turn() {
    wanted_ = workload_->wanted;
    has_turned_ = true;
}

void Universe::settle(Settling now) {
    auto& [count, last, again, surprises, surprised_at, changed_at] = now;
    for (; verdict_.passes_after_fault < passes_max && count < looks_max; ++count) {
        if (is_left_before_look(now)) return;
        const std::size_t met_before = verdict_.boundaries.size();
        const auto result = pass();
        if (stands_by_ && is_taken_over_ && !engine_.last_arrival()) return;
        if (!result) continue;
        const auto arrival = engine_.last_arrival();
        if (surprises != engine_.surprises()) surprised_at = host_.now;
        surprises = engine_.surprises();
        const reconcilers::Steps steps = everything(*result);
        if (steps.is_settled() && go_on()) continue;
        if (steps.is_settled()) {
            // No event tells of a second network: the next full look does.
            const bool was_full = surprises == 0 || host_.now - surprised_at >= resync;
            is_settled_ = !arrival && !is_surprised() && was_full;
            if (is_settled_ && has_turned_) return;
            if (is_settled_) turn();
            host_.advance(std::max<milliseconds>(arrival.value_or(host_.now) - host_.now, resync));
            continue;
        }
        const std::string before = std::exchange(last, reconcilers::to_text(steps));
        // Looking again while something takes its time is not a pass of its own.
        const bool is_again = last == before && steps.changes_nothing();
        if (is_again) --verdict_.passes_after_fault;
        if (!is_again) changed_at = host_.now;
        again = is_again ? std::min<milliseconds>(2 * again, again_max) : again_min;
        // Nor are its calls others than those of the look before.
        for (std::size_t i = met_before; is_again && i < verdict_.boundaries.size(); ++i) {
            verdict_.boundaries[i].faults.clear();
        }
        if (!result->steps.blocked.empty() && steps.changes_nothing()) {
            const std::string& code = result->steps.blocked.front().code;
            const bool is_lost = has_lost_volume_ && code == "data-volume-missing";
            // Whoever takes away what tells whether old code may serve takes the way back.
            const bool is_cut_off = code == "no-way-back" && engine_.surprises() > 0;
            const bool is_expected = code == workload_->ends_blocked || is_cut_off;
            const bool is_at_rest = host_.now - changed_at >= at_rest_after &&
                                    !host_.next_event() && !arrival && !is_surprised();
            if ((is_lost || is_expected) && is_at_rest) return;
            if (!is_expected && follow_hint(result->steps)) continue;
        }
        // Nothing is left to go back to: it waits for what never comes.
        const bool is_hopeless = !workload_->ends_blocked.empty() && is_taken_away() &&
                                 steps.changes_nothing() &&
                                 host_.now - changed_at >= hopeless_after;
        if (is_hopeless && !host_.next_event() && !arrival && !is_surprised()) return;
        const auto event = host_.next_event();
        auto wait = std::max<milliseconds>(result->next, 1ms);
        if (event && steps.changes_nothing()) {
            wait = std::max(wait, std::min<milliseconds>(*event - host_.now, jump_max));
        }
        // Nobody is told apart by how often he looked in vain.
        const bool looks_on = workload_->looks_often && steps.blocked.empty();
        host_.advance(looks_on ? again_min : std::max(wait, again));
    }
    violate("L1", "not converged after " + std::to_string(passes_max) + " passes: " + last);
}

Verdict Universe::run(const Workload& workload, const Schedule& schedule) {
    settle(begin_or_go_on(workload, schedule));
    verdict_.writes = engine_.writes();
    if (verdict_.violations.empty()) judge_end(workload, schedule);
    return verdict_;
}

std::vector<Violation> Universe::rehearse(Workload& workload) {
    is_rehearsal_ = true;
    Verdict verdict = run(workload, {});
    is_rehearsal_ = false;
    workload.boundaries = std::move(verdict.boundaries);
    workload.writes = verdict.writes;
    workload.passes = verdict.passes_after_fault;
    workload.end = std::move(verdict.end);
    return verdict.violations;
}

bool Universe::run_until(const Workload& workload, IsThere is_there) {
    begin(workload, {});
    leaves_at_ = std::move(is_there);
    settle({.again = again_min});
    leaves_at_ = nullptr;
    return has_left_;
}

Workload Universe::followed_by(const std::string& name, Wanted wanted) const {
    Workload next{.name = name, .start = host_, .facts = facts_, .previous = wanted_};
    next.wanted = std::move(wanted);
    next.identity = *controller::print_identity(identity());
    return next;
}

}  // namespace matriarch::property
