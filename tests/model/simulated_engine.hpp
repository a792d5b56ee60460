// SimulatedEngine: the Engine interface over a SimulatedHost, with faults at the n-th call.
//
// One thread. Every call takes some simulated time. A crash of the controller leaves as a Crash.
#pragma once

#include <deque>
#include <functional>
#include <set>

#include "controller/engine/engine.hpp"
#include "tests/model/fault.hpp"
#include "tests/model/host.hpp"
#include "tests/model/places.hpp"

namespace matriarch::model {

using controller::Call;
using controller::ContainerSummary;
using controller::EngineFacts;
using controller::Event;
using controller::Output;

/// The controller is gone at this place; what it remembered is lost.
struct Crash {};

/// One call, before anything of it is done.
struct CallMade {
    std::size_t number{0};
    const char* verb{""};
    bool is_write{false};
    /// Id of a container, else a name.
    std::string object{};
    /// "web", "volume", "network", "image", ...: where in the table of cells it belongs.
    std::string role{};
    /// In words, where they are asked for; and what an act that strikes here is done to.
    std::string place{};
    std::string victim{};
    /// Of create_container.
    const reconcilers::CreateContainer* created{nullptr};
    const reconcilers::CreateVolume* volume{nullptr};
    /// Of signal_container.
    const std::string* signal{nullptr};
    /// Of the edge's configuration.
    const std::set<std::string>* routes{nullptr};
};

class SimulatedEngine final : public controller::Engine {
 public:
    explicit SimulatedEngine(SimulatedHost& host) : host_(host) {}

    using List = std::vector<ContainerSummary>;

    /// How far a run has come.
    struct Course {
        /// Faults whose call has not come yet.
        Schedule schedule{};
        bool is_naming{false};
        Places places{};
        std::size_t calls{0};
        std::size_t writes{0};
        /// Requests on their way whose caller has given up.
        std::vector<std::pair<Time, std::function<void()>>> late{};
        /// What lists said after each of the last changes, newest last.
        std::deque<List> views{};
        int surprises{0};
    };

    /// Counts from zero again, and goes wrong as written.
    void plan(Schedule schedule, std::string instance);
    [[nodiscard]] const Course& course() const { return course_; }
    /// As it was then, and with more faults to come. The host must be as it was then.
    void go_on_from(const Course& course, const Schedule& more);
    /// From the next plan on: says in words where faults strike.
    void name_places(bool is_wanted) { is_naming_wanted_ = is_wanted; }
    /// No fault from here on; what is under way still arrives.
    void calm() { course_.schedule.clear(); }
    /// Told of every call before it has an effect, also of those that will have none.
    std::function<void(const CallMade&)> before{};
    /// Told after each call, and after each act.
    std::function<void()> after{};
    /// Told of each fault that really happened, with the call it met.
    std::function<void(const Fault&, const CallMade&)> struck{};

    [[nodiscard]] std::size_t calls() const { return course_.calls; }
    [[nodiscard]] std::size_t writes() const { return course_.writes; }
    /// Faults whose call has not come yet.
    [[nodiscard]] std::size_t pending() const { return course_.schedule.size(); }
    /// When the last request that is still on its way arrives; nothing: none is.
    [[nodiscard]] std::optional<Time> last_arrival() const;
    /// How often something happened that was none of the calls: acts, and late arrivals.
    [[nodiscard]] int surprises() const { return course_.surprises; }

    Result<EngineFacts> facts(const Call& call) override;
    Result<std::vector<ContainerSummary>> list_containers(const std::string& label,
                                                          const Call& call) override;
    Result<std::optional<reconcilers::ObservedContainer>> inspect_container(
        const std::string& id_or_name, const Call& call) override;
    Result<std::optional<reconcilers::ObservedNetwork>> inspect_network(
        const std::string& id_or_name, const Call& call) override;
    Result<std::vector<std::string>> list_networks(const std::string& name,
                                                   const Call& call) override;
    Result<std::optional<reconcilers::ObservedVolume>> inspect_volume(const std::string& name,
                                                                      const Call& call) override;
    Result<std::vector<reconcilers::ObservedVolume>> list_volumes(const std::string& label,
                                                                  const Call& call) override;
    Result<std::optional<reconcilers::ImageFacts>> inspect_image(const std::string& reference,
                                                                 const Call& call) override;
    Result<void> pull_image(const specs::ImageRef& image,
                            const std::function<void(const std::string&)>& progress,
                            const Call& call) override;
    Result<void> remove_image(const std::string& id, const Call& call) override;
    Result<std::string> create_network(const reconcilers::CreateNetwork& network,
                                       const Call& call) override;
    Result<void> remove_network(const std::string& id, const Call& call) override;
    Result<void> create_volume(const reconcilers::CreateVolume& volume, const Call& call) override;
    Result<std::string> create_container(const reconcilers::CreateContainer& container,
                                         const Call& call) override;
    Result<void> start_container(const std::string& id, const Call& call) override;
    Result<void> unpause_container(const std::string& id, const Call& call) override;
    Result<void> signal_container(const std::string& id, const std::string& signal,
                                  const Call& call) override;
    Result<void> remove_container(const std::string& id, const Call& call) override;
    Result<void> update_limits(const reconcilers::UpdateLimits& update, const Call& call) override;
    Result<void> connect_network(const reconcilers::ConnectNetwork& connect,
                                 const Call& call) override;
    Result<void> disconnect_network(const reconcilers::DisconnectNetwork& disconnect,
                                    const Call& call) override;
    Result<Output> execute(const std::string& id, const std::vector<std::string>& command,
                           const Call& call) override;
    Result<Output> logs(const std::string& id, int last_lines, const Call& call) override;
    Result<void> follow_logs(const std::string& id, int last_lines,
                             const std::function<void(bool is_error, std::string_view)>& piece,
                             const Call& call) override;
    Result<void> watch_events(const std::function<void(const Event&)>& each,
                              const Call& call) override;

 private:
    void join(SimulatedContainer& one, const std::string& network,
              const std::vector<std::string>& aliases);
    [[nodiscard]] bool is_network_used(const std::string& id) const;
    [[nodiscard]] std::vector<std::string> networks_called(const std::string& id_or_name) const;
    template <class Effect>
    std::invoke_result_t<Effect> read(CallMade made, const Call& call, Effect effect);
    template <class Effect>
    std::invoke_result_t<Effect, bool> write(CallMade made, const Call& call, Effect effect);
    /// The fault of the call that begins now; acts that are due are done.
    std::optional<Fault> begin(CallMade& made);
    [[nodiscard]] std::string name_of(const CallMade& made) const;
    void end();
    void arrive();
    void keep_view();
    [[nodiscard]] CallMade on_container(const char* verb, bool is_write, const std::string& id);
    Result<std::string> create(const reconcilers::CreateContainer& container, bool is_half);
    Result<void> start(const std::string& id);
    Result<void> signal(const std::string& id, const std::string& signal);
    Result<Output> configure(const std::string& id, const std::vector<std::string>& command,
                             const Call& call);
    Result<SimulatedContainer*> known(const std::string& id);
    Result<void> has_room() const;
    [[nodiscard]] List view() const;
    [[nodiscard]] List stale_view() const;

    SimulatedHost& host_;
    bool is_naming_wanted_{false};
    std::string instance_{};
    bool is_stale_{false};
    Course course_{};
};

}  // namespace matriarch::model
