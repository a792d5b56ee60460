// One run: passes as the loop makes them, crashes, waiting; then quiet.
#include "tests/property/universe.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <regex>
#include <tuple>

#include "controller/base/files.hpp"
#include "controller/store/failures.hpp"
#include "controller/store/identity.hpp"
#include "controller/store/requests.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/postgres_major.hpp"
#include "reconcilers/preview.hpp"
#include "tests/model/acts.hpp"

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
/// L5: writes beyond the fault-free run's, for each fault and each hint that was followed. A disk
/// that is full for a while costs most: nine containers, each tried eight times.
constexpr std::size_t writes_per_fault = 72;
/// So long a person takes who is told to look first: what made it fail may be over then.
constexpr auto a_look = 5min;
/// S15: how often the same is asked of the same thing within an hour.
constexpr std::size_t attempts_max = 25;
constexpr auto resync = 30s;
/// What stands still for so long will stand still: longer than `upgrade.patience`.
constexpr auto at_rest_after = 4min;
/// The same where no alarm says so, since a person took away what an alarm could name.
constexpr auto hopeless_after = 30min;
/// systemd starts a controller that died after that long.
constexpr milliseconds restart_pause{1000};
/// From one look to the next while nothing is due: ever more rarely, in the end at a full look.
constexpr milliseconds again_min{250};
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

bool has_only_call_faults(const Schedule& schedule) {
    return std::all_of(schedule.begin(), schedule.end(),
                       [](const Fault& fault) { return model::is_call_fault(fault.kind); });
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

/// Everything that was due is in the repository, and was restored once. Nothing: it is.
Finding is_backed_up(const SimulatedHost& host) {
    bool has_database = false;
    bool has_media = false;
    bool has_drill = false;
    for (const model::Stored& one : host.vault.snapshots) {
        has_database = has_database || one.kind == "database";
        has_media = has_media || one.kind == "media";
        has_drill = has_drill || !one.drill.empty();
    }
    if (has_database && has_media && has_drill) return std::nullopt;
    return "something that was due was not backed up, or never restored";
}

/// The time that was due had its cleaning, once.
Finding is_cleaned(const SimulatedHost& host, const Wanted& wanted) {
    if (!reconcilers::cleans_cache(wanted.instance)) return std::nullopt;
    if (host.cleanings.empty()) return "the cache was never cleaned";
    for (const auto& [slot, count] : host.cleanings) {
        if (count > 1) return "the cache was cleaned twice for " + slot;
    }
    return std::nullopt;
}

/// One that was killed is tried again after a while, and nothing is said of it until then.
bool has_cut_off_cleaning(const SimulatedHost& host) {
    return std::any_of(host.containers.begin(), host.containers.end(), [](const auto& entry) {
        return model::role_of(entry.second) == reconcilers::cache_role &&
               entry.second.seen.has_exited() && entry.second.seen.was_killed();
    });
}

/// Of each repository whose images we pulled there are no more than the wanted one and another.
Finding is_tidy(const SimulatedHost& host, const Workload& workload) {
    std::map<std::string, int> counts;
    for (const auto& image : workload.pulled) {
        const auto reference = specs::parse_image(image.reference);
        if (!reference || !host.images.contains(image.reference)) continue;
        if (++counts[specs::repository_text(*reference)] > 1) return image.reference + " stayed";
    }
    return std::nullopt;
}

std::string first_difference(const std::string& end, const std::string& expected) {
    const auto [left, right] =
        std::mismatch(end.begin(), end.end(), expected.begin(), expected.end());
    const auto around = [](const std::string& text, std::string::const_iterator place) {
        const auto line = text.rfind('\n', static_cast<std::size_t>(place - text.begin()));
        return text.substr(line == std::string::npos ? 0 : line + 1, 300);
    };
    return "another end than without faults: " + around(end, left) + " instead of " +
           around(expected, right);
}

}  // namespace

