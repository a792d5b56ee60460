// CountingEngine: passes every call on to another Engine, and counts it.
//
// For the promise "a second pass changes nothing": the count of changing calls is then 0. It
// decides nothing and keeps nothing but numbers.
#pragma once

#include <map>
#include <mutex>

#include "controller/engine/engine.hpp"

namespace matriarch::controller {

struct CallCounts {
    /// Method of Engine -> calls, failed ones too.
    std::map<std::string, int> by_method{};
    int total{0};
    /// Those that can change the world. `execute` is not one: what it runs only asks.
    int mutating{0};
};

/// May be used by several threads, as the Engine below it. That one must live longer.
class CountingEngine final : public Engine {
 public:
    explicit CountingEngine(Engine& engine) : engine_(engine) {}

    /// Since it was made, or since the last reset.
    [[nodiscard]] CallCounts counts() const;
    void reset();

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
    void note_read(const char* method);
    void note_change(const char* method);

    Engine& engine_;
    mutable std::mutex mutex_{};
    CallCounts counts_{};
};

}  // namespace matriarch::controller
