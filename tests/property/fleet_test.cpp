// A thousand instances of seven containers, each on a simulated machine of its own, seen as one
// Engine: what a full comparison costs, and what one changed container costs. `tests/run bench
// drift` asks for it by its name: making them takes a while.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <fstream>

#include "controller/base/files.hpp"
#include "controller/base/log.hpp"
#include "controller/engine/counting_engine.hpp"
#include "specs/specs.hpp"
#include "tests/property/report.hpp"
#include "tests/property/workloads.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::property {
namespace {

using namespace std::chrono_literals;
using namespace controller;
using reconcilers::Difference;
using std::chrono::steady_clock;

/// One of them, settled.
struct Member {
    Wanted wanted{};
    SimulatedHost host{};
    std::unique_ptr<model::SimulatedEngine> engine{};
};

class NoLog final : public StepLog {
 public:
    Result<std::int64_t> begin_pass(const std::string&, const std::string&) override { return 1; }
    Result<void> end_pass(std::int64_t, Outcome, const std::string&) override { return {}; }
    Result<std::int64_t> intend(const StepIntent&) override { return 1; }
    Result<void> conclude(std::int64_t, const StepOutcome&) override { return {}; }
};

class NoPulls final : public PullSource {
 public:
    void request(const specs::ImageRef&) override {}
    PullReport report() override { return {}; }
};

/// All of them behind one Engine; a call about one of them goes to the one whose turn it is.
class Many final : public Engine {
 public:
    explicit Many(std::vector<Member>& members) : members_(members) {}
    void turn_to(std::size_t turn) { turn_ = turn; }
    [[nodiscard]] Member& member() { return members_[turn_]; }

    Result<std::vector<ContainerSummary>> list_containers(const std::string& label,
                                                          const Call& call) override {
        if (label.find('=') != std::string::npos) return one().list_containers(label, call);
        std::vector<ContainerSummary> all;
        for (Member& each : members_) {
            auto list = TRY(each.engine->list_containers(label, call));
            std::move(list.begin(), list.end(), std::back_inserter(all));
        }
        return all;
    }
    Result<EngineFacts> facts(const Call& call) override { return one().facts(call); }
    Result<std::optional<reconcilers::ObservedContainer>> inspect_container(
        const std::string& id, const Call& call) override {
        return one().inspect_container(id, call);
    }
    Result<std::optional<reconcilers::ObservedNetwork>> inspect_network(const std::string& id,
                                                                        const Call& call) override {
        return one().inspect_network(id, call);
    }
    Result<std::vector<std::string>> list_networks(const std::string& name,
                                                   const Call& call) override {
        return one().list_networks(name, call);
    }
    Result<std::optional<reconcilers::ObservedVolume>> inspect_volume(const std::string& name,
                                                                      const Call& call) override {
        return one().inspect_volume(name, call);
    }
    Result<std::vector<reconcilers::ObservedVolume>> list_volumes(const std::string& label,
                                                                  const Call& call) override {
        return one().list_volumes(label, call);
    }
    Result<std::optional<reconcilers::ImageFacts>> inspect_image(const std::string& reference,
                                                                 const Call& call) override {
        return one().inspect_image(reference, call);
    }
    Result<Output> execute(const std::string& id, const std::vector<std::string>& command,
                           const Call& call) override {
        return one().execute(id, command, call);
    }
    Result<Output> logs(const std::string& id, int last_lines, const Call& call) override {
        return one().logs(id, last_lines, call);
    }
    Result<void> watch_events(const std::function<void(const Event&)>&, const Call&) override {
        return {};
    }
    Result<void> follow_logs(const std::string&, int,
                             const std::function<void(bool, std::string_view)>&,
                             const Call&) override {
        return {};
    }
    // Nothing is changed here.
    Result<void> pull_image(const specs::ImageRef&, const std::function<void(const std::string&)>&,
                            const Call&) override {
        return changes_nothing();
    }
    Result<std::string> create_network(const reconcilers::CreateNetwork&, const Call&) override {
        return changes_nothing();
    }
    Result<void> remove_image(const std::string&, const Call&) override {
        return changes_nothing();
    }
    Result<void> remove_network(const std::string&, const Call&) override {
        return changes_nothing();
    }
    Result<void> create_volume(const reconcilers::CreateVolume&, const Call&) override {
        return changes_nothing();
    }
    Result<std::string> create_container(const reconcilers::CreateContainer&,
                                         const Call&) override {
        return changes_nothing();
    }
    Result<void> start_container(const std::string&, const Call&) override {
        return changes_nothing();
    }
    Result<void> unpause_container(const std::string&, const Call&) override {
        return changes_nothing();
    }
    Result<void> signal_container(const std::string&, const std::string&, const Call&) override {
        return changes_nothing();
    }
    Result<void> remove_container(const std::string&, const Call&) override {
        return changes_nothing();
    }
    Result<void> update_limits(const reconcilers::UpdateLimits&, const Call&) override {
        return changes_nothing();
    }
    Result<void> connect_network(const reconcilers::ConnectNetwork&, const Call&) override {
        return changes_nothing();
    }
    Result<void> disconnect_network(const reconcilers::DisconnectNetwork&, const Call&) override {
        return changes_nothing();
    }

