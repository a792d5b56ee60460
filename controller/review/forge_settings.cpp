// Four keys, each with its own complaint.
#include "controller/review/forge_settings.hpp"

#include <algorithm>

#include "controller/base/files.hpp"
#include "controller/base/web.hpp"
#include "specs/values/shown.hpp"

namespace matriarch::controller {

namespace {

Result<ForgeKind> kind_of(const specs::Node& node) {
    if (node.text == "github") return ForgeKind::github;
    if (node.text == "gitea" || node.text == "forgejo") return ForgeKind::gitea;
    if (node.text == "gitlab") return ForgeKind::gitlab;
    return fail(ErrorKind::invalid, "kind must be github, gitea, forgejo or gitlab", "",
                to_text(node.place));
}

Result<std::string> url_of(const specs::Node& node) {
    std::string url = node.text;
    while (url.ends_with('/')) url.pop_back();
    if (url.starts_with("https://") || is_local_url(url, "http://")) return url;
    return fail(ErrorKind::invalid, "url must begin with https://",
                "Plain http:// is for this host only.", to_text(node.place));
}

Result<std::string> repository_of(const specs::Node& node) {
    const std::string& name = node.text;
    const bool is_plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '/';
    });
    if (is_plain && name.find('/') != std::string::npos && !name.starts_with('/') &&
        !name.ends_with('/') && name.find("..") == std::string::npos) {
        return name;
    }
    return fail(ErrorKind::invalid, "repository must be like people/fleet", "",
                to_text(node.place));
}

}  // namespace

Result<ForgeSettings> parse_forge(const specs::Node& tree) {
    ForgeSettings forge;
    if (!tree.is_map()) {
        return fail(ErrorKind::invalid, "a forge is a map with kind, url, repository, token_file",
                    "", to_text(tree.place));
    }
    bool has_url = false;
    for (const specs::Node& entry : tree.items) {
        if (entry.key == "kind") {
            forge.kind = TRY(kind_of(entry));
        } else if (entry.key == "url") {
            forge.url = TRY(url_of(entry));
            has_url = true;
        } else if (entry.key == "repository") {
            forge.repository = TRY(repository_of(entry));
        } else if (entry.key == "token_file") {
            forge.token = TRY(read_secret_line(entry.text));
        } else {
            return fail(ErrorKind::invalid,
                        "there is no key " + shown(entry.key, shown_bytes) + " here",
                        "kind, url, repository and token_file are known.", to_text(entry.place));
        }
    }
    if (forge.repository.empty() || forge.token.is_empty() ||
        (!has_url && forge.kind != ForgeKind::github)) {
        return fail(ErrorKind::invalid, "a forge needs kind, url, repository and token_file", "",
                    to_text(tree.place));
    }
    return forge;
}

}  // namespace matriarch::controller
