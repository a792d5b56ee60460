// Universe: the real loop (Observer, Pass, Applier, planners, safety) on a simulated host, with
// everything that could differ between two runs taken out of it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <set>

#include "controller/loop/backoff.hpp"
#include "controller/store/step_log.hpp"
#include "tests/property/properties.hpp"

namespace matriarch::property {

using model::Schedule;
using model::SimulatedHost;

using std::chrono::milliseconds;

/// One call of a run without faults, and everything that can go wrong there.
struct Boundary {
    /// "start web": verb and role.
    std::string cell{};
    bool is_write{false};
    std::vector<model::Fault> faults{};
};

/// From one settled state to the next.
using IsThere = std::function<bool(const SimulatedHost&)>;

struct Workload {
    std::string name{};
    SimulatedHost start{};
    /// The identity file's text; empty: never deployed.
    std::string identity{};
    std::map<std::string, std::string> facts{};
    std::optional<Wanted> previous{};
    Wanted wanted{};
    /// Another commit is in force first, until a look at which `turns_at` holds.
    std::optional<Wanted> before{};
    IsThere turns_at{};
    /// The text of the file with what a person asked for.
    std::string requests{};
    /// As `matriarch run`, which makes backups by their schedule.
    bool keeps_schedules{false};
    /// Images that it pulled before; none: not known, and none is ever removed.
    std::vector<reconcilers::PulledImage> pulled{};
    /// Its file is gone, and the host allows that it goes: nothing of it runs in the end.
    bool is_removed{false};
    /// Each quarter of a second, also while nothing happens: else what is brief is never seen.
    bool looks_often{false};
    /// May end stopped with an alarm that begins so, and changes nothing then (L2).
    std::string ends_blocked{};

    /// Of the run without faults.
    std::vector<Boundary> boundaries{};
    std::size_t writes{0};
    int passes{0};
    std::string end{};
};

struct Violation {
    std::string property{};
    std::string what{};
};

/// What became of one run.
struct Verdict {
    std::vector<Violation> violations{};
    /// Faults that really struck, with the verb and role they met.
    std::vector<std::pair<model::Fault, std::string>> struck{};
    /// The same faults by their places in words, where those were asked for.
    Schedule where{};
    /// Passes from the last fault until nothing was left to do.
    int passes_after_fault{0};
    std::size_t writes{0};
    /// Of the time after that.
    std::size_t writes_after{0};
    /// Of a run without faults: every step of the main plans that was applied, field by field, in
    /// words.
    std::set<std::string> done{};
    /// How often a person had to follow a hint (remove a failed job's container).
    int hints_followed{0};
    /// Of a rehearsal only.
    std::vector<Boundary> boundaries{};
    std::string end{};
};

class Universe {
 public:
    /// Its state folder is made below `scratch`, and removed with it.
    explicit Universe(const std::filesystem::path& scratch);
    ~Universe();
    Universe(const Universe&) = delete;
    Universe& operator=(const Universe&) = delete;

    /// The runs to come are of this workload and have these faults and others: each goes on from
    /// the last look before its first other one, instead of doing the same again until there.
    void keep_course(const Workload& workload, const Schedule& base);

    /// One run from the workload's start, under a schedule, until it is quiet.
    [[nodiscard]] Verdict run(const Workload& workload, const Schedule& schedule);

    /// A run without faults fills in what the others are compared with. Its violations are kept.
    [[nodiscard]] std::vector<Violation> rehearse(Workload& workload);

    /// What `matriarch plan` says at the workload's start, in the words of Verdict::done. Nothing:
    /// the Engine could not be asked.
    [[nodiscard]] std::optional<std::set<std::string>> foresee(const Workload& workload);

    /// Whether verdicts say where faults struck, in words.
    void name_places(bool is_wanted) {
        kept_ = {};
        engine_.name_places(is_wanted);
    }

    /// A run without faults that is left before the first look at which this is so: another commit
    /// comes. False: it never was.
    [[nodiscard]] bool run_until(const Workload& workload, IsThere is_there);