/// The journal: intents and their ends, nothing else.
class Universe::Log final : public controller::StepLog {
 public:
    Result<std::int64_t> begin_pass(const std::string&, const std::string&) override { return 1; }
    Result<void> end_pass(std::int64_t, controller::Outcome, const std::string&) override {
        return {};
    }
    Result<std::int64_t> intend(const controller::StepIntent&) override {
        is_open_ = true;
        return 1;
    }
    Result<void> conclude(std::int64_t, const controller::StepOutcome&) override {
        is_open_ = false;
        return {};
    }
    void close() { is_open_ = false; }
    [[nodiscard]] bool is_open() const { return is_open_; }

 private:
    bool is_open_{false};
};

/// Pulls at once and on this thread; failures back off on the simulated clock.
class Universe::Pulls final : public controller::PullSource {
 public:
    Pulls(model::SimulatedEngine& engine, const SimulatedHost& host,
          std::vector<reconcilers::PulledImage>& kept)
        : engine_(engine), host_(host), kept_(kept) {}

    void request(const specs::ImageRef& image) override {
        const std::string name = specs::to_text(image);
        failures_.erase(name);
        const bool was_here = host_.images.contains(name);
        const auto pulled = engine_.pull_image(image, nullptr, {.within = 30min});
        const auto found = host_.images.find(name);
        if (pulled && !was_here && found != host_.images.end()) {
            kept_.push_back({name, found->second.facts.id, host_.now});
        }
        if (pulled) return;
        failures_[name] = {pulled.error().message, host_.now + backoffs_[name].next()};
    }
    controller::PullReport report() override {
        std::erase_if(failures_,
                      [&](const auto& entry) { return entry.second.second <= host_.now; });
        controller::PullReport report;
        for (const auto& [name, failure] : failures_) report.errors[name] = failure.first;
        return report;
    }

 private:
    model::SimulatedEngine& engine_;
    const SimulatedHost& host_;
    std::vector<reconcilers::PulledImage>& kept_;
    std::map<std::string, std::pair<std::string, Time>> failures_{};
    std::map<std::string, controller::Backoff> backoffs_{};
};

void Universe::trace(const std::string& line) const {
    static const bool is_asked_for = std::getenv("MATRIARCH_TRACE") != nullptr;
    if (is_asked_for && !is_rehearsal_) std::fprintf(stderr, "%s\n", line.c_str());
}

/// All that the controller keeps in its memory: a crash takes it away.
struct Universe::Mind {
    Mind(Universe& universe, controller::FactStore facts)
        : pulls(universe.engine_, universe.host_, universe.pulled_),
          observer(universe.engine_, std::move(facts), universe.machine_,
                   {.keeps_schedules = universe.workload_->keeps_schedules}),
          applier(universe.engine_, pulls, observer, *universe.log_, universe.state_, {},
                  universe.machine_),
          holder(universe.engine_, *universe.log_, {.id = "ours", .place = "here"}),
          pass(observer, applier, pulls, holder, universe.state_) {}

    /// One that remembers the same.
    Mind(Universe& universe, const Mind& other)
        : pulls(other.pulls),
          observer(other.observer),
          applier(universe.engine_, pulls, observer, *universe.log_, universe.state_, {},
                  universe.machine_),
          holder(universe.engine_, *universe.log_, {.id = "ours", .place = "here"}),
          pass(observer, applier, pulls, holder, universe.state_),
          backoff(other.backoff) {}

    Pulls pulls;
    controller::Observer observer;
    controller::Applier applier;
    controller::Holder holder;
    controller::Pass pass;
    controller::Backoff backoff{};
};

auto Universe::course() {
    return std::tie(host_, facts_, pulled_, verdict_, seen_, held_, answering_, attempts_,
                    was_served_, surprises_at_pass_, pass_began_, has_lost_volume_, is_taken_over_,
                    stands_by_, is_settled_, last_write_, has_turned_);
}

template <class... Parts>
std::tuple<Parts...> values_of(const std::tuple<Parts&...>& parts) {
    return parts;
}

