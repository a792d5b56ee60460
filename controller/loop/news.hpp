// News: what a container says of itself through its health check, and no older than a time.
//
// The Engine's inspection carries the newest check's output, so that usually nothing need be asked;
// what was changed since then is asked for.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "controller/engine/engine.hpp"
#include "controller/loop/machine.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::controller {

class News {
 public:
    /// Both must outlive it.
    News(Engine& engine, const Machine& machine) : engine_(engine), machine_(machine) {}

    /// Nothing: it does not answer. `makes_sense`: whether an output can be believed at all.
    /// Errors: stopped.
    [[nodiscard]] Result<std::optional<std::string>> since(
        reconcilers::Time valid_from, const reconcilers::ObservedContainer& container,
        const std::function<bool(const std::string&)>& makes_sense, const Call& call);

    /// Forgets containers for which `is_there` is false.
    template <typename IsThere>
    void keep(const IsThere& is_there) {
        std::erase_if(told_, [&](const auto& one) { return !is_there(one.first); });
    }

 private:
    struct Told {
        std::string text{};
        reconcilers::Time at{};
    };

    Engine& engine_;
    const Machine& machine_;
    std::map<std::string, Told> told_{};  ///< by container id
};

}  // namespace matriarch::controller
