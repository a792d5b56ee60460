// EagerEngine: asks, while its user still reads files, what every look at an Engine begins with.
//
// Each answer is given once: who asks the same again wants to know how it is now.
#pragma once

#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "controller/engine/http_engine.hpp"

namespace matriarch::controller {

class EagerEngine final : public HttpEngine {
 public:
    /// Begins to ask at once, on threads of its own: about the host, and about the containers that
    /// carry this label and what they stand on, if there are not too many for a look ahead.
    EagerEngine(Endpoint endpoint, std::string label, const Call& call);
    ~EagerEngine() override;
    EagerEngine(const EagerEngine&) = delete;
    EagerEngine& operator=(const EagerEngine&) = delete;

    Result<EngineFacts> facts(const Call& call) override;
    Result<std::vector<ContainerSummary>> list_containers(const std::string& label,
                                                          const Call& call) override;
    Result<std::optional<reconcilers::ObservedContainer>> inspect_container(
        const std::string& id_or_name, const Call& call) override;
    Result<std::optional<reconcilers::ObservedNetwork>> inspect_network(
        const std::string& id_or_name, const Call& call) override;
    Result<std::optional<reconcilers::ObservedVolume>> inspect_volume(const std::string& name,
                                                                      const Call& call) override;
    Result<std::optional<reconcilers::ImageFacts>> inspect_image(const std::string& reference,
                                                                 const Call& call) override;

 private:
    /// By what was asked for. Errors are not kept: who needs the answer asks again, and hears it.
    template <class Answer>
    class Answers {
     public:
        void keep(const std::string& key, Result<std::optional<Answer>> answer);
        std::optional<Answer> take(const std::string& key);

     private:
        std::mutex mutex_{};
        std::map<std::string, Answer> known_{};
    };

    void look(const Call& call);
    void look_at(const std::vector<ContainerSummary>& containers, const Call& call);

    std::string label_;
    std::stop_source ending_{};
    std::promise<Result<EngineFacts>> introduced_{};
    std::future<Result<EngineFacts>> facts_{};
    std::promise<Result<std::vector<ContainerSummary>>> listed_{};
    std::future<Result<std::vector<ContainerSummary>>> list_{};
    Answers<reconcilers::ObservedContainer> containers_{};
    Answers<reconcilers::ObservedNetwork> networks_{};
    Answers<reconcilers::ObservedVolume> volumes_{};
    Answers<reconcilers::ImageFacts> images_{};
    std::jthread thread_{};
};

}  // namespace matriarch::controller
