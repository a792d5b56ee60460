// What a registry says is a stranger's: pages are counted, and no address of another host is
// followed but the one that gives tokens.
#include "controller/review/registry.hpp"

#include <boost/json.hpp>

namespace matriarch::controller {

namespace json = boost::json;

namespace {

constexpr int pages_max = 100;
/// The most that a registry gives at once; most give fewer.
constexpr int page_size = 1000;

tl::unexpected<Error> odd() {
    return fail(ErrorKind::unavailable, "the registry's answer is not what its API describes");
}

/// The value of one of `name="value", ...`.
std::string quoted_after(const std::string& text, const std::string& name) {
    const auto at = text.find(name + "=\"");
    if (at == std::string::npos) return "";
    const auto begin = at + name.size() + 2;
    return text.substr(begin, text.find('"', begin) - begin);
}

Error refusal(const std::string& what, int status) {
    const std::string said =
        "cannot list the tags of " + what + ": the registry answers " + std::to_string(status);
    if (status == 401 || status == 403) {
        return {.kind = ErrorKind::refused,
                .message = said,
                .hint = "Only repositories that anybody may read are looked at."};
    }
    return {.kind = status == 404 ? ErrorKind::invalid : ErrorKind::unavailable, .message = said};
}

Result<Secret> fetch_token(const std::string& what, const WebAnswer& answer, std::stop_token stop) {
    const auto challenge = parse_challenge(answer.header("www-authenticate"));
    if (!challenge) return fail(refusal(what, answer.status));
    const auto given =
        TRY(ask_web({.url = Secret(token_url(*challenge)), .stop = std::move(stop)}));
    if (given.status != 200) return fail(refusal(what, given.status));
    return parse_token(given.body);
}

}  // namespace

std::string registry_url(const std::string& registry) {
    const std::string plain = "http://" + registry;
    if (is_local_url(plain, "http://")) return plain;
    return "https://" + (registry == "docker.io" ? "registry-1.docker.io" : registry);
}

std::string tags_path(const std::string& repository) {
    return "/v2/" + repository + "/tags/list?n=" + std::to_string(page_size);
}

std::string next_page(const std::string& link) {
    const auto begin = link.find('<');
    const auto end = link.find('>', begin);
    if (end == std::string::npos || link.find("rel=\"next\"", end) == std::string::npos) return "";
    std::string target = link.substr(begin + 1, end - begin - 1);
    // Some give the whole address; only what comes behind the host is taken.
    if (const auto scheme = target.find("://"); scheme != std::string::npos) {
        const auto slash = target.find('/', scheme + 3);
        target = slash == std::string::npos ? "" : target.substr(slash);
    }
    return target.starts_with("/v2/") ? target : "";
}

std::optional<Challenge> parse_challenge(const std::string& header) {
    if (!header.starts_with("Bearer ") && !header.starts_with("bearer ")) return std::nullopt;
    Challenge challenge{.realm = quoted_after(header, "realm"),
                        .service = quoted_after(header, "service"),
                        .scope = quoted_after(header, "scope")};
    const bool is_safe =
        challenge.realm.starts_with("https://") || is_local_url(challenge.realm, "http://");
    if (!is_safe) return std::nullopt;
    return challenge;
}

std::string token_url(const Challenge& challenge) {
    std::string url = challenge.realm;
    char between = url.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value] :
         {std::pair("service=", challenge.service), std::pair("scope=", challenge.scope)}) {
        if (value.empty()) continue;
        url += between + std::string(name) + percent_encoded(value);
        between = '&';
    }
    return url;
}

Result<Secret> parse_token(const std::string& body) {
    boost::system::error_code error;
    const json::value value = json::parse(body, error);
    for (const char* name : {"/token", "/access_token"}) {
        const json::value* found = error ? nullptr : value.find_pointer(name, error);
        error = {};
        if (found != nullptr && found->is_string() && !found->get_string().empty()) {
            return Secret(std::string(found->get_string()));
        }
    }
    return odd();
}

Result<std::vector<specs::Version>> parse_tags(const std::string& body) {
    boost::system::error_code error;
    const json::value value = json::parse(body, error);
    const json::value* tags = error ? nullptr : value.find_pointer("/tags", error);
    if (tags == nullptr) return odd();
    std::vector<specs::Version> versions;
    if (tags->is_null()) return versions;
    if (!tags->is_array()) return odd();
    for (const json::value& tag : tags->get_array()) {
        if (!tag.is_string()) continue;
        if (auto version = specs::parse_version(std::string(tag.get_string()))) {
            versions.push_back(std::move(*version));
        }
    }
    return versions;
}

Result<std::vector<specs::Version>> releases_of(const specs::ImageRef& image,
                                                std::stop_token stop) {
    const std::string what = repository_text(image);
    std::vector<specs::Version> all;
    Secret token;
    std::string path = tags_path(image.repository);
    for (int page = 0; page < pages_max && !path.empty(); ++page) {
        WebRequest request{.url = Secret(registry_url(image.registry) + path), .stop = stop};
        if (!token.is_empty()) {
            request.headers.emplace_back("Authorization: Bearer " + token.reveal());
        }
        WebAnswer answer = TRY(ask_web(request));
        if (answer.status == 401 && token.is_empty()) {
            token = TRY(fetch_token(what, answer, stop));
            request.headers.emplace_back("Authorization: Bearer " + token.reveal());
            answer = TRY(ask_web(request));
        }
        if (answer.status != 200) return fail(refusal(what, answer.status));
        for (specs::Version& one : TRY(parse_tags(answer.body))) all.push_back(std::move(one));
        path = next_page(answer.header("link"));
    }
    return all;
}

}  // namespace matriarch::controller
