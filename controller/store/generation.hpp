// Generation: a revision at which an instance was settled on this host, with all that its commit
// said about it. The newest two are kept, so that going back needs neither git nor a network.
#pragma once

#include <optional>
#include <string>

#include "controller/base/state.hpp"
#include "specs/instance.hpp"

namespace matriarch::controller {

struct Generation {
    std::string revision{};
    specs::Instance instance{};
    /// The encrypted file that `secrets` names; empty: none.
    std::string secret_file{};
    /// Where its fleet was read from, and which file of it was its own; empty: not known.
    std::string source{};
    std::string file{};
};

/// A person wanted to go back. In force as long as `instead_of` is the newest commit.
struct Rollback {
    std::string instead_of{};
    Generation to{};
};

/// Settled just now. The same instance at another commit takes the place of itself; what is in no
/// commit is not kept.
/// Errors: unavailable.
[[nodiscard]] Result<void> keep_settled(const InstanceFolder& folder, const Generation& now);

/// The newest that was settled. Errors: unavailable, invalid.
[[nodiscard]] Result<std::optional<Generation>> newest_settled(const InstanceFolder& folder);

/// The newest that was settled at another revision than this one. Errors: unavailable, invalid.
[[nodiscard]] Result<std::optional<Generation>> settled_before(const InstanceFolder& folder,
                                                               const std::string& revision);

/// Durable when it returns. Errors: unavailable.
[[nodiscard]] Result<void> set_rollback(const InstanceFolder& folder, const Rollback& rollback);

/// Errors: unavailable, invalid (the file cannot be understood: nothing is guessed).
[[nodiscard]] Result<std::optional<Rollback>> load_rollback(const InstanceFolder& folder);

/// Forgetting what is not there is success.
[[nodiscard]] Result<void> forget_rollback(const InstanceFolder& folder);

}  // namespace matriarch::controller
