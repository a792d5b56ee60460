// Caddyfile and shell, kept together: they share the paths.
#include "reconcilers/caddyfile.hpp"

#include <array>
#include <string_view>

#include "reconcilers/slot.hpp"
#include "reconcilers/wanted.hpp"

namespace matriarch::reconcilers {
namespace {

/// Names that no public authority will ever sign (RFC 2606, RFC 6762, RFC 8375, ICANN's .internal).
bool is_reserved(const std::string& domain) {
    constexpr std::array<std::string_view, 8> endings{
        ".test", ".example", ".invalid", ".localhost", ".local", ".internal", ".home.arpa", ".lan"};
    for (const std::string_view ending : endings) {
        if (domain.ends_with(ending)) return true;
    }
    return false;
}

/// Both containers that each replica may have, beginning with those of replica `first`.
std::string candidates(const specs::Instance& instance, const std::string& role, int replicas,
                       int first) {
    const Names names(instance);
    std::string text;
    for (int i = 0; i < replicas; ++i) {
        const std::string name = names.of(role + "-" + std::to_string((first + i) % replicas + 1));
        text += " " + name + " " + second_name(name);
    }
    return text;
}

/// One upstream for each replica: the container of it that is open, else that of another replica.
/// A dial that fails is tried again for a while: nothing was sent yet.
std::string route_to(const specs::Instance& instance, const std::string& role, int replicas,
                     const std::string& port, const std::string& more) {
    std::string text;
    std::string upstreams;
    for (int i = 0; i < replicas; ++i) {
        const std::string name = role + std::to_string(i + 1);
        text += "\t\t@" + name + " file {\n\t\t\troot /data/matriarch/routes\n\t\t\ttry_files" +
                candidates(instance, role, replicas, i) + "\n\t\t}\n\t\tvars @" + name + " " +
                name + " {http.matchers.file.relative}\n\t\tmap {vars." + name + "} {" + name +
                "} {\n\t\t\t~^/?(.+)$ \"${1}:" + port + "\"\n\t\t}\n";
        upstreams += " {" + name + "}";
    }
    return text + "\t\thandle @" + role + "1 {\n\t\t\treverse_proxy" + upstreams +
           " {\n"
           "\t\t\t\theader_up X-Forwarded-Proto https\n"
           "\t\t\t\theader_up -Proxy\n"
           "\t\t\t\theader_up -Forwarded\n" +
           more +
           "\t\t\t\tlb_try_duration 5s\n"
           "\t\t\t\tlb_try_interval 200ms\n"
           "\t\t\t}\n\t\t}\n\t\thandle {\n\t\t\terror 503\n\t\t}\n";
}

/// What people and programs get while nothing is open, or what is open does not answer.
constexpr const char* back_soon = R"(	handle_errors {
		@away expression `{http.error.status_code} in [502, 503, 504]`
		handle @away {
			header Retry-After 10
			header Cache-Control no-store
			@api path /api/* /oauth/*
			handle @api {
				header Content-Type application/json
				respond `{"error":"This server is back in a moment."}` 503
			}
			handle {
				header Content-Type "text/html; charset=utf-8"
				respond `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="10">
<title>Back in a moment</title><style>body{font:1.2em/1.5 sans-serif;max-width:32em;
margin:20vh auto;padding:0 1em}
@media(prefers-color-scheme:dark){body{background:#191b22;color:#eee}}</style>
<h1>Back in a moment</h1><p>This server is being looked after. Nothing is lost.
This page tries again by itself.</p></html>` 503
			}
		}
		handle {
			respond "{http.error.status_code} {http.error.status_text}" {http.error.status_code}
		}
	}
)";

/// From 2.7 on a reload can leave WebSockets alone for a while.
bool keeps_streams(const std::string& version) {
    const auto dot = version.find('.');
    if (dot == std::string::npos) return false;
    const std::string major = version.substr(0, dot);
    const std::string minor = version.substr(dot + 1, version.find('.', dot + 1) - dot - 1);
    return major.size() > 1 || major > "2" || (major == "2" && (minor.size() > 1 || minor >= "7"));
}

std::string routes(const specs::Instance& instance, const std::string& version) {
    return "\tencode zstd gzip\n"
           "\trequest_body {\n\t\tmax_size 99MB\n\t}\n"
           "\t@streaming path /api/v1/streaming /api/v1/streaming/*\n"
           "\troute @streaming {\n" +
           route_to(instance, "streaming", instance.streaming.replicas, "4000",
                    std::string("\t\t\t\tflush_interval -1\n") +
                        (keeps_streams(version) ? "\t\t\t\tstream_close_delay 10m\n" : "")) +
           "\t}\n\troute {\n" + route_to(instance, "web", instance.web.replicas, "3000", "") +
           "\t}\n" + back_soon;
}

constexpr const char* first_config =
    "{\\n\\tadmin localhost:2019\\n\\tauto_https off\\n}\\nhttp:// {\\n\\theader Retry-After 10"
    "\\n\\trespond 503\\n}\\n";

}  // namespace

std::string caddyfile(const specs::Instance& instance, const std::string& version) {
    std::string names = instance.domain;
    std::string plain_names = "http://" + instance.domain;
    if (!instance.web_domain.empty() && instance.web_domain != instance.domain) {
        names += ", " + instance.web_domain;
        plain_names += ", http://" + instance.web_domain;
    }
    const bool is_off = instance.edge.tls == specs::Tls::off;
    const bool is_internal =
        instance.edge.tls == specs::Tls::internal || is_reserved(instance.domain);
    // Nothing in the container itself trusts its own authority, and installing it takes time.
    std::string text = "{\n\tadmin localhost:2019\n\tskip_install_trust\n";
    if (is_off || is_internal) text += "\tauto_https disable_redirects\n";
    text += "\tgrace_period 10s\n}\n(mastodon) {\n" + routes(instance, version) + "}\n";
    if (is_off || is_internal) text += plain_names + " {\n\timport mastodon\n}\n";
    if (is_off) return text;
    text += names + " {\n";
    if (is_internal) text += "\ttls internal\n";
    return text + "\theader Strict-Transport-Security \"max-age=63072000; includeSubDomains\"\n" +
           "\timport mastodon\n}\n";
}

std::vector<std::string> edge_command() {
    return {"sh", "-c",
            std::string("set -e; d=/data/matriarch; mkdir -p $d/routes; f=$d/Caddyfile; "
                        "caddy version > $d/version; "
                        "caddy validate --config $f --adapter caddyfile > /dev/null 2>&1 || "
                        "printf '") +
                first_config + "' > $f; exec caddy run --config $f --adapter caddyfile"};
}

std::string edge_health_line() {
    return "wget -q -O /dev/null http://127.0.0.1:2019/config/ && cd /data/matriarch && "
           "echo \"caddy $(cut -d' ' -f1 version)\" && "
           "echo \"config $(sha256sum < Caddyfile | cut -d' ' -f1)\" && "
           "for r in routes/*; do test ! -e \"$r\" || echo \"route ${r#routes/}\"; done";
}

std::vector<std::string> configure_command(const ConfigureEdge& action) {
    constexpr const char* script =
        "set -e; cd /data/matriarch; config=$1; shift; "
        // Whoever is new is open before whoever is gone is closed.
        "for r in \"$@\"; do : > \"routes/$r\"; done; "
        "for f in routes/*; do case \" $* \" in *\" ${f#routes/} \"*) ;; *) rm -f \"$f\" ;; esac; "
        "done; "
        "if test \"$(sha256sum < Caddyfile)\" != \"$(printf %s \"$config\" | sha256sum)\"; then "
        "printf %s \"$config\" > Caddyfile.new; "
        "caddy reload --config Caddyfile.new --adapter caddyfile 2>&1; "
        "mv Caddyfile.new Caddyfile; fi";
    std::vector<std::string> command{"sh", "-c", script, "sh", action.config};
    command.insert(command.end(), action.routes.begin(), action.routes.end());
    return command;
}

}  // namespace matriarch::reconcilers
