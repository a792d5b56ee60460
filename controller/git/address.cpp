// Taking addresses apart. Strict on purpose: an odd URL in a configuration is a mistake.
#include "controller/git/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "specs/values/shown.hpp"

namespace matriarch::git {
namespace {

struct Scheme {
    std::string_view prefix{};
    Transport transport{};
    int port{0};
};

constexpr std::array<Scheme, 4> schemes{{{"https://", Transport::https, 443},
                                         {"ssh://", Transport::ssh, 22},
                                         {"http://", Transport::http, 80},
                                         {"git://", Transport::git, 9418}}};

bool all_in(std::string_view text, std::string_view extra) {
    return std::all_of(text.begin(), text.end(), [extra](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               extra.find(c) != std::string_view::npos;
    });
}

tl::unexpected<Error> not_an_address(std::string_view why) {
    // The URL itself stays out of the message: it may hold a password.
    return fail(
        ErrorKind::invalid, "cannot use the repository's URL: " + std::string(why),
        "Write https://host/path, ssh://user@host/path, user@host:path or an absolute path.");
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// %41 -> A. Nothing: a broken escape or an escaped control character.
std::optional<std::string> percent_decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_value(text[i + 1]);
        const int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0 || high * 16 + low < 32) return std::nullopt;
        plain += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return plain;
}

Result<Address> local_address(std::string_view path) {
    if (!path.starts_with('/')) return not_an_address("a local path must be absolute");
    Address address{.transport = Transport::local, .path = std::string(path)};
    while (address.path.size() > 1 && address.path.ends_with('/')) address.path.pop_back();
    address.url = address.path;
    return address;
}

Result<int> parse_port(std::string_view text) {
    int port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535) {
        return not_an_address("the port is not a number from 1 to 65535");
    }
    return port;
}

/// "user@host:port" -> the three. A bracketed IPv6 host keeps its colons.
Result<void> parse_authority(std::string_view text, Address& address) {
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        const std::string_view user = text.substr(0, at);
        if (user.find(':') != std::string_view::npos) {
            return fail(ErrorKind::refused, "cannot use the repository's URL: it has a password",
                        "Put the token into a file with mode 0600 and name it instead.");
        }
        if (user.empty() || !all_in(user, "._-+")) return not_an_address("the user's name is odd");
        address.user = user;
        text.remove_prefix(at + 1);
    }
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return not_an_address("a bracket is missing");
        address.host = text.substr(1, close - 1);
        rest = text.substr(close + 1);
        if (!all_in(address.host, ":.")) return not_an_address("the host is odd");
    } else {
        const auto colon = text.find(':');
        address.host = text.substr(0, colon);
        rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
        if (!all_in(address.host, ".-")) return not_an_address("the host is odd");
    }
    if (address.host.empty() || address.host.starts_with('-')) {
        return not_an_address("the host is missing");
    }
    std::transform(address.host.begin(), address.host.end(), address.host.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (rest.empty()) return {};
    if (!rest.starts_with(':')) return not_an_address("the host is odd");
    address.port = TRY(parse_port(rest.substr(1)));
    return {};
}

Result<Address> remote_address(std::string_view url, const Scheme& scheme) {
    Address address{.transport = scheme.transport, .port = scheme.port, .url = std::string(url)};
    const std::string_view rest = url.substr(scheme.prefix.size());
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos || slash + 1 == rest.size()) {
        return not_an_address("the path of the repository is missing");
    }
    TRY(parse_authority(rest.substr(0, slash), address));
    address.path = rest.substr(slash);
    return address;
}

/// "user@host:path", as ssh and scp write it.
Result<Address> scp_like_address(std::string_view url) {
    const auto colon = url.find(':');
    Address address{.transport = Transport::ssh, .port = 22, .url = std::string(url)};
    TRY(parse_authority(url.substr(0, colon), address));
    address.path = url.substr(colon + 1);
    if (address.path.empty()) return not_an_address("the path of the repository is missing");
    return address;
}

Result<Address> any_address(std::string_view url) {
    if (url.starts_with("file://")) {
        const auto path = percent_decoded(url.substr(std::string_view("file://").size()));
        if (!path) return not_an_address("an escape in its path is broken");
        return local_address(*path);
    }
    if (url.starts_with('/')) return local_address(url);
    for (const Scheme& scheme : schemes) {
        if (url.starts_with(scheme.prefix)) return remote_address(url, scheme);
    }
    if (url.find("://") != std::string_view::npos) return not_an_address("the scheme is not known");
    const auto colon = url.find(':');
    if (colon != std::string_view::npos &&
        url.substr(0, colon).find('/') == std::string_view::npos) {
        return scp_like_address(url);
    }
    return not_an_address("it is a relative path");
}

}  // namespace

bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "::1") return true;
    return host.starts_with("127.") && std::all_of(host.begin(), host.end(), [](char c) {
               return c == '.' || (c >= '0' && c <= '9');
           });
}

Result<Address> parse_address(std::string_view url, bool allow_insecure) {
    if (url.empty() || url.size() > 2048) return not_an_address("it is empty or too long");
    if (std::any_of(url.begin(), url.end(), [](char c) { return c < ' ' || c == 0x7f; })) {
        return not_an_address("it has control or non-ASCII characters");
    }
    Address address = TRY(any_address(url));
    // The path ends up in a command line on the server; older libraries quoted it badly.
    if (address.transport == Transport::ssh && !all_in(address.path, "/._~+@=,-")) {
        return not_an_address("its path has characters that a shell would interpret");
    }
    const bool is_open =
        address.transport == Transport::http || address.transport == Transport::git;
    if (is_open && !allow_insecure && !is_loopback(address.host)) {
        return fail(ErrorKind::refused,
                    "cannot use the repository at " + address.host +
                        ": its transport is not "
                        "encrypted, so anybody in between could change what is deployed",
                    "Use https:// or ssh://.");
    }
    return address;
}

Result<std::string> parse_watched_path(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    if (path == ".") path = {};
    std::string_view left = path;
    while (!left.empty()) {
        const auto slash = left.find('/');
        const std::string_view part = left.substr(0, slash);
        if (part.empty() || part == "." || part == ".." || part.size() > 255) {
            return fail(ErrorKind::invalid,
                        "cannot watch the folder " + shown(path) + ": it is not a plain path",
                        "Give it relative to the top of the repository, such as fleet.");
        }
        left = slash == std::string_view::npos ? std::string_view{} : left.substr(slash + 1);
    }
    return std::string(path);
}

Result<void> check_branch(std::string_view branch) {
    const bool is_odd = branch.size() > 200 || branch.starts_with('-') || branch.starts_with('/') ||
                        branch.ends_with('/') || branch.ends_with(".lock") ||
                        branch.find("..") != std::string_view::npos ||
                        branch.find("//") != std::string_view::npos ||
                        branch.find("@{") != std::string_view::npos ||
                        std::any_of(branch.begin(), branch.end(), [](char c) {
                            return (c >= 0 && c <= ' ') || c == 0x7f ||
                                   std::string_view("~^:?*[\\").find(c) != std::string_view::npos;
                        });
    if (!is_odd) return {};
    return fail(ErrorKind::invalid, "cannot watch the branch: its name is not one git allows",
                "Give the short name, such as main.");
}

}  // namespace matriarch::git