/// A run as it was before a look.
struct Universe::Checkpoint {
    decltype(values_of(std::declval<Universe&>().course())) course;
    model::SimulatedEngine::Course engine;
    std::shared_ptr<const Mind> mind;
    std::map<std::filesystem::path, std::string> files;
    Settling now;

    [[nodiscard]] bool is_before(const Fault& fault) const {
        return fault.place.empty() &&
               (fault.counts_writes ? engine.writes : engine.calls) <= fault.at;
    }
};

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

void Universe::enter(const Workload& workload, const Schedule& schedule) {
    workload_ = &workload;
    wanted_ = workload.wanted;
    names_ = reconcilers::Names(wanted_.instance);
    faults_ = schedule.size();
    std::filesystem::remove_all(folder_ / "instances");
}

void Universe::begin(const Workload& workload, const Schedule& schedule) {
    enter(workload, schedule);
    host_ = workload.start;
    facts_ = workload.facts;
    pulled_ = workload.pulled;
    verdict_ = {};
    held_.clear();
    has_lost_volume_ = false;
    is_taken_over_ = false;
    is_settled_ = false;
    has_turned_ = !workload.before;
    if (workload.before) wanted_ = *workload.before;
    attempts_.clear();
    was_served_ = false;
    surprises_at_pass_ = 0;
    pass_began_ = host_.now;
    if (!workload.identity.empty()) {
        const auto folder = state_.make_instance(wanted_.instance.name);
        (void)controller::write_file(folder->identity(), workload.identity, {.is_durable = false});
    }
    if (!workload.requests.empty()) {
        const auto folder = state_.make_instance(wanted_.instance.name);
        (void)controller::write_file(folder->requests(), workload.requests, {.is_durable = false});
    }
    engine_.plan(schedule, wanted_.instance.name);
    note_held();
    wake_up();
}

void Universe::wake_up() {
    log_->close();
    mind_.reset();
    mind_ = std::make_unique<Mind>(
        *this,
        controller::FactStore{
            .load = [this](const std::string& key) -> std::optional<std::string> {
                const auto found = facts_.find(key);
                if (found == facts_.end()) return std::nullopt;
                return found->second;
            },
            .save = [this](const std::string& key, const std::string& text) { facts_[key] = text; },
            .pulled = [this] { return pulled_; },
            .forget_pulled =
                [this](const reconcilers::PulledImage& image) { std::erase(pulled_, image); }});
}

void Universe::keep(const Settling& now) {
    std::map<std::filesystem::path, std::string> files;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_)) {
        if (file.is_regular_file()) files[file.path()] = **controller::read_file(file, 1 << 20);
    }
    kept_.checkpoints.push_back(std::make_shared<const Checkpoint>(
        Checkpoint{.course = values_of(course()),
                   .engine = engine_.course(),
                   .mind = std::make_shared<const Mind>(*this, *mind_),
                   .files = std::move(files),
                   .now = now}));
}

void Universe::keep_course(const Workload& workload, const Schedule& base) {
    if (kept_.workload == &workload && kept_.base == base) return;
    kept_ = {.workload = &workload, .base = base};
    is_keeping_ = true;
    begin(workload, base);
    settle(verdict_, {.again = again_min});
    is_keeping_ = false;
}

