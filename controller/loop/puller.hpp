// Puller: pulls images on threads of its own, so that no pass ever waits for one.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "controller/engine/engine.hpp"
#include "controller/loop/backoff.hpp"
#include "controller/loop/observe.hpp"

namespace matriarch::controller {

/// What the loop asks for images.
class PullSource {
 public:
    virtual ~PullSource() = default;

    /// Queues a pull; one that is queued or running already stays one.
    virtual void request(const specs::ImageRef& image) = 0;

    /// What is queued or running, and what failed. A failure is forgotten once its back-off has
    /// passed: the planner then asks for the pull again.
    [[nodiscard]] virtual PullReport report() = 0;
};

class Puller final : public PullSource {
 public:
    /// From a thread of the puller's `wake` is called whenever a pull ended, and `keep` with each
    /// image that was not on this host before.
    Puller(Engine& engine, std::function<void()> wake,
           std::function<void(const reconcilers::PulledImage&)> keep);
    ~Puller() override;
    Puller(const Puller&) = delete;
    Puller& operator=(const Puller&) = delete;

    void request(const specs::ImageRef& image) override;
    [[nodiscard]] PullReport report() override;

 private:
    struct Failure {
        std::string message{};
        std::chrono::steady_clock::time_point until{};
    };

    void run(std::stop_token stop);
    void pull(const specs::ImageRef& image, std::stop_token stop);
    void remember(const std::string& name, std::stop_token stop);

    Engine& engine_;
    std::function<void()> wake_;
    std::function<void(const reconcilers::PulledImage&)> keep_;
    std::mutex mutex_{};
    std::condition_variable_any asked_{};
    std::deque<specs::ImageRef> queue_{};
    std::map<std::string, std::string> progress_{};
    std::map<std::string, Failure> failures_{};
    std::map<std::string, Backoff> backoffs_{};
    std::vector<std::jthread> threads_{};  // last: they use all of the above
};

}  // namespace matriarch::controller