 private:
    static tl::unexpected<Error> changes_nothing() {
        return fail(ErrorKind::failed, "a look changes nothing");
    }
    Engine& one() { return *members_[turn_].engine; }

    std::vector<Member>& members_;
    std::size_t turn_{0};
};

std::string name_of(std::size_t number) {
    return "fleet-" + std::to_string(number);
}

Wanted wanted_of(std::size_t number) {
    const std::string name = name_of(number);
    const auto parsed = specs::parse_instance_text("instance: " + name + "\ndomain: " + name +
                                                       ".test\nmastodon: v4.6.1\n"
                                                       "web: {replicas: 2}\n"
                                                       "backups: {repository: /srv/backups}\n",
                                                   name + ".yaml");
    EXPECT_TRUE(parsed);
    Wanted wanted{.instance = *parsed,
                  .secrets = reconcilers::testing::canary_secrets(),
                  .revision = "0123456789abcdef"};
    return wanted;
}

/// Resident memory of this program.
double resident_mib() {
    std::ifstream statm("/proc/self/statm");
    double size = 0;
    double resident = 0;
    statm >> size >> resident;
    return resident * 4096 / 1024 / 1024;
}

/// The fleet, the loop's parts over it, and a clock that is the same for all.
class Fleet {
 public:
    explicit Fleet(std::size_t size) {
        Universe universe(scratch());
        for (std::size_t i = 0; i < size; ++i) {
            Workload workload{.name = name_of(i), .wanted = wanted_of(i)};
            workload.start.made = static_cast<int>(i) * 1000;  // ids of its own
            const Verdict verdict = universe.run(workload, {});
            EXPECT_TRUE(verdict.violations.empty());
            const Workload end = universe.followed_by("end", workload.wanted);
            Member member{.wanted = workload.wanted, .host = end.start};
            member.wanted.settled =
                std::make_shared<const specs::Instance>(workload.wanted.instance);
            facts.insert(end.facts.begin(), end.facts.end());
            const auto folder = *state.make_instance(workload.wanted.instance.name);
            EXPECT_TRUE(write_file(folder.identity(), end.identity, {.is_durable = false}));
            members.push_back(std::move(member));
            latest = std::max(latest, end.start.now);
        }
        for (Member& member : members) {
            member.host.advance(latest + 1h - member.host.now);
            member.engine = std::make_unique<model::SimulatedEngine>(member.host);
        }
    }