Universe::Settling Universe::begin_or_go_on(const Workload& workload, const Schedule& schedule) {
    Schedule others = schedule;
    for (const Fault& fault : kept_.base) {
        const auto found = std::find(others.begin(), others.end(), fault);
        if (found != others.end()) others.erase(found);
    }
    const bool is_kept =
        kept_.workload == &workload && others.size() + kept_.base.size() == schedule.size();
    const auto from =
        std::find_if(kept_.checkpoints.rbegin(), kept_.checkpoints.rend(), [&](const auto& one) {
            return is_kept && std::all_of(others.begin(), others.end(), [&](const Fault& other) {
                       return one->is_before(other);
                   });
        });
    if (from == kept_.checkpoints.rend()) {
        begin(workload, schedule);
        return {.again = again_min};
    }
    const Checkpoint& before = **from;
    enter(workload, schedule);
    course() = before.course;
    if (!has_turned_) wanted_ = *workload.before;
    engine_.go_on_from(before.engine, others);
    log_->close();
    mind_ = std::make_unique<Mind>(*this, *before.mind);
    for (const auto& [path, text] : before.files) {
        std::filesystem::create_directories(path.parent_path());
        (void)controller::write_file(path, text, {.is_durable = false});
    }
    return before.now;
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
        if (result) trace(reconcilers::to_text(result->steps));
        if (result) check(Moment::after_pass, nullptr, &*result);
        for (std::size_t i = 0; result && i < result->steps.steps.size(); ++i) {
            const reconcilers::Action& action = result->steps.steps[i].action;
            if (!reconcilers::is_wait(action)) verdict_.done.insert(in_detail(action));
        }
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
    ++verdict_.hints_followed;
    return !failed.empty() || has_given_up;
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

void Universe::settle(Verdict& verdict, Settling now) {
    auto& [count, last, again, surprises, surprised_at, changed_at] = now;
    for (; verdict.passes_after_fault < passes_max && count < looks_max; ++count) {
        if (is_left_before_look(now)) return;
        const std::size_t met_before = verdict.boundaries.size();
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
        if (is_again) --verdict.passes_after_fault;
        if (!is_again) changed_at = host_.now;
        again = is_again ? std::min<milliseconds>(2 * again, again_max) : again_min;
        // Nor are its calls others than those of the look before.
        for (std::size_t i = met_before; is_again && i < verdict.boundaries.size(); ++i) {
            verdict.boundaries[i].faults.clear();
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

/// What somebody renamed stays there: nobody wants it, and it is not ours to remove.
void Universe::check_drift(const PassResult& result) {
    if (!result.steps.is_settled()) return;
    for (const auto& item : result.status.drift) {
        if (item.difference.desired == "absent") continue;
        violate("M7", "drift once converged: " + item.resource + " " + item.difference.field +
                          ": " + item.difference.desired + ", is " + item.difference.actual);
        return;
    }
}

/// Again with nothing remembered (L3), and with time passing (L1): no write any more, and nothing
/// is called drift (M7).
void Universe::stay_quiet(Verdict& verdict) {
    wanted_.settled = std::make_shared<const specs::Instance>(wanted_.instance);
    engine_.calm();
    is_rehearsal_ = false;
    const std::size_t before = engine_.writes();
    // Of a cleaning its container tells, too; where somebody took that away, the journal alone.
    std::erase_if(facts_, [&](const auto& fact) {
        return engine_.surprises() == 0 || !fact.first.starts_with("cache cleanings ");
    });
    wake_up();
    const int passes = verdict.passes_after_fault;
    for (const milliseconds pause : {milliseconds(0), milliseconds(resync), milliseconds(2h)}) {
        host_.advance(pause);
        const auto result = pass();
        if (result) check_drift(*result);
        const std::size_t writes = engine_.writes() - before;
        if (writes == 0) continue;
        verdict.writes_after = writes;
        violate(pause.count() == 0 ? "L3" : "L1",
                std::to_string(writes) + " writes once converged, the last: " + last_write_);
        break;
    }
    verdict.passes_after_fault = passes;
    wanted_.settled = nullptr;
}

/// A whole day of looks, once for each end that was ever reached.
void Universe::stay_quiet_for_a_day(Verdict& verdict) {
    static std::mutex mutex;
    static std::set<std::string> seen;
    {
        const std::lock_guard guard(mutex);
        if (!seen.insert(workload_->name + verdict.end).second) return;
    }
    const std::size_t before = engine_.writes();
    const int passes = verdict.passes_after_fault;
    // A mutant has hundreds of runs before it, and no need of the hours in between.
    static const bool is_mutant = std::getenv("MATRIARCH_EXPECT") != nullptr;
    const milliseconds step = is_mutant ? milliseconds(12h) : milliseconds(10min);
    for (const Time until = host_.now + 24h; host_.now < until; host_.advance(step)) (void)pass();
    verdict.writes_after += engine_.writes() - before;
    if (engine_.writes() != before) violate("L1", "writes in 24 quiet hours");
    verdict.passes_after_fault = passes;
}

/// Whether somebody did what cannot be made good without the release that failed.
bool Universe::is_taken_away() const {
    if (is_taken_over_ || has_lost_volume_) return true;
    return std::any_of(verdict_.struck.begin(), verdict_.struck.end(), [](const auto& one) {
        const FaultKind kind = one.first.kind;
        return kind == FaultKind::removed || kind == FaultKind::renamed ||
               kind == FaultKind::squeezed || kind == FaultKind::started;
    });
}

/// A commit that fails leaves the release before it serving, whole.
void Universe::check_what_failed(const Workload& workload) {
    if (workload.ends_blocked.empty() || workload.is_removed || is_taken_away()) return;
    bool serves = false;
    for (const auto& [id, one] : host_.containers) {
        const std::string role = model::role_of(one);
        if (role == "web" && host_.answer(one, host_.now).is_yes) serves = true;
        const bool is_new = one.seen.spec.image.tag == to_text(wanted_.instance.mastodon);
        if (workload.ends_blocked != "rolled-back" || !is_new || !one.seen.is_alive()) continue;
        if (reconcilers::is_app_role(role)) {
            violate("L2", "rolled back, and " + one.seen.name + " runs all the same");
        }
    }
    if (!serves) violate("L2", "stopped, and nothing serves");
}

Verdict Universe::run(const Workload& workload, const Schedule& schedule) {
    settle(verdict_, begin_or_go_on(workload, schedule));
    verdict_.writes = engine_.writes();
    const bool is_over = !verdict_.violations.empty();
    if (!is_over) {
        verdict_.end = projection(host_, wanted_);
        // Who says that nothing is left to do must be right, also where he may stop with an alarm.
        const bool is_stopped =
            has_lost_volume_ || is_taken_over_ || (!workload.ends_blocked.empty() && !is_settled_);
        const auto& judge = workload.is_removed ? is_gone : is_as_wanted;
        if (const Finding wrong = judge(host_, wanted_); wrong && !is_stopped) {
            violate("L1", *wrong);
        }
        if (const Finding wrong = is_backed_up(host_); workload.keeps_schedules && wrong) {
            if (!is_stopped) violate("L1", *wrong);
        }
        // Whoever cuts it off from the database makes it fail; who takes it away makes another one.
        const bool is_calm = engine_.surprises() == 0 && !is_stopped;
        if (const Finding wrong = is_cleaned(host_, wanted_); workload.keeps_schedules && wrong) {
            if (is_calm) violate("S14", *wrong);
        }
        if (const Finding wrong = is_tidy(host_, workload); wrong && !is_stopped) {
            violate("L1", *wrong);
        }
        // What a person took away stays away where nothing new can be made.
        const bool may_differ = has_lost_volume_ || is_taken_over_ ||
                                (!workload.ends_blocked.empty() && engine_.surprises() > 0);
        if (!workload.end.empty() && !may_differ && verdict_.end != workload.end) {
            violate("M1", first_difference(verdict_.end, workload.end));
        }
        const std::size_t extra =
            schedule.size() + static_cast<std::size_t>(verdict_.hints_followed);
        if (!workload.end.empty() && verdict_.writes > workload.writes + writes_per_fault * extra) {
            violate("L5", std::to_string(verdict_.writes) + " writes; " +
                              std::to_string(workload.writes) + " without faults");
        }
        if (verdict_.hints_followed > 0 && has_only_call_faults(schedule)) {
            violate("L1", "a person was needed, although nobody had touched anything");
        }
        check_what_failed(workload);
        stay_quiet(verdict_);
        stay_quiet_for_a_day(verdict_);
    }
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
    settle(verdict_, {.again = again_min});
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