    /// The state a run ended in, to begin another workload from.
    [[nodiscard]] Workload followed_by(const std::string& name, Wanted wanted) const;
    [[nodiscard]] SimulatedHost& host() { return host_; }

 private:
    class Log;
    class Pulls;
    struct Mind;
    struct Checkpoint;
    /// What a run knows of itself from one look to the next.
    struct Settling {
        int count{0};
        std::string last{};
        milliseconds again{};
        int surprises{0};
        Time surprised_at{};
        Time changed_at{};
    };
    /// The course of a run with few faults, look by look.
    struct Kept {
        const Workload* workload{nullptr};
        Schedule base{};
        std::vector<std::shared_ptr<const Checkpoint>> checkpoints{};
    };

    void enter(const Workload& workload, const Schedule& schedule);
    void begin(const Workload& workload, const Schedule& schedule);
    void wake_up();
    void look();
    [[nodiscard]] Result<controller::PassResult> converge();
    [[nodiscard]] std::optional<controller::PassResult> pass();
    void settle(Settling now);
    /// Everything that changes in a run, but for what engine, controller and files hold.
    [[nodiscard]] auto course();
    void keep(const Settling& now);
    [[nodiscard]] bool is_left_before_look(const Settling& now);
    void turn();
    [[nodiscard]] Settling begin_or_go_on(const Workload& workload, const Schedule& schedule);
    [[nodiscard]] bool follow_hint(const reconcilers::Steps& steps);
    void check_drift(const controller::PassResult& result);
    void stay_quiet();
    void stay_quiet_for_a_day();
    void judge_end(const Workload& workload, const Schedule& schedule);
    void check_what_failed(const Workload& workload);
    [[nodiscard]] bool is_taken_away() const;
    [[nodiscard]] bool is_as_rehearsed() const;
    void check(Moment moment, const model::CallMade* call, const controller::PassResult* result);
    void note_held();
    [[nodiscard]] bool is_traced() const;
    void trace(const std::string& line) const;
    void note_done(const reconcilers::Steps& steps);
    void note(const model::CallMade& made);
    void count_attempt(const model::CallMade& made);
    void add_acts(Boundary& boundary, const model::CallMade& made);
    [[nodiscard]] bool is_surprised() const;
    [[nodiscard]] bool is_restoring() const;
    [[nodiscard]] bool is_held(const reconcilers::Identity& known) const;
    [[nodiscard]] bool go_on();
    void violate(const std::string& property, const std::string& what);
    [[nodiscard]] reconcilers::Identity identity() const;

    std::filesystem::path folder_;
    controller::State state_;
    SimulatedHost host_{};
    model::SimulatedEngine engine_;
    controller::Machine machine_{};
    const Workload* workload_{nullptr};
    Wanted wanted_{};
    reconcilers::Names names_{wanted_.instance};
    std::size_t faults_{0};
    std::map<std::string, std::string> facts_{};
    std::vector<reconcilers::PulledImage> pulled_{};
    std::unique_ptr<Log> log_;
    std::unique_ptr<Mind> mind_{};
    Verdict verdict_{};
    std::set<std::string> seen_{};
    std::map<std::string, int> held_{};
    std::set<std::string> answering_{};
    std::map<std::string, std::vector<Time>> attempts_{};
    bool was_served_{false};
    int surprises_at_pass_{0};
    Time pass_began_{};
    bool has_lost_volume_{false};
    /// By another controller; and whether the last pass said so.
    bool is_taken_over_{false};
    bool stands_by_{false};
    /// The run ended with nothing left to do, by its own word.
    bool is_settled_{false};
    bool is_rehearsal_{false};
    std::string last_write_{};
    Kept kept_{};
    bool is_keeping_{false};
    IsThere leaves_at_{};
    bool has_left_{false};
    /// The commit that is wanted in the end is in force.
    bool has_turned_{false};
};

}  // namespace matriarch::property
