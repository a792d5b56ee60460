// Known hosts: is the key that an ssh server shows the one that a person wrote down? Pure.
//
// Reads OpenSSH's known_hosts: plain names, [host]:port, hashed names, @revoked. Wildcards and
// certificate authorities are not understood, and what is not understood trusts nobody.
#pragma once

#include <string>
#include <string_view>

namespace matriarch::git {

enum class HostKey { matches, differs, unknown, revoked };

struct ShownKey {
    std::string host{};
    int port{22};
    /// The raw key as ssh sends it (it starts with its type).
    std::string_view key{};
};

/// Looks the shown key up in the text of a known_hosts file.
[[nodiscard]] HostKey find_host_key(std::string_view known_hosts, const ShownKey& shown);

/// The entries of one host under its plain name, the kinds of key that servers still take first:
/// libssh2 asks a server for the kind of the first entry only.
[[nodiscard]] std::string lines_for_host(std::string_view known_hosts, const std::string& host,
                                         int port);

/// "host" or "[host]:port": as known_hosts names it.
[[nodiscard]] std::string known_hosts_name(const std::string& host, int port);

/// "SHA256:..." as ssh-keygen -l prints it, from the 32 bytes of the digest.
[[nodiscard]] std::string fingerprint_text(std::string_view digest);

}  // namespace matriarch::git
