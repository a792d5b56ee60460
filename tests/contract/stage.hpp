// Stage: one Engine, the things of one script on it, and all of them as we read them.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "controller/engine/engine.hpp"
#include "tests/contract/scripts.hpp"

namespace matriarch::controller {

/// What no call of Engine's does.
struct Hands {
    std::function<void(const std::string& id)> pause{};
    std::function<void(const std::string& id)> destroy{};
};

class Stage {
 public:
    /// Both must outlive it. Every name on the Engine begins with the prefix.
    Stage(Engine& engine, Hands hands, std::string prefix)
        : engine_(engine), hands_(std::move(hands)), prefix_(std::move(prefix)) {}

    /// "ok", or the kind of the error. Throws where there is no such call.
    std::string make(const ScriptCall& call);

    /// Every thing of the script, with each field that we read and that both can know.
    [[nodiscard]] std::string seen();

 private:
    std::string create(const ScriptCall& call);
    std::string on_container(const std::string& verb, const ScriptCall& call);
    std::string on_network(const std::string& verb, const ScriptCall& call);
    [[nodiscard]] std::string container_seen(const std::string& name);
    [[nodiscard]] std::string id_of(const std::string& container) const;
    [[nodiscard]] std::string network_id(const std::string& network) const;
    [[nodiscard]] std::string named(const std::string& name) const { return prefix_ + name; }

    Engine& engine_;
    Hands hands_;
    std::string prefix_;
    std::map<std::string, std::string> containers_{};
    std::map<std::string, std::string> networks_{};
    Call call_{};
};

}  // namespace matriarch::controller
