// A run's beginning, and its going on from where another one was.
#include <algorithm>
#include <tuple>

#include "controller/base/files.hpp"
#include "tests/property/universe_parts.hpp"

namespace matriarch::property {

using model::Fault;

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
    // This controller has been at work for long; those after a crash have not.
    host_.now -= std::chrono::hours(1);
    wake_up();
    host_.now += std::chrono::hours(1);
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
    settle({.again = again_min});
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

}  // namespace matriarch::property
