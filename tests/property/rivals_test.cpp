// Two controllers on one Engine: whatever the one does at any call of the other, only one of them
// changes the instance, until a person gives it to the other.
#include <gtest/gtest.h>

#include <utility>

#include "controller/loop/pass.hpp"
#include "reconcilers/labels.hpp"
#include "tests/property/report.hpp"

namespace matriarch::property {
namespace {

using namespace std::chrono_literals;
using model::CallMade;

constexpr int passes_max = 400;

/// No journal, and pulls at once.
class Log final : public controller::StepLog {
 public:
    Result<std::int64_t> begin_pass(const std::string&, const std::string&) override { return 1; }
    Result<void> end_pass(std::int64_t, controller::Outcome, const std::string&) override {
        return {};
    }
    Result<std::int64_t> intend(const controller::StepIntent&) override { return 1; }
    Result<void> conclude(std::int64_t, const controller::StepOutcome&) override { return {}; }
};

class Pulls final : public controller::PullSource {
 public:
    explicit Pulls(model::SimulatedEngine& engine) : engine_(engine) {}
    void request(const specs::ImageRef& image) override {
        (void)engine_.pull_image(image, nullptr, {});
    }
    controller::PullReport report() override { return {}; }

 private:
    model::SimulatedEngine& engine_;
};

/// A controller with a state folder of its own.
class Side {
 public:
    Side(SimulatedHost& host, const std::string& id)
        : folder_(scratch() / ("rival-" + std::to_string(::getpid()) + "-" + id)),
          state_(folder_),
          machine_{.now = [&host] { return host.now; },
                   .free_space = [](const std::string&) { return mib(1024 * 1024); },
                   .side_by_side = 1},
          engine_(host),
          pulls_(engine_),
          observer_(engine_, {}, machine_),
          applier_(engine_, pulls_, observer_, log_, state_, {}, machine_),
          holder_(engine_, log_, {.id = id, .place = id}),
          pass_(observer_, applier_, pulls_, holder_, state_),
          host_(host) {
        std::filesystem::create_directories(folder_);
        engine_.before = [this](const CallMade& made) {
            const auto* volume = made.volume;
            const bool is_claim =
                volume != nullptr && volume->labels.contains(reconcilers::label::holds);
            if (made.is_write && !is_claim) ++changes_;
            if (made.number != interrupted_at_ || !interruption_) return;
            // Only once, and held here: what runs must outlive its own end.
            std::exchange(interruption_, {})();
        };
    }
    ~Side() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Side(const Side&) = delete;
    Side& operator=(const Side&) = delete;

    /// One round of the loop. Says whether there is nothing left to do, for it.
    bool pass(const Wanted& wanted) {
        const auto before = changes_;
        const auto discovery = observer_.discover({});
        const auto result =
            discovery ? pass_.run(wanted, *discovery, 30s, {})
                      : Result<controller::PassResult>(tl::unexpected<Error>(discovery.error()));
        stands_by_ = !result && result.error().kind == ErrorKind::held;
        host_.advance(result && result->steps.changes_nothing() ? 2s : 50ms);
        return (result && result->steps.is_settled()) || (stands_by_ && before == changes_);
    }
    void settle(const Wanted& wanted) {
        for (int i = 0; i < passes_max && !pass(wanted); ++i) continue;
    }
    /// Something else happens in the middle of that call.
    void interrupt(std::size_t call, std::function<void()> what) {
        interrupted_at_ = call;
        interruption_ = std::move(what);
    }
    [[nodiscard]] bool was_interrupted() const { return !interruption_; }
    [[nodiscard]] std::size_t changes() const { return changes_; }
    [[nodiscard]] bool stands_by() const { return stands_by_; }
    controller::Holder& holder() { return holder_; }

