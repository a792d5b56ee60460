// Reading known_hosts line by line. Hashed names are HMAC-SHA1, as OpenSSH defines them (sshd(8)).
#include "controller/git/known_hosts.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <optional>
#include <vector>

namespace matriarch::git {
namespace {

std::string base64_of(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::optional<std::string> base64_decoded(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0 || text.size() > 4096) return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()));
    if (length < 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
    bytes.resize(static_cast<std::size_t>(length) - padding);
    return bytes;
}

/// Takes the next word off the front of a line.
std::string_view take_word(std::string_view& line) {
    const auto start = line.find_first_not_of(" \t\r");
    if (start == std::string_view::npos) {
        line = {};
        return {};
    }
    line.remove_prefix(start);
    const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
    line.remove_prefix(word.size());
    return word;
}

/// "|1|salt|digest" names the host whose HMAC-SHA1 under that salt is the digest.
bool is_hash_of(std::string_view pattern, const std::string& name) {
    pattern.remove_prefix(3);
    const auto bar = pattern.find('|');
    if (bar == std::string_view::npos) return false;
    const auto salt = base64_decoded(pattern.substr(0, bar));
    const auto digest = base64_decoded(pattern.substr(bar + 1));
    if (!salt || !digest) return false;
    std::array<unsigned char, EVP_MAX_MD_SIZE> computed{};
    unsigned int size = 0;
    HMAC(EVP_sha1(), salt->data(), static_cast<int>(salt->size()),
         reinterpret_cast<const unsigned char*>(name.data()), name.size(), computed.data(), &size);
    return *digest == std::string_view(reinterpret_cast<const char*>(computed.data()), size);
}

bool names(std::string_view patterns, const std::string& name) {
    while (!patterns.empty()) {
        const auto comma = patterns.find(',');
        const std::string_view pattern = patterns.substr(0, comma);
        if (pattern == name || (pattern.starts_with("|1|") && is_hash_of(pattern, name))) {
            return true;
        }
        patterns =
            comma == std::string_view::npos ? std::string_view{} : patterns.substr(comma + 1);
    }
    return false;
}

struct Line {
    /// "@revoked", "@cert-authority" or empty.
    std::string_view marker{};
    std::string_view kind{};
    /// In base64.
    std::string_view key{};
};

/// Every line that names the host, in order.
std::vector<Line> lines_naming(std::string_view known_hosts, const std::string& name) {
    std::vector<Line> lines;
    while (!known_hosts.empty()) {
        const auto line_end = known_hosts.find('\n');
        std::string_view rest = known_hosts.substr(0, line_end);
        known_hosts = line_end == std::string_view::npos ? std::string_view{}
                                                         : known_hosts.substr(line_end + 1);
        Line line;
        std::string_view word = take_word(rest);
        if (word.empty() || word.starts_with('#')) continue;
        if (word.starts_with('@')) {
            line.marker = word;
            word = take_word(rest);
        }
        if (!names(word, name)) continue;
        line.kind = take_word(rest);
        line.key = take_word(rest);
        if (!line.key.empty()) lines.push_back(line);
    }
    return lines;
}

}  // namespace

std::string known_hosts_name(const std::string& host, int port) {
    return port == 22 ? host : "[" + host + "]:" + std::to_string(port);
}

std::string fingerprint_text(std::string_view digest) {
    std::string text = base64_of(digest);
    while (text.ends_with('=')) text.pop_back();
    return "SHA256:" + text;
}

HostKey find_host_key(std::string_view known_hosts, const ShownKey& shown) {
    const std::string key = base64_of(shown.key);
    HostKey found = HostKey::unknown;
    for (const Line& line : lines_naming(known_hosts, known_hosts_name(shown.host, shown.port))) {
        const bool is_same = line.key == key;
        if (line.marker == "@revoked" && is_same) return HostKey::revoked;
        if (!line.marker.empty()) continue;
        if (is_same) {
            found = HostKey::matches;
        } else if (found == HostKey::unknown) {
            found = HostKey::differs;
        }
    }
    return found;
}

std::string lines_for_host(std::string_view known_hosts, const std::string& host, int port) {
    const std::string name = known_hosts_name(host, port);
    std::string newer;
    std::string older;
    for (const Line& line : lines_naming(known_hosts, name)) {
        if (!line.marker.empty()) continue;
        // A key of the kind ssh-rsa can only be shown with SHA-1, which OpenSSH refuses since 8.8.
        std::string& text = line.kind == "ssh-rsa" || line.kind == "ssh-dss" ? older : newer;
        text.append(name).append(" ").append(line.kind).append(" ").append(line.key).append("\n");
    }
    return newer + older;
}

}  // namespace matriarch::git
