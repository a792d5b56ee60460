// Enumeration and chance. Threads share nothing but the next number to try.
#include "tests/property/explore.hpp"
#include "tests/property/report.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

namespace matriarch::property {

using model::Fault;
using model::FaultKind;

namespace {

constexpr std::size_t failures_kept = 40;

std::string cell_of(const Workload& workload, FaultKind kind, const std::string& met) {
    return workload.name + ": " + model::to_text(kind) + " at " + met;
}

/// Runs one schedule and adds what came of it. Says whether its last fault struck.
bool try_one(Universe& universe, const Workload& workload, const Schedule& schedule, Tally& tally) {
    const Verdict verdict = universe.run(workload, schedule);
    ++tally.tried;
    ++tally.passes[verdict.passes_after_fault];
    tally.writes_after += verdict.writes_after;
    tally.hints_followed += static_cast<std::size_t>(verdict.hints_followed);
    for (const auto& [fault, met] : verdict.struck) {
        tally.cells.insert(cell_of(workload, fault.kind, met));
    }
    std::set<std::string> broken;
    for (const Violation& violation : verdict.violations) {
        if (!broken.insert(violation.property).second) continue;
        const bool is_new = tally.broken[workload.name + " " + violation.property]++ == 0;
        if (is_new && tally.failures.size() < failures_kept) {
            tally.failures.push_back({workload.name, schedule, violation});
        }
    }
    return std::any_of(verdict.struck.begin(), verdict.struck.end(),
                       [&](const auto& struck) { return struck.first == schedule.back(); });
}

/// Of each kind one, with a victim in turn; or all of them.
std::vector<Fault> chosen_of(const Boundary& boundary, std::size_t turn) {
    if (extent().every_victim) return boundary.faults;
    std::map<FaultKind, std::vector<Fault>> kinds;
    for (const Fault& fault : boundary.faults) kinds[fault.kind].push_back(fault);
    std::vector<Fault> chosen;
    for (const auto& [kind, faults] : kinds) chosen.push_back(faults[turn % faults.size()]);
    return chosen;
}

using Work = std::function<void(std::size_t number, Universe& universe, Tally& tally)>;

Tally side_by_side(std::size_t count, const Work& work, const std::string& stop_at = {}) {
    (void)workloads();  // made once, before anybody asks
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> is_found = false;
    std::mutex mutex;
    Tally all;
    const auto work_off = [&] {
        Universe universe(scratch());
        Tally own;
        for (std::size_t i = next++; i < count && !is_found; i = next++) {
            work(i, universe, own);
            if (!stop_at.empty() && own.has_broken(stop_at)) is_found = true;
        }
        const std::lock_guard guard(mutex);
        all.add(own);
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
            threads.emplace_back(work_off);
        }
    }
    if (!stop_at.empty()) return all;
    for (Failure& failure : all.failures) failure.schedule = shortened(failure);
    return all;
}

/// Those of which every two are tried.
const std::vector<FaultKind> pair_kinds{FaultKind::refused, FaultKind::answer_lost,
                                        FaultKind::crash_before, FaultKind::crash_after};

template <class Random>
std::size_t below(Random& random, std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
}

/// A few kinds for the whole schedule: what is always mixed hides what needs repetition.
Schedule random_schedule(const Workload& workload, std::mt19937_64& random) {
    std::vector<FaultKind> kinds{FaultKind::answer_lost, FaultKind::crash_after};
    const std::size_t more = 1 + below(random, 5);
    constexpr auto last = static_cast<std::size_t>(FaultKind::registry_down);
    for (std::size_t i = 0; i < more; ++i) {
        kinds.push_back(static_cast<FaultKind>(below(random, last + 1)));
    }
    Schedule schedule;
    const std::size_t count = 3 + below(random, 4);
    const std::size_t calls = workload.boundaries.size();
    while (schedule.size() < count) {
        const bool counts_writes = below(random, 2) == 0;
        const std::size_t end = counts_writes ? workload.writes + 10 : calls + calls / 4;
        schedule.push_back({.counts_writes = counts_writes,
                            .at = below(random, end),
                            .kind = kinds[below(random, kinds.size())],
                            .target = below(random, 12)});
    }
    return schedule;
}

}  // namespace