    PassResult look(std::size_t number, const Discovery& discovery) {
        many.turn_to(number);
        auto result = pass.look(members[number].wanted, discovery, {});
        EXPECT_TRUE(result);
        return result ? std::move(*result) : PassResult{};
    }

    void let_pass(milliseconds time) {
        for (Member& member : members) member.host.advance(time);
    }

    std::size_t looks_with_drift() {
        const Discovery discovery = *observer.discover({});
        EXPECT_EQ(discovery.size(), members.size());
        std::size_t found = 0;
        for (std::size_t i = 0; i < members.size(); ++i) {
            const PassResult result = look(i, discovery);
            EXPECT_TRUE(result.steps.is_settled() || !result.status.drift.empty())
                << reconcilers::to_text(result.steps);
            EXPECT_EQ(result.status.containers.size(), 7U);
            if (!result.status.drift.empty()) ++found;
        }
        return found;
    }

    State state{scratch() / "fleet"};
    std::vector<Member> members{};
    std::map<std::string, std::string> facts{};
    reconcilers::Time latest{};
    Machine machine{
        .now =
            [this] {
                // The loop's parts are made before the machines are.
                return members.empty() ? latest : many.member().host.now;
            },
        .free_space = [](const std::string&) -> std::optional<Bytes> { return mib(1024 * 1024); },
        .side_by_side = 1};
    Many many{members};
    CountingEngine counted{many};
    NoLog log{};
    NoPulls pulls{};
    Observer observer{
        counted,
        {.load = [this](const std::string& key) -> std::optional<std::string> {
             const auto found = facts.find(key);
             if (found == facts.end()) return std::nullopt;
             return found->second;
         },
         .save = [this](const std::string& key, const std::string& text) { facts[key] = text; }},
        machine};
    Applier applier{counted, pulls, observer, log, state, {}, machine};
    Holder holder{counted, log, {.id = "ours", .place = "here"}};
    Pass pass{observer, applier, pulls, holder, state};
};

double milliseconds_since(steady_clock::time_point began) {
    return std::chrono::duration<double, std::milli>(steady_clock::now() - began).count();
}

void print(const char* figure, double value) {
    std::printf("figure %s %.3f\n", figure, value);
}

TEST(Fleet, DISABLED_IsCompared) {
    controller::log::configure({.level = controller::log::Level::off});
    const std::size_t size = std::stoul(setting("MATRIARCH_FLEET", "1000"));
    Fleet fleet(size);
    const double before = resident_mib();
    EXPECT_EQ(fleet.looks_with_drift(), 0U);
    for (int turn = 0; turn < 5; ++turn) {
        fleet.let_pass(30s);  // so that networks, volumes and images are asked for again
        const auto began = steady_clock::now();
        EXPECT_EQ(fleet.looks_with_drift(), 0U);
        print("fleet_compare_ms", milliseconds_since(began));
    }
    // With the thousand simulated machines; and what the controller's own memory grew by.
    print("fleet_rss_mib", resident_mib());
    print("fleet_own_mib", resident_mib() - before);

    const std::size_t changed = size / 2;
    Member& member = fleet.members[changed];
    const std::string name = member.wanted.instance.name;
    member.host.by_name(name + "-web-1")->seen.spec.limits.memory = mib(123);
    fleet.counted.reset();
    const auto began = steady_clock::now();
    fleet.many.turn_to(changed);
    const Discovery discovery = *fleet.observer.discover_one(name, {});
    ASSERT_EQ(discovery.size(), 1U);
    const PassResult result = fleet.look(changed, discovery);
    print("fleet_one_changed_ms", milliseconds_since(began));
    print("fleet_one_changed_calls", fleet.counted.counts().total);
    ASSERT_EQ(result.status.drift.size(), 1U);
    EXPECT_EQ(result.status.drift.front().difference.field, "memory");
    // One list, and seven containers; nothing of the others.
    EXPECT_LE(fleet.counted.counts().total, 12);
}

}  // namespace
}  // namespace matriarch::property
