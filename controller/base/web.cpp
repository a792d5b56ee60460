// curl's configuration, and what it prints.
#include "controller/base/web.hpp"

#include <algorithm>
#include <cctype>

#include "controller/base/program.hpp"

namespace matriarch::controller {

namespace {

constexpr std::size_t answer_bytes_max = 8 * std::size_t{1024} * 1024;

std::string script_of(const WebRequest& request) {
    std::string script = "url = " + in_curl_quotes(request.url.reveal()) +
                         "\nrequest = " + in_curl_quotes(request.method) + "\n";
    // No interim answer comes before the real one.
    for (const std::string name : {"Expect:", "User-Agent: matriarch"}) {
        script += "header = " + in_curl_quotes(name) + "\n";
    }
    for (const Secret& header : request.headers) {
        script += "header = " + in_curl_quotes(header.reveal()) + "\n";
    }
    if (!request.body.empty()) script += "data-raw = " + in_curl_quotes(request.body) + "\n";
    return script;
}

tl::unexpected<Error> no_answer(const std::string& why) {
    return fail(ErrorKind::unavailable, "no answer: " + why);
}

}  // namespace

std::string WebAnswer::header(const std::string& name) const {
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [&](const auto& one) { return one.first == name; });
    return found == headers.end() ? "" : found->second;
}

std::string percent_encoded(const std::string& text) {
    constexpr const char* digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.') {
            out += c;
        } else {
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return out;
}

std::string in_curl_quotes(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else if (c != '\r' && c != '\0') {
            out += c;
        }
    }
    return out + "\"";
}

bool is_local_url(const std::string& url, const std::string& scheme) {
    for (const std::string host : {"127.0.0.1", "localhost"}) {
        const std::size_t length = scheme.size() + host.size();
        if (!url.starts_with(scheme + host)) continue;
        if (url.size() == length || url[length] == ':' || url[length] == '/') return true;
    }
    return false;
}

Result<WebAnswer> parse_web_answer(const std::string& text) {
    const auto end = text.find("\r\n\r\n");
    const auto space = text.find(' ');
    if (!text.starts_with("HTTP/") || end == std::string::npos || space > end) {
        return no_answer("it is not HTTP");
    }
    WebAnswer answer{.body = text.substr(end + 4)};
    for (std::size_t at = space + 1; at < space + 4 && at < end; ++at) {
        if (text[at] < '0' || text[at] > '9') return no_answer("it has no status");
        answer.status = answer.status * 10 + (text[at] - '0');
    }
    for (auto at = text.find("\r\n"); at < end;) {
        const auto next = text.find("\r\n", at + 2);
        const std::string line = text.substr(at + 2, next - at - 2);
        const auto colon = line.find(':');
        at = next;
        if (colon == std::string::npos) continue;
        std::string name = line.substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const auto value = line.find_first_not_of(' ', colon + 1);
        answer.headers.emplace_back(std::move(name),
                                    value == std::string::npos ? "" : line.substr(value));
    }
    return answer;
}

Result<WebAnswer> ask_web(const WebRequest& request) {
    const auto ended = TRY(
        run_program({.arguments = {"curl", "--disable", "--silent", "--show-error", "--include",
                                   "--http1.1", "--max-time",
                                   std::to_string(request.within.count() / 1000), "--config", "-"},
                     .input = Secret(script_of(request)),
                     .out_bytes_max = answer_bytes_max,
                     .within = request.within + std::chrono::seconds(5),
                     .stop = request.stop}));
    if (ended.exit_code != 0) return no_answer(ended.err.substr(0, ended.err.find('\n')));
    return parse_web_answer(ended.out.reveal());
}

}  // namespace matriarch::controller
