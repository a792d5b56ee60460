// Endpoint: DOCKER_HOST and its companions, read the way the docker client reads them.
//
// Source: docker CLI reference, "Environment variables". Where the client would talk TLS without
// checking the server's name, we check it.
#include "controller/engine/endpoint.hpp"

#include <algorithm>
#include <cstdlib>

namespace matriarch::controller {
namespace {

constexpr const char* hint = "Set DOCKER_HOST to unix:///path, tcp://host:port or ssh://user@host.";

tl::unexpected<Error> refuse(const std::string& text, const std::string& why) {
    return fail(ErrorKind::invalid, "cannot use DOCKER_HOST " + text + ": " + why, hint);
}

bool is_port(const std::string& text) {
    return !text.empty() && text.size() <= 5 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
           std::stoi(text) >= 1 && std::stoi(text) <= 65535;
}

// "host", "host:port", "[v6]:port" -> host and port.
bool split_authority(const std::string& authority, Endpoint& endpoint) {
    std::string rest;
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        if (end == std::string::npos) return false;
        endpoint.host = authority.substr(1, end - 1);
        rest = authority.substr(end + 1);
    } else {
        const std::size_t colon = std::min(authority.find(':'), authority.size());
        endpoint.host = authority.substr(0, colon);
        rest = authority.substr(colon);
    }
    if (!rest.empty()) {
        if (rest.front() != ':' || !is_port(rest.substr(1))) return false;
        endpoint.port = rest.substr(1);
    }
    return !endpoint.host.empty();
}

Result<Endpoint> parse_ssh(const std::string& text, std::string authority) {
    Endpoint endpoint{.kind = Endpoint::Kind::ssh};
    const std::size_t at = authority.rfind('@');
    if (at != std::string::npos) {
        endpoint.user = authority.substr(0, at);
        authority.erase(0, at + 1);
        if (endpoint.user.empty() || endpoint.user.find(':') != std::string::npos) {
            return refuse("ssh://...", "a user's name without a password is expected");
        }
    }
    if (!split_authority(authority, endpoint)) return refuse(text, "it names no host");
    // An option in the place of a host or user could run a command of its own.
    if (endpoint.host.starts_with('-') || endpoint.user.starts_with('-')) {
        return refuse(text, "a host begins with a letter or a digit");
    }
    return endpoint;
}

}  // namespace

Result<Endpoint> endpoint_from(const Environment& environment) {
    const std::string text = environment("DOCKER_HOST");
    const std::string certificates = environment("DOCKER_CERT_PATH");
    const bool is_tls = !environment("DOCKER_TLS_VERIFY").empty() || !certificates.empty();
    if (text.empty()) return Endpoint{};

    const std::size_t scheme_end = text.find("://");
    if (scheme_end == std::string::npos) return refuse(text, "it has no scheme");
    const std::string scheme = text.substr(0, scheme_end);
    std::string rest = text.substr(scheme_end + 3);
    if (scheme == "unix") {
        if (!rest.starts_with('/')) return refuse(text, "the socket's path is not absolute");
        return Endpoint{.path = rest};
    }
    while (rest.ends_with('/')) rest.pop_back();
    if (rest.find('/') != std::string::npos)
        return refuse("with a path", "only a host can be used");
    if (scheme == "ssh") return parse_ssh(text, rest);
    if (scheme != "tcp") return refuse(text, "unknown scheme " + scheme);

    Endpoint endpoint{.kind = is_tls ? Endpoint::Kind::tls : Endpoint::Kind::tcp};
    if (rest.find('@') != std::string::npos) return refuse("tcp://...", "it names a user");
    if (!split_authority(rest, endpoint)) return refuse(text, "it names no host");
    if (endpoint.port.empty()) endpoint.port = is_tls ? "2376" : "2375";
    if (is_tls) {
        endpoint.certificates =
            certificates.empty() ? environment("HOME") + "/.docker" : certificates;
    }
    return endpoint;
}

Result<Endpoint> endpoint_from_environment() {
    return endpoint_from([](const std::string& name) {
        const char* value = std::getenv(name.c_str());
        return std::string(value == nullptr ? "" : value);
    });
}

std::string to_text(const Endpoint& endpoint) {
    const std::string port = endpoint.port.empty() ? "" : ":" + endpoint.port;
    switch (endpoint.kind) {
        case Endpoint::Kind::unix_socket:
            return "unix://" + endpoint.path;
        case Endpoint::Kind::tcp:
        case Endpoint::Kind::tls:
            return "tcp://" + endpoint.host + port;
        case Endpoint::Kind::ssh:
            return "ssh://" + (endpoint.user.empty() ? "" : endpoint.user + "@") + endpoint.host +
                   port;
    }
    return "unix://" + endpoint.path;
}

}  // namespace matriarch::controller
