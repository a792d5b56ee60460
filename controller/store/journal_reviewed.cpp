// What pull requests were said to do. Anybody may open one: what is kept of them is bounded.
#include "controller/store/journal.hpp"

namespace matriarch::controller {

namespace {

/// The longest way of one instance through every release is a tenth of it. What is longer is not
/// kept, and counts as never reviewed.
constexpr std::size_t plan_bytes_max = 64 * std::size_t{1024};

}  // namespace

Result<void> Journal::keep_reviewed(int number, const std::vector<ReviewedPlan>& plans) {
    TRY(write("DELETE FROM reviewed_plans WHERE number = ?", {number}));
    for (const ReviewedPlan& one : plans) {
        if (one.plan.size() > plan_bytes_max) continue;
        TRY(
            write("INSERT OR REPLACE INTO reviewed_plans (number, head, instance, digest, plan,"
                  " at_ms) VALUES (?, ?, ?, ?, ?, ?)",
                  {number, one.head, one.instance, one.digest, one.plan, now_ms()}));
    }
    TRY(
        write("DELETE FROM reviewed_plans WHERE number IN (SELECT number FROM (SELECT number,"
              " row_number() OVER newest AS place, sum(count(*)) OVER newest AS total"
              " FROM reviewed_plans GROUP BY number"
              " WINDOW newest AS (ORDER BY max(at_ms) DESC, number DESC))"
              " WHERE place > 500 OR total > ?)",
              {retention_.others_max}));
    return {};
}

Result<std::vector<ReviewedPlan>> Journal::reviewed(const std::string& instance,
                                                    const std::string& digest) {
    std::vector<ReviewedPlan> found;
    for (const Row& row :
         TRY(read("SELECT number, head, instance, digest, plan, at_ms FROM reviewed_plans"
                  " WHERE instance = ? AND digest = ? ORDER BY at_ms DESC, number DESC",
                  {instance, digest}))) {
        found.push_back({.number = static_cast<int>(number_at(row, 0)),
                         .head = text_at(row, 1),
                         .instance = text_at(row, 2),
                         .digest = text_at(row, 3),
                         .plan = text_at(row, 4),
                         .at = WallTime(std::chrono::milliseconds(number_at(row, 5)))});
    }
    return found;
}

}  // namespace matriarch::controller
