// The list of what can be asked, and who may ask it.
// A page that is not in this file does not exist.
#include "controller/http/routes.hpp"

#include <algorithm>
#include <charconv>

#include "controller/base/text.hpp"
#include "controller/http/page.hpp"
#include "controller/http/webhook.hpp"

namespace matriarch::controller {
namespace {

constexpr std::string_view api_prefix = "/api/v1/";
constexpr std::string_view page_prefix = "/instances/";
constexpr std::string_view instances_prefix = "/api/v1/instances/";
constexpr std::string_view status_suffix = "/status";

Answer json(std::string body) {
    return {.body = std::move(body)};
}

Answer page(std::string html) {
    return {.type = "text/html; charset=utf-8",
            .body = std::move(html),
            .headers = {{"Content-Security-Policy", page_policy()}}};
}

Answer not_found() {
    return error_answer(404, "there is no such page");
}

/// "example.org:8080" -> "example.org"; "[::1]:8080" -> "[::1]"; a full stop at the end goes.
std::string host_without_port(std::string_view host) {
    const auto bracket = host.rfind(']');
    const auto colon = host.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    if (has_port) host = host.substr(0, colon);
    if (host.ends_with('.')) host.remove_suffix(1);
    return lower_case(host);
}

/// The paths that exist, whatever the verb; and the one verb for each.
std::string verb_for(const std::string& path, bool has_webhook) {
    if (path == "/webhook") return has_webhook ? "POST" : "";
    for (const char* known : {"/", "/healthz", "/live", "/readyz", "/metrics"}) {
        if (path == known) return "GET";
    }
    return path.starts_with(api_prefix) || path.starts_with(page_prefix) ? "GET" : "";
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& character : lower) {
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character + 32);
    }
    return lower;
}

std::optional<std::string> Request::header(std::string_view name) const {
    std::optional<std::string> found;
    for (const auto& [key, value] : headers) {
        if (key != name) continue;
        if (found) return std::nullopt;
        found = value;
    }
    return found;
}

bool Request::has_twice(std::string_view name) const {
    return std::count_if(headers.begin(), headers.end(),
                         [name](const auto& header) { return header.first == name; }) > 1;
}

std::string Request::path() const {
    return target.substr(0, target.find('?'));
}

Answer error_answer(int status, std::string_view message) {
    return {.status = status, .body = "{\"error\":" + json_string(message) + "}\n"};
}

Routes::Routes(ServerOptions options, Pages pages)
    : options_(std::move(options)), pages_(std::move(pages)) {
    for (std::string& name : options_.host_names) name = lower_case(name);
    const bool is_ipv6 = options_.address.find(':') != std::string::npos;
    const std::string address = is_ipv6 ? "[" + options_.address + "]" : options_.address;
    options_.host_names.insert(options_.host_names.end(),
                               {"localhost", "127.0.0.1", "[::1]", lower_case(address)});
}

bool Routes::is_host_allowed(const Request& request) const {
    const auto host = request.header("host");
    if (!host) return false;
    const std::string name = host_without_port(*host);
    return std::find(options_.host_names.begin(), options_.host_names.end(), name) !=
           options_.host_names.end();
}

bool Routes::has_token(const Request& request) const {
    const auto given = request.header("authorization");
    constexpr std::string_view scheme = "bearer ";
    if (!given || options_.token.is_empty() || given->size() <= scheme.size()) return false;
    if (lower_case(given->substr(0, scheme.size())) != scheme) return false;
    return options_.token.is_same_as(Secret(given->substr(scheme.size())));
}

bool Routes::wants_body(const Request& request) const {
    return request.verb == "POST" && request.path() == "/webhook" &&
           !options_.webhook_secret.is_empty() && is_host_allowed(request);
}

