// Mailbox: how threads knock at the loop's door. A wake-up carries a name, never a fact.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>

namespace matriarch::controller {

class Mailbox {
 public:
    /// Asks for a look at one instance; empty: at all.
    void wake(const std::string& instance = {}) {
        {
            const std::lock_guard guard(mutex_);
            woken_.insert(instance);
        }
        knocked_.notify_one();
    }

    /// Waits for a knock, a time, or the end. Returns who was asked for ("" means all).
    std::set<std::string> wait_until(std::chrono::steady_clock::time_point until,
                                     std::stop_token stop) {
        std::unique_lock lock(mutex_);
        knocked_.wait_until(lock, stop, until, [this] { return !woken_.empty(); });
        return std::exchange(woken_, {});
    }

 private:
    std::mutex mutex_{};
    std::condition_variable_any knocked_{};
    std::set<std::string> woken_{};
};

}  // namespace matriarch::controller