void Tally::add(const Tally& other) {
    tried += other.tried;
    total += other.total;
    for (const Failure& failure : other.failures) {
        const std::string key = failure.workload + " " + failure.violation.property;
        if (!broken.contains(key)) failures.push_back(failure);
    }
    for (const auto& [key, count] : other.broken) broken[key] += count;
    for (const auto& [count, runs] : other.passes) passes[count] += runs;
    writes_after += other.writes_after;
    hints_followed += other.hints_followed;
    cells.insert(other.cells.begin(), other.cells.end());
}

bool Tally::has_broken(const std::string& property) const {
    return std::any_of(broken.begin(), broken.end(),
                       [&](const auto& entry) { return entry.first.ends_with(" " + property); });
}

int Tally::percentile(double share) const {
    std::size_t runs = 0;
    for (const auto& [count, number] : passes) runs += number;
    std::size_t sum = 0;
    for (const auto& [count, number] : passes) {
        sum += number;
        if (static_cast<double>(sum) >= share * static_cast<double>(runs)) return count;
    }
    return 0;
}

Tally try_cells(const std::string& stop_at) {
    std::map<std::string, std::pair<const Workload*, Fault>> jobs;
    for (const Workload& workload : workloads().all) {
        for (const Boundary& boundary : workload.boundaries) {
            for (const Fault& fault : boundary.faults) {
                // By what went wrong first, so that no workload comes last.
                jobs.try_emplace(boundary.cell + cell_of(workload, fault.kind, boundary.cell),
                                 &workload, fault);
            }
        }
    }
    std::vector<std::pair<const Workload*, Fault>> list;
    for (const auto& [cell, job] : jobs) list.push_back(job);
    const auto work = [&](std::size_t number, Universe& universe, Tally& own) {
        (void)try_one(universe, *list[number].first, {list[number].second}, own);
    };
    Tally tally = side_by_side(list.size(), work, stop_at);
    tally.total = list.size();
    return tally;
}

Tally try_singles(std::size_t stride, std::size_t first, const std::string& stop_at) {
    std::vector<std::pair<const Workload*, Fault>> jobs;
    const std::string only = setting("MATRIARCH_WORKLOAD", "");
    for (const Workload& workload : workloads().all) {
        if (!only.empty() && workload.name != only) continue;
        for (const Boundary& boundary : workload.boundaries) {
            for (const Fault& fault : chosen_of(boundary, first + jobs.size())) {
                jobs.emplace_back(&workload, fault);
            }
        }
    }
    const std::size_t offset = first % stride;
    const std::size_t count = (jobs.size() - offset + stride - 1) / stride;
    const auto work = [&](std::size_t number, Universe& universe, Tally& own) {
        const auto& [workload, fault] = jobs[offset + number * stride];
        universe.keep_course(*workload, {});
        (void)try_one(universe, *workload, {fault}, own);
    };
    Tally tally = side_by_side(count, work, stop_at);
    tally.total = jobs.size();
    return tally;
}

