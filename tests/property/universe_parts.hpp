// What the files of Universe share: the parts of a controller that have no outside here.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "tests/property/universe.hpp"

namespace matriarch::property {

/// How often a controller looks at everything.
constexpr std::chrono::seconds resync{30};
/// The shortest time from one look to the next while nothing is due.
constexpr milliseconds again_min{250};

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
        const auto pulled =
            engine_.pull_image(image, nullptr, {.within = std::chrono::minutes(30)});
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

}  // namespace matriarch::property
