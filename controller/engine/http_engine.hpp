// HttpEngine: the real Engine over HTTP. Each method is the call that engine.hpp names, no more.
//
// The API version is negotiated at /_ping, and again after the Engine was away. Ids and names are
// escaped; the Engine's words reach an error only redacted. Made by connect() (connect.hpp).
#pragma once

#include "controller/engine/engine.hpp"
#include "controller/engine/transport.hpp"

namespace matriarch::controller {

class HttpEngine : public Engine {
 public:
    explicit HttpEngine(Endpoint endpoint, CallObserver observer = {});

    /// GET /_ping: whether it answers, and in which version of its API we talk.
    /// Errors: unavailable, stopped, invalid (too old, or too new for us).
    [[nodiscard]] Result<std::string> negotiate(const Call& call);

    Result<EngineFacts> facts(const Call& call) override;
    Result<std::vector<ContainerSummary>> list_containers(const std::string& label,
                                                          const Call& call) override;
    Result<std::optional<reconcilers::ObservedContainer>> inspect_container(
        const std::string& id_or_name, const Call& call) override;
    Result<std::optional<reconcilers::ObservedNetwork>> inspect_network(
        const std::string& id_or_name, const Call& call) override;
    Result<std::vector<std::string>> list_networks(const std::string& name,
                                                   const Call& call) override;
    Result<std::optional<reconcilers::ObservedVolume>> inspect_volume(const std::string& name,
                                                                      const Call& call) override;
    Result<std::vector<reconcilers::ObservedVolume>> list_volumes(const std::string& label,
                                                                  const Call& call) override;
    Result<std::optional<reconcilers::ImageFacts>> inspect_image(const std::string& reference,
                                                                 const Call& call) override;
    Result<void> pull_image(const specs::ImageRef& image,
                            const std::function<void(const std::string&)>& progress,
                            const Call& call) override;
    Result<void> remove_image(const std::string& id, const Call& call) override;
    Result<std::string> create_network(const reconcilers::CreateNetwork& network,
                                       const Call& call) override;
    Result<void> remove_network(const std::string& id, const Call& call) override;
    Result<void> create_volume(const reconcilers::CreateVolume& volume, const Call& call) override;
    Result<std::string> create_container(const reconcilers::CreateContainer& container,
                                         const Call& call) override;
    Result<void> start_container(const std::string& id, const Call& call) override;
    Result<void> unpause_container(const std::string& id, const Call& call) override;
    Result<void> signal_container(const std::string& id, const std::string& signal,
                                  const Call& call) override;
    Result<void> remove_container(const std::string& id, const Call& call) override;
    Result<void> update_limits(const reconcilers::UpdateLimits& update, const Call& call) override;
    Result<void> connect_network(const reconcilers::ConnectNetwork& connect,
                                 const Call& call) override;
    Result<void> disconnect_network(const reconcilers::DisconnectNetwork& disconnect,
                                    const Call& call) override;
    Result<Output> execute(const std::string& id, const std::vector<std::string>& command,
                           const Call& call) override;
    Result<Output> logs(const std::string& id, int last_lines, const Call& call) override;
    Result<void> follow_logs(const std::string& id, int last_lines,
                             const std::function<void(bool is_error, std::string_view)>& piece,
                             const Call& call) override;
    Result<void> watch_events(const std::function<void(const Event&)>& each,
                              const Call& call) override;

 private:
    /// One question: what it is for ("cannot start container x"), and how it goes over the wire.
    struct Question {
        std::string purpose{};
        std::string method{"GET"};
        std::string path{};
        std::string body{};
    };

    /// Success is below 300, and 304. Errors: as engine.hpp says, led by the purpose.
    Result<Response> ask(const Question& question, const Call& call);
    /// The same; nothing where the answer is 404.
    Result<std::optional<std::string>> look(const Question& question, const Call& call);
    Result<void> listen(const Question& question, const BodyPiece& piece, StreamEnd end,
                        const Call& call);
    Result<Response> send(const Question& question, const BodyPiece* piece, StreamEnd end,
                          const Call& call);
    Result<std::string> version(const Call& call);
    void forget_version();

    Transport transport_;
    std::mutex mutex_{};
    std::string version_{};
};

}  // namespace matriarch::controller