Tally try_pairs(const std::vector<std::string>& names, std::size_t stride) {
    std::vector<std::pair<const Workload*, Fault>> firsts;
    for (const std::string& name : names) {
        const Workload& workload = workloads().named(name);
        for (std::size_t at = 0; at < workload.writes; ++at) {
            for (const FaultKind kind : pair_kinds) {
                firsts.emplace_back(&workload,
                                    Fault{.counts_writes = true, .at = at, .kind = kind});
            }
        }
    }
    const std::size_t count = (firsts.size() + stride - 1) / stride;
    const auto work = [&](std::size_t number, Universe& universe, Tally& own) {
        const auto& [workload, first] = firsts[number * stride];
        universe.keep_course(*workload, {first});
        // The first fault can make the run longer: the second goes on until its end.
        for (std::size_t at = first.at + 1;; ++at) {
            bool has_struck = false;
            for (const FaultKind kind : pair_kinds) {
                const Fault second{.counts_writes = true, .at = at, .kind = kind};
                has_struck = try_one(universe, *workload, {first, second}, own);
                if (!has_struck) break;
            }
            if (!has_struck) return;
        }
    };
    Tally tally = side_by_side(count, work);
    // Pairs per first fault differ: of those left out no more is known than their share.
    tally.total = stride == 1 ? tally.tried : tally.tried * firsts.size() / count;
    return tally;
}

Tally try_random(std::size_t count, std::uint64_t seed, const std::string& stop_at) {
    std::vector<std::pair<const Workload*, Schedule>> jobs;
    for (std::size_t number = 0; number < count; ++number) {
        std::mt19937_64 random(seed * 1'000'003U + number);
        const auto& all = workloads().all;
        const Workload* chosen = nullptr;
        while (chosen == nullptr || chosen->boundaries.empty()) {
            chosen = &all[below(random, all.size())];
        }
        jobs.emplace_back(chosen, random_schedule(*chosen, random));
    }
    // One workload after the other: what they have in common is done once.
    std::stable_sort(jobs.begin(), jobs.end(),
                     [](const auto& one, const auto& other) { return one.first < other.first; });
    const auto work = [&](std::size_t number, Universe& universe, Tally& own) {
        const auto& [workload, schedule] = jobs[number];
        universe.keep_course(*workload, {});
        (void)try_one(universe, *workload, schedule, own);
    };
    Tally tally = side_by_side(count, work, stop_at);
    tally.total = count;
    return tally;
}

Kept parse_kept(const std::string& line) {
    const auto bar = line.find(" | ");
    const auto schedule =
        model::parse_schedule(bar == std::string::npos ? "?" : line.substr(bar + 3));
    if (!schedule) throw std::runtime_error(to_text(schedule.error()) + ": " + line);
    return {line.substr(0, bar), *schedule};
}

std::vector<Kept> read_regressions(const std::string& folder) {
    std::vector<Kept> all;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() != ".schedule") continue;
        std::ifstream lines(file.path());
        for (std::string line; std::getline(lines, line);) {
            if (!line.empty() && !line.starts_with('#')) all.push_back(parse_kept(line));
        }
    }
    return all;
}

std::set<std::string> all_cells() {
    std::set<std::string> cells;
    for (const Workload& workload : workloads().all) {
        for (const Boundary& boundary : workload.boundaries) {
            for (const Fault& fault : boundary.faults) {
                cells.insert(cell_of(workload, fault.kind, boundary.cell));
            }
        }
    }
    return cells;
}

Schedule shortened(const Failure& failure) {
    Universe universe(scratch());
    const Workload& workload = workloads().named(failure.workload);
    const auto still_fails = [&](const Schedule& schedule) {
        const Verdict verdict = universe.run(workload, schedule);
        return std::any_of(verdict.violations.begin(), verdict.violations.end(),
                           [&](const Violation& violation) {
                               return violation.property == failure.violation.property;
                           });
    };
    Schedule schedule = failure.schedule;
    for (std::size_t i = 0; i < schedule.size() && schedule.size() > 1;) {
        Schedule fewer = schedule;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (still_fails(fewer)) {
            schedule = std::move(fewer);
        } else {
            ++i;
        }
    }
    // In words, if that is the same run.
    universe.name_places(true);
    Schedule where = universe.run(workload, schedule).where;
    return where.size() == schedule.size() && still_fails(where) ? where : schedule;
}

std::string to_text(const Failure& failure) {
    return failure.workload + " | " + model::to_text(failure.schedule) + " | " +
           failure.violation.property + ": " + failure.violation.what;
}

}  // namespace matriarch::property
