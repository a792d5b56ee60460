// Endpoint: where the Engine listens, chosen from the environment as the docker client does.
//
// Never plain TCP where certificates are named, and never TLS without checking the other side.
#pragma once

#include <functional>
#include <string>

#include "specs/values/result.hpp"

namespace matriarch::controller {

struct Endpoint {
    enum class Kind { unix_socket, tcp, tls, ssh };
    Kind kind{Kind::unix_socket};
    /// unix_socket: absolute path.
    std::string path{"/var/run/docker.sock"};
    /// tcp, tls, ssh.
    std::string host{};
    /// tcp, tls: a number. ssh: empty means ssh's own.
    std::string port{};
    /// ssh only; empty means ssh's own.
    std::string user{};
    /// tls: folder with ca.pem, cert.pem and key.pem.
    std::string certificates{};
};

/// Value of an environment variable; empty where it is not set.
using Environment = std::function<std::string(const std::string& name)>;

/// DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH; nothing set: unix:///var/run/docker.sock.
/// Errors: invalid (unknown scheme, no host, a port that is none, an ssh host that is an option).
[[nodiscard]] Result<Endpoint> endpoint_from(const Environment& environment);

/// The same, from this program's environment.
[[nodiscard]] Result<Endpoint> endpoint_from_environment();

/// "unix:///var/run/docker.sock", "tcp://host:2376", "ssh://host".
[[nodiscard]] std::string to_text(const Endpoint& endpoint);

}  // namespace matriarch::controller