Answer Routes::answer(const Request& request) const {
    Answer answer = is_host_allowed(request)
                        ? routed(request)
                        : error_answer(421, "this server does not answer for that host");
    answer.headers.insert(
        {{"Cache-Control", "no-store"},
         {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
         {"Cross-Origin-Resource-Policy", "same-origin"},
         {"Referrer-Policy", "no-referrer"},
         {"X-Content-Type-Options", "nosniff"},
         {"X-Frame-Options", "DENY"}});
    return answer;
}

Answer Routes::routed(const Request& request) const {
    const std::string verb = verb_for(request.path(), !options_.webhook_secret.is_empty());
    if (verb.empty()) return not_found();
    const bool is_head = verb == "GET" && request.verb == "HEAD";
    if (request.verb != verb && !is_head) {
        Answer answer = error_answer(405, "that cannot be done with this page");
        answer.headers["Allow"] = verb == "GET" ? "GET, HEAD" : verb;
        return answer;
    }
    return verb == "POST" ? webhook_answer(request, options_.webhook_secret) : get(request);
}

Answer Routes::get(const Request& request) const {
    const std::string path = request.path();
    if (path == "/healthz") return {.type = "text/plain; charset=utf-8", .body = "ok\n"};
    if (path == "/readyz") return ready();
    if (path == "/metrics") {
        if (!pages_.metrics_text) return not_found();
        return {.type = "text/plain; version=0.0.4; charset=utf-8", .body = pages_.metrics_text()};
    }
    if (path == "/live") {
        if (!pages_.version || request.verb == "HEAD") return not_found();
        return {.type = "text/event-stream", .is_live = true};
    }
    if (path == "/") {
        return pages_.overview ? page(overview_page(pages_.overview())) : not_found();
    }
    if (path.starts_with(page_prefix)) {
        if (!pages_.instance) return not_found();
        const auto instance = pages_.instance(path.substr(page_prefix.size()));
        return instance ? page(instance_page(*instance)) : not_found();
    }
    if (has_token(request)) return api(request);
    Answer answer = error_answer(401, "the token is missing or wrong");
    answer.headers["WWW-Authenticate"] = "Bearer";
    return answer;
}

std::uint64_t Routes::version() const {
    return pages_.version ? pages_.version() : 0;
}

Answer Routes::ready() const {
    if (!pages_.readiness) return not_found();
    const Readiness readiness = pages_.readiness();
    Answer answer{.type = "text/plain; charset=utf-8", .body = "ready\n"};
    if (readiness.is_ready) return answer;
    answer.status = 503;
    answer.body = "not ready: " + printable(readiness.why) + "\n";
    return answer;
}

Answer Routes::api(const Request& request) const {
    const std::string path = request.path();
    if (path == "/api/v1/status" && pages_.status_json) return json(pages_.status_json());
    if (path == "/api/v1/plan" && pages_.plan_json) return json(pages_.plan_json());
    if (path == "/api/v1/drift" && pages_.drift_json) return json(pages_.drift_json());
    if (path == "/api/v1/events" && pages_.events_json) return events(request);
    const bool is_instance = path.starts_with(instances_prefix) && path.ends_with(status_suffix) &&
                             path.size() > instances_prefix.size() + status_suffix.size();
    if (!is_instance || !pages_.instance_status_json) return not_found();
    const std::string name = path.substr(
        instances_prefix.size(), path.size() - instances_prefix.size() - status_suffix.size());
    auto status = pages_.instance_status_json(name);
    return status ? json(std::move(*status)) : error_answer(404, "there is no such instance");
}

Answer Routes::events(const Request& request) const {
    std::string_view query = std::string_view(request.target).substr(request.path().size());
    std::int64_t since = 0;
    if (query.starts_with("?since=")) {
        query.remove_prefix(std::string_view("?since=").size());
        const char* end = query.data() + query.size();
        const auto [rest, error] = std::from_chars(query.data(), end, since);
        if (error != std::errc{} || rest != end || since < 0) {
            return error_answer(400, "since is the id of an event");
        }
    } else if (query.size() > 1) {
        return error_answer(400, "the one parameter is since");
    }
    return json(pages_.events_json(since));
}

}  // namespace matriarch::controller
