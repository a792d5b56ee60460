// A few images side by side: a small one need not wait for a large one, and a slow registry not for
// all. More would only share the same line and disk.
#include "controller/loop/puller.hpp"

#include "controller/base/clock.hpp"

namespace matriarch::controller {

namespace {

/// Longer than the Engine's own retries of a broken layer (more than 60 s, measured).
constexpr std::chrono::minutes pull_within{30};

constexpr int side_by_side = 3;

}  // namespace

Puller::Puller(Engine& engine, std::function<void()> wake,
               std::function<void(const reconcilers::PulledImage&)> keep)
    : engine_(engine), wake_(std::move(wake)), keep_(std::move(keep)) {
    for (int i = 0; i < side_by_side; ++i) {
        threads_.emplace_back([this](std::stop_token stop) { run(stop); });
    }
}

Puller::~Puller() {
    for (std::jthread& thread : threads_) thread.request_stop();
    asked_.notify_all();
}

void Puller::request(const specs::ImageRef& image) {
    const std::lock_guard guard(mutex_);
    const std::string name = specs::to_text(image);
    if (progress_.contains(name)) return;
    progress_[name] = "queued";
    failures_.erase(name);
    queue_.push_back(image);
    asked_.notify_one();
}

PullReport Puller::report() {
    const std::lock_guard guard(mutex_);
    PullReport report{.pulling = progress_};
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(failures_, [&](const auto& entry) { return entry.second.until <= now; });
    for (const auto& [name, failure] : failures_) report.errors[name] = failure.message;
    return report;
}

void Puller::run(std::stop_token stop) {
    while (true) {
        std::unique_lock lock(mutex_);
        if (!asked_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
        const specs::ImageRef image = queue_.front();
        queue_.pop_front();
        lock.unlock();
        pull(image, stop);
        if (stop.stop_requested()) return;
        wake_();
    }
}

/// What cannot be remembered stays for ever: that is only a waste.
void Puller::remember(const std::string& name, std::stop_token stop) {
    const auto image = engine_.inspect_image(name, {.stop = stop});
    if (!image || !*image) return;
    keep_({.reference = name, .id = (*image)->id, .pulled_at = SystemClock().now()});
}

void Puller::pull(const specs::ImageRef& image, std::stop_token stop) {
    const std::string name = specs::to_text(image);
    const auto note = [&](const std::string& words) {
        const std::lock_guard guard(mutex_);
        progress_[name] = words;
    };
    const auto before = engine_.inspect_image(name, {.stop = stop});
    const auto pulled = engine_.pull_image(image, note, {.within = pull_within, .stop = stop});
    // What somebody else has put here stays his.
    if (pulled && before && !*before) remember(name, stop);
    const std::lock_guard guard(mutex_);
    progress_.erase(name);
    if (pulled) {
        backoffs_.erase(name);
    } else {
        const auto pause = backoffs_[name].next();
        failures_[name] = {.message = pulled.error().message,
                           .until = std::chrono::steady_clock::now() + pause};
    }
}

}  // namespace matriarch::controller
