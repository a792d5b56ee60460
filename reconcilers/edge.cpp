// Edge: Caddy, the front door with automatic TLS.
//
// Its whole configuration is one environment variable, so that what it serves is compared like any
// other field. Public names get public certificates; reserved ones (.test, .localhost, ...) Caddy's
// own authority, and are served without TLS too, so that a trial needs no DNS.
#include <array>

#include "reconcilers/converge.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::seconds;

/// Names that no public authority will ever sign (RFC 2606, RFC 6762, RFC 8375, ICANN's .internal).
bool is_reserved(const std::string& domain) {
    constexpr std::array<std::string_view, 8> endings{
        ".test", ".example", ".invalid", ".localhost", ".local", ".internal", ".home.arpa", ".lan"};
    for (const std::string_view ending : endings) {
        if (domain.ends_with(ending)) return true;
    }
    return false;
}

/// Where requests go. A dial that fails is tried again for a while: nothing was sent yet.
std::string routes() {
    return R"(	encode zstd gzip
	request_body {
		max_size 99MB
	}
	@streaming path /api/v1/streaming /api/v1/streaming/*
	handle @streaming {
		reverse_proxy streaming:4000 {
			header_up X-Forwarded-Proto https
			header_up -Proxy
			header_up -Forwarded
			flush_interval -1
			lb_try_duration 5s
			lb_try_interval 200ms
		}
	}
	handle {
		reverse_proxy web:3000 {
			header_up X-Forwarded-Proto https
			header_up -Proxy
			header_up -Forwarded
			lb_try_duration 5s
			lb_try_interval 200ms
		}
	}
)";
}

std::string caddyfile(const specs::Instance& instance) {
    std::string names = instance.domain;
    std::string plain_names = "http://" + instance.domain;
    if (!instance.web_domain.empty() && instance.web_domain != instance.domain) {
        names += ", " + instance.web_domain;
        plain_names += ", http://" + instance.web_domain;
    }
    const bool is_off = instance.edge.tls == specs::Tls::off;
    const bool is_internal =
        instance.edge.tls == specs::Tls::internal || is_reserved(instance.domain);
    std::string text = "{\n\tadmin localhost:2019\n";
    if (is_off || is_internal) text += "\tauto_https disable_redirects\n";
    text += "\tgrace_period 10s\n}\n(mastodon) {\n" + routes() + "}\n";
    if (is_off || is_internal) text += plain_names + " {\n\timport mastodon\n}\n";
    if (is_off) return text;
    text += names + " {\n";
    if (is_internal) text += "\ttls internal\n";
    return text + "\theader Strict-Transport-Security \"max-age=63072000; includeSubDomains\"\n" +
           "\timport mastodon\n}\n";
}

}  // namespace

std::vector<ContainerSpec> wanted_edge(const Wanted& wanted) {
    const auto& edge = wanted.instance.edge;
    if (edge.external) return {};
    const Names names(wanted.instance);
    ContainerSpec spec =
        base_container(wanted, names.edge, "edge", specs::resolved_images(wanted.instance).edge);
    spec.environment["MATRIARCH_CADDYFILE"] = shown(caddyfile(wanted.instance));
    spec.command = {"sh", "-c",
                    "printf %s \"$MATRIARCH_CADDYFILE\" > /tmp/Caddyfile && "
                    "exec caddy run --config /tmp/Caddyfile --adapter caddyfile"};
    spec.limits = edge.limits;
    spec.capabilities = {"NET_BIND_SERVICE"};
    spec.mounts = {{.volume = names.edge_volume, .target = "/data"}};
    spec.networks[names.external_network] = {"edge"};
    if (edge.http != 0) spec.ports.push_back({.container = 80, .host = edge.http});
    if (edge.https != 0 && edge.tls != specs::Tls::off) {
        spec.ports.push_back({.container = 443, .host = edge.https});
        spec.ports.push_back({.container = 443, .host = edge.https, .udp = true});
    }
    spec.health =
        HealthCheck{.test = {"CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:2019/config/"},
                    .interval = seconds(10),
                    .timeout = seconds(5),
                    .start_period = seconds(30),
                    .retries = 3};
    spec.stop_grace = seconds(15);
    return {finished(spec)};
}

void plan_edge(const Wanted& wanted, const World& world, Steps& steps) {
    for (const ContainerSpec& spec : wanted_edge(wanted)) converge(spec, world, steps);
}

}  // namespace matriarch::reconcilers
