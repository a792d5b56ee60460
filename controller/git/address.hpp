// Address: where a repository is, taken apart and judged before any library sees it. Pure.
//
// Refused: passwords in URLs, relative paths, unencrypted transports to other hosts, and characters
// that mean something to a shell or a terminal.
#pragma once

#include <string>
#include <string_view>

#include "specs/values/result.hpp"

namespace matriarch::git {

enum class Transport { local, https, ssh, http, git };

struct Address {
    Transport transport{Transport::local};
    std::string user{};
    /// Lower case, without the brackets of an IPv6 address. Empty for local.
    std::string host{};
    int port{0};
    /// Of the repository; for local the absolute path in the file system.
    std::string path{};
    /// What libgit2 is given.
    std::string url{};

    [[nodiscard]] bool is_same_host(const Address& other) const {
        return transport == other.transport && host == other.host && port == other.port;
    }
};

/// Errors: invalid (not an address), refused (unencrypted, password in it).
[[nodiscard]] Result<Address> parse_address(std::string_view url, bool allow_insecure);

/// localhost, 127.0.0.0/8 or ::1.
[[nodiscard]] bool is_loopback(std::string_view host);

/// Checks a folder inside a repository: relative, no "..", no empty or odd parts. Returns it
/// without a slash at its end; "" and "." are the whole repository. Errors: invalid.
[[nodiscard]] Result<std::string> parse_watched_path(std::string_view path);

/// Checks a branch's name by git's own rules, as far as they matter here. Errors: invalid.
[[nodiscard]] Result<void> check_branch(std::string_view branch);

}  // namespace matriarch::git
