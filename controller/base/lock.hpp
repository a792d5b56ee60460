// Lock: one controller at a time on an instance or on the state folder.
//
// A lock is the kernel's (flock): it ends with the process that holds it, however that ends, so
// there is no stale lock to remove. The file says who holds it, for the message only. It is never
// deleted. A child that is forked without exec keeps the lock open: fork before locking, or exec.
#pragma once

#include <filesystem>
#include <string>

#include "controller/base/descriptor.hpp"
#include "specs/values/result.hpp"

namespace matriarch::controller {

class Lock {
 public:
    /// Takes the lock or says who has it; never waits. `what` is named in the message.
    ///
    /// Errors: held (another process has it), unavailable (the file cannot be opened).
    [[nodiscard]] static Result<Lock> take(const std::filesystem::path& path,
                                           const std::string& what);

    /// Whether another process has it now; takes nothing and writes nothing.
    [[nodiscard]] static bool is_held(const std::filesystem::path& path);

 private:
    explicit Lock(Descriptor file) : file_(std::move(file)) {}

    Descriptor file_;
};

}  // namespace matriarch::controller