 private:
    std::filesystem::path folder_;
    controller::State state_;
    controller::Machine machine_;
    model::SimulatedEngine engine_;
    Pulls pulls_;
    Log log_{};
    controller::Observer observer_;
    controller::Applier applier_;
    controller::Holder holder_;
    controller::Pass pass_;
    SimulatedHost& host_;
    std::size_t changes_{0};
    std::size_t interrupted_at_{0};
    std::function<void()> interruption_{};
    bool stands_by_{false};
};

const Workload& deployment() {
    return workloads().named("first_deployment");
}

TEST(Rivals, WhoeverComesInAtAnyCallOfADeploymentOnlyOneOfTwoDoesIt) {
    std::size_t call = 0;
    for (bool is_over = false; !is_over; ++call) {
        SimulatedHost host = deployment().start;
        Side one(host, "one");
        Side other(host, "other");
        one.interrupt(call, [&] { (void)other.pass(deployment().wanted); });
        one.settle(deployment().wanted);
        is_over = !one.was_interrupted();
        other.settle(deployment().wanted);
        one.settle(deployment().wanted);
        EXPECT_TRUE(one.changes() == 0 || other.changes() == 0) << "at call " << call;
        const Finding wrong = is_as_wanted(host, deployment().wanted);
        EXPECT_FALSE(wrong) << "at call " << call << ": " << *wrong;
        if (HasFailure()) return;
    }
    report("rivals_interleavings", static_cast<double>(call));
}

TEST(Rivals, WhoIsGivenTheInstanceGoesOnAndTheOtherStandsBy) {
    SimulatedHost host = deployment().start;
    Side one(host, "one");
    Side other(host, "other");
    for (int i = 0; i < passes_max && one.changes() < 12; ++i) (void)one.pass(deployment().wanted);
    const auto changes = one.changes();
    EXPECT_FALSE(other.holder().confirm("alpha", {}));
    ASSERT_TRUE(other.holder().take_over("alpha", {}));
    for (int i = 0; i < passes_max && !one.stands_by(); ++i) (void)one.pass(deployment().wanted);
    EXPECT_TRUE(one.stands_by());
    other.settle(deployment().wanted);
    EXPECT_EQ(one.changes(), changes);
    EXPECT_GT(other.changes(), 0U);
    ASSERT_TRUE(other.holder().take_over("alpha", {})) << "twice is once";
    EXPECT_FALSE(host.volumes.contains("alpha-holder-3"));
    ASSERT_TRUE(one.holder().take_over("alpha", {}));
    EXPECT_FALSE(other.holder().confirm("alpha", {}));
}

TEST(Rivals, AClaimWithoutLabelsIsNobodysAndTheNextNumberCounts) {
    SimulatedHost host = deployment().start;
    host.make_volume("alpha-holder-1", {});
    host.make_volume("alpha-holder-x", {{reconcilers::label::holds, "alpha"},
                                        {reconcilers::label::holder, "nobody"}});
    Side one(host, "one");
    Side other(host, "other");
    EXPECT_TRUE(one.holder().confirm("alpha", {}));
    EXPECT_TRUE(host.volumes.contains("alpha-holder-2"));
    const auto held = other.holder().confirm("alpha", {});
    ASSERT_FALSE(held);
    EXPECT_EQ(held.error().kind, ErrorKind::held);
    EXPECT_NE(held.error().hint.find("matriarch take-over alpha"), std::string::npos);
}

// Somebody tidies up: the first claim goes, the second one counts as before.
TEST(Rivals, AGapInTheNumbersChangesNothing) {
    SimulatedHost host = deployment().start;
    Side one(host, "one");
    Side other(host, "other");
    ASSERT_TRUE(one.holder().confirm("alpha", {}));
    ASSERT_TRUE(other.holder().take_over("alpha", {}));
    host.volumes.erase("alpha-holder-1");
    EXPECT_FALSE(one.holder().confirm("alpha", {}));
    EXPECT_TRUE(other.holder().confirm("alpha", {}));
}

}  // namespace
}  // namespace matriarch::property
