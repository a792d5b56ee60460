// Redactor: knows every secret value and takes it out of any text that leaves the program.
//
// The last line of defence for text that others wrote: errors of the Engine, of git, output of a
// job. It is a value; after a change of secrets make a new one and publish it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/secrets/env_file.hpp"

namespace matriarch::controller {

class Redactor {
 public:
    Redactor() = default;

    /// Also knows these. Values shorter than 6 characters are left: they would blot out ordinary
    /// words.
    void add(const Secrets& secrets);
    void add(const Secret& secret);

    /// The text with every secret value, and every password in a URL (scheme://user:password@host),
    /// replaced by [redacted]. Values are found as they are, percent-encoded, and escaped for JSON.
    [[nodiscard]] std::string redact(std::string_view text) const;

 private:
    /// Longest first, so that a value inside another one does not leave its rest behind.
    std::vector<std::string> values_{};
};

}  // namespace matriarch::controller
