// Conformance: the simulated Engine, on which the fault matrix runs, does as the real one does.
//
// Every behaviour by name and every script by chance is played on both at once. After each call
// both must say the same kind of answer and show the same of everything; where they differ, the
// simulation is wrong. The figures go to tests/proof (MATRIARCH_RESULTS/../conformance.json).
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>

#include "tests/contract/by_hand.hpp"
#include "tests/contract/engine_contract.hpp"
#include "tests/contract/stage.hpp"
#include "tests/model/simulated_engine.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t scripts = 40;
constexpr std::size_t script_length = 14;
/// What the real one does a moment later still counts: an end, a signal that arrives.
constexpr auto patience = 5s;
constexpr auto moment = std::chrono::milliseconds(1000);

Hands real_hands() {
    return {
        .pause = [](const std::string& id) { by_hand::ask("POST", "containers/" + id + "/pause"); },
        .destroy =
            [](const std::string& id) { by_hand::ask("DELETE", "containers/" + id + "?force=1"); }};
}

Hands simulated_hands(model::SimulatedHost& host) {
    return {.pause =
                [&host](const std::string& id) {
                    model::SimulatedContainer* one = host.by_id(id);
                    if (one == nullptr || !one->seen.is_running()) return;
                    one->seen.state = reconcilers::RunState::paused;
                },
            .destroy = [&host](const std::string& id) { host.containers.erase(id); }};
}

void clean_up(const std::string& prefix) {
    for (const char* name : {"a", "b"}) {
        by_hand::ask("DELETE", "containers/" + prefix + name + "?force=1");
    }
    for (const char* name : {"n", "m"}) by_hand::ask("DELETE", "networks/" + prefix + name);
    by_hand::ask("DELETE", "volumes/" + prefix + "v");
}

/// Empty: both agree. Else the call at which they part, and what each says.
std::string disagreement(const Script& script, const std::string& prefix) {
    const auto engine = by_hand::connect_to_engine();
    model::SimulatedHost host;
    host.images[contract_image] = {.facts = **engine->inspect_image(contract_image, {})};
    model::SimulatedEngine simulated(host);
    Stage real(*engine, real_hands(), prefix);
    Stage model(simulated, simulated_hands(host), prefix);
    std::string before;
    for (const ScriptCall& call : script) {
        before += to_text(call) + "; ";
        const std::string said = real.make(call);
        const std::string simulated_said = model.make(call);
        if (said != simulated_said) return before + "real " + said + ", model " + simulated_said;
        if (!call.expected.empty() && !said.starts_with(call.expected)) {
            return before + "both " + said + ", expected " + call.expected;
        }
        host.advance(moment);
        const std::string expected = model.seen();
        std::string seen = real.seen();
        const auto until = std::chrono::steady_clock::now() + patience;
        while (seen != expected && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(20ms);
            seen = real.seen();
        }
        if (seen != expected) return before + "\n  real:  " + seen + "\n  model: " + expected;
    }
    return {};
}

struct Play {
    std::string name{};
    Script script{};
};

/// Several at once: most of the time is the Engine's.
std::vector<std::string> play(const std::vector<Play>& plays) {
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::vector<std::string> found;
    const auto work_off = [&] {
        for (std::size_t i = next++; i < plays.size(); i = next++) {
            const std::string prefix =
                "contract-" + std::to_string(getpid()) + "-" + std::to_string(i) + "-";
            std::string wrong = disagreement(plays[i].script, prefix);
            clean_up(prefix);
            const std::lock_guard guard(mutex);
            if (!wrong.empty()) found.push_back(plays[i].name + ": " + wrong);
        }
    };
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back(work_off);
    threads.clear();
    return found;
}

/// For the table of tests/proof.
void report(const std::string& figure, std::size_t value) {
    static std::map<std::string, std::size_t> figures;
    const char* folder = std::getenv("MATRIARCH_RESULTS");
    figures[figure] += value;
    if (folder == nullptr) return;
    std::ofstream out(std::string(folder) + "/../conformance.json");
    for (const auto& [name, count] : figures) {
        out << (name == figures.begin()->first ? "{" : ", ") << '"' << name << "\": " << count;
    }
    out << "}\n";
}

void expect_agreement(const std::vector<Play>& plays, const std::string& figure) {
    if (const std::string why = by_hand::obstacle(); !why.empty()) GTEST_SKIP() << why;
    const std::vector<std::string> found = play(plays);
    for (const std::string& wrong : found) ADD_FAILURE() << wrong;
    report(figure, plays.size());
    report("conformance_disagreements", found.size());
}

TEST(Conformance, BothDoWhatWeRelyOn) {
    std::vector<Play> plays;
    for (const Behaviour& one : behaviours()) plays.push_back({one.name, parse_script(one.script)});
    EXPECT_GE(plays.size(), 60U);
    expect_agreement(plays, "conformance_behaviours");
}

TEST(Conformance, BothDoTheSameByChance) {
    const char* seed = std::getenv("MATRIARCH_SEED");
    const std::uint64_t first = seed == nullptr ? 1 : std::stoull(seed);
    const bool is_long = std::getenv("MATRIARCH_NIGHTLY") != nullptr;
    std::vector<Play> plays;
    for (std::size_t i = 0; i < (is_long ? 10 : 1) * scripts; ++i) {
        plays.push_back(
            {"script " + std::to_string(first + i), random_script(first + i, script_length)});
    }
    expect_agreement(plays, "conformance_scripts");
}

}  // namespace
}  // namespace matriarch::controller
