// A line through all samples, not the difference of two: one large dump that comes and goes is no
// growth.
#include "controller/loop/disk_growth.hpp"

#include <algorithm>
#include <cmath>

namespace matriarch::controller {

namespace {

constexpr std::chrono::hours day{24};

double days(std::chrono::milliseconds span) {
    return std::chrono::duration<double, std::ratio<86400>>(span).count();
}

}  // namespace

std::optional<Bytes> growth_a_day(const std::vector<DiskSample>& samples, WallTime now) {
    std::vector<DiskSample> used;
    for (const DiskSample& one : samples) {
        // A clock that went back has left some of the future.
        if (one.at <= now && now - one.at <= samples_kept) used.push_back(one);
    }
    const auto by_time = [](const DiskSample& a, const DiskSample& b) { return a.at < b.at; };
    const auto [first, last] = std::minmax_element(used.begin(), used.end(), by_time);
    if (used.size() < 2 || last->at - first->at < day) return std::nullopt;
    double mean_time = 0;
    double mean_free = 0;
    for (const DiskSample& one : used) {
        mean_time += days(one.at - first->at) / static_cast<double>(used.size());
        mean_free += static_cast<double>(one.free.count) / static_cast<double>(used.size());
    }
    double shared = 0;
    double spread = 0;
    for (const DiskSample& one : used) {
        const double time = days(one.at - first->at) - mean_time;
        shared += time * (static_cast<double>(one.free.count) - mean_free);
        spread += time * time;
    }
    return Bytes{std::llround(-shared / spread)};
}

Result<std::optional<Bytes>> note_disk(Journal& journal, WallTime now, Bytes free) {
    auto samples = TRY(journal.disk_samples());
    const bool is_due = std::none_of(samples.begin(), samples.end(), [&](const DiskSample& one) {
        return one.at <= now && now - one.at < sample_every;
    });
    if (is_due) {
        const DiskSample sample{.at = now, .free = free};
        TRY(journal.add_disk_sample(sample, now - samples_kept));
        samples.push_back(sample);
    }
    return growth_a_day(samples, now);
}

}  // namespace matriarch::controller
