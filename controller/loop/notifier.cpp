// One curl for each target and notice. Its address, token and text go through its standard input.
#include "controller/loop/notifier.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "controller/base/files.hpp"
#include "controller/base/log.hpp"
#include "controller/base/text.hpp"
#include "controller/base/web.hpp"
#include "controller/loop/digest.hpp"
#include "controller/secrets/redactor.hpp"
#include "specs/values/shown.hpp"

namespace matriarch::controller {

namespace json = boost::json;

namespace {

constexpr std::size_t waiting_max = 200;

Result<NoticeForm> form_of(const specs::Node& node) {
    if (node.text == "json") return NoticeForm::json;
    if (node.text == "slack") return NoticeForm::slack;
    if (node.text == "ntfy") return NoticeForm::ntfy;
    if (node.text == "matrix") return NoticeForm::matrix;
    if (node.text == "mail") return NoticeForm::mail;
    if (node.text == "mastodon") return NoticeForm::mastodon;
    return fail(ErrorKind::invalid, "form must be json, slack, ntfy, matrix, mail or mastodon", "",
                to_text(node.place));
}

/// Into a header of its own: no line may end in it.
Result<std::string> address_in(const specs::Node& node) {
    const bool is_one = node.text.find('@') != std::string::npos &&
                        std::all_of(node.text.begin(), node.text.end(),
                                    [](char c) { return c > ' ' && c < 0x7f && c != '<'; });
    if (is_one) return node.text;
    return fail(ErrorKind::invalid, node.key + " must be one address, such as admin@example.org",
                "", to_text(node.place));
}

Result<std::string> digest_in(const specs::Node& node) {
    auto schedule = daily_schedule(node.text);
    if (!schedule) schedule.error().where = to_text(node.place);
    return schedule;
}

Result<void> check(const NoticeTarget& target, const std::string& place) {
    const std::string url = target.url.reveal();
    if (target.form == NoticeForm::mail) {
        if (!url.starts_with("smtps://") && !url.starts_with("smtp://")) {
            return fail(ErrorKind::invalid, "url must begin with smtps:// or smtp://",
                        "smtp:// has to turn to TLS, but on this host.", place);
        }
        if (target.from.empty() || target.to.empty()) {
            return fail(ErrorKind::invalid, "mail needs from and to", "", place);
        }
        return {};
    }
    if (!url.starts_with("https://") && !is_local_url(url, "http://")) {
        return fail(ErrorKind::invalid, "url must begin with https://",
                    "Plain http:// is for this host only.", place);
    }
    if (target.form == NoticeForm::mastodon && target.to.empty()) {
        return fail(ErrorKind::invalid, "mastodon needs to, such as @admin@example.org", "", place);
    }
    return {};
}

Result<NoticeTarget> target_of(const specs::Node& node) {
    NoticeTarget target;
    if (!node.is_map()) {
        return fail(ErrorKind::invalid, "each entry is a map with form and url", "",
                    to_text(node.place));
    }
    for (const specs::Node& entry : node.items) {
        if (entry.key == "form") {
            target.form = TRY(form_of(entry));
        } else if (entry.key == "url") {
            target.url = Secret(entry.text);
        } else if (entry.key == "url_file") {
            target.url = TRY(read_secret_line(entry.text));
        } else if (entry.key == "token_file") {
            target.token = TRY(read_secret_line(entry.text));
        } else if (entry.key == "user_file") {
            target.user = TRY(read_secret_line(entry.text));
        } else if (entry.key == "from") {
            target.from = TRY(address_in(entry));
        } else if (entry.key == "to") {
            target.to = TRY(address_in(entry));
        } else if (entry.key == "digest") {
            target.digest = TRY(digest_in(entry));
        } else {
            return fail(
                ErrorKind::invalid, "there is no key " + shown(entry.key, shown_bytes) + " here",
                "form, url, url_file, token_file, user_file, from, to and digest are known.",
                to_text(entry.place));
        }
    }
    TRY(check(target, to_text(node.place)));
    return target;
}

std::string body_of(NoticeForm form, const Notice& notice) {
    const std::string words = in_words(notice);
    switch (form) {
        case NoticeForm::slack:
            return json::serialize(json::object{{"text", words}});
        case NoticeForm::ntfy:
            return words;
        case NoticeForm::matrix:
            return json::serialize(json::object{{"msgtype", "m.text"}, {"body", words}});
        case NoticeForm::json:
        case NoticeForm::mail:
        case NoticeForm::mastodon:
            break;
    }
    return json::serialize(json::object{{"status", to_text(notice.kind)},
                                        {"instance", notice.trouble.instance},
                                        {"type", notice.trouble.type},
                                        {"message", notice.trouble.message},
                                        {"text", words},
                                        {"since", to_text(notice.since)},
                                        {"at", to_text(notice.at)}});
}

/// curl makes the mail of its parts.
std::string mail_script(const NoticeTarget& target, const Notice& notice) {
    const std::string url = target.url.reveal();
    const std::string words = in_words(notice);
    std::string script = "url = " + in_curl_quotes(url) + "\n";
    if (!is_local_url(url, "smtp://")) script += "ssl-reqd\n";
    if (!target.user.is_empty()) script += "user = " + in_curl_quotes(target.user.reveal()) + "\n";
    for (const auto& [name, value] :
         {std::pair{"mail-from", target.from}, {"mail-rcpt", target.to}}) {
        script += std::string(name) + " = " + in_curl_quotes("<" + value + ">") + "\n";
    }
    const std::string subject = shortened(printable(words.substr(0, words.find('\n'))), 120);
    for (const std::string& header :
         {"From: <" + target.from + ">", "To: <" + target.to + ">",
          "Subject: matriarch: " + subject, std::string("Auto-Submitted: auto-generated")}) {
        script += "header = " + in_curl_quotes(header) + "\n";
    }
    return script + "form-string = " + in_curl_quotes("=" + words) + "\n";
}

/// The same key twice is one message.
std::string toot_script(const NoticeTarget& target, const Notice& notice,
                        const std::string& number) {
    constexpr std::size_t length_max = 450;  // of 500, as Mastodon has it by itself
    std::string text = target.to + " ";
    for (const char c : shortened(in_words(notice), length_max)) {
        text += c == '@' ? std::string(" at ") : std::string(1, c);  // nobody else is called
    }
    return "url = " + in_curl_quotes(target.url.reveal() + "/api/v1/statuses") +
           "\nheader = \"Content-Type: application/json\"\nheader = " +
           in_curl_quotes("Idempotency-Key: matriarch-" + number) +
           "\nheader = " + in_curl_quotes("Authorization: Bearer " + target.token.reveal()) +
           "\ndata-raw = " +
           in_curl_quotes(
               json::serialize(json::object{{"status", text}, {"visibility", "direct"}})) +
           "\n";
}

}  // namespace

Result<std::vector<NoticeTarget>> parse_targets(const specs::Node& tree) {
    std::vector<NoticeTarget> targets;
    if (tree.is_nothing()) return targets;
    if (!tree.is_sequence()) {
        return fail(ErrorKind::invalid, "notices go to a list of targets", "", to_text(tree.place));
    }
    for (const specs::Node& node : tree.items) targets.push_back(TRY(target_of(node)));
    return targets;
}

Secret curl_script(const NoticeTarget& target, const Notice& notice, const std::string& number) {
    if (target.form == NoticeForm::mail) return Secret(mail_script(target, notice));
    if (target.form == NoticeForm::mastodon) return Secret(toot_script(target, notice, number));
    std::string url = target.url.reveal();
    std::string script;
    // Matrix takes the same message of the same number once.
    if (target.form == NoticeForm::matrix) {
        url += "/matriarch-" + number;
        script += "request = \"PUT\"\n";
    }
    script += "url = " + in_curl_quotes(url) + "\n";
    script += target.form == NoticeForm::ntfy ? "header = \"Title: matriarch\"\n"
                                              : "header = \"Content-Type: application/json\"\n";
    if (!target.token.is_empty()) {
        script +=
            "header = " + in_curl_quotes("Authorization: Bearer " + target.token.reveal()) + "\n";
    }
    return Secret(script + "data-raw = " + in_curl_quotes(body_of(target.form, notice)) + "\n");
}

Notifier::Notifier(std::vector<NoticeTarget> targets)
    : targets_(std::move(targets)), thread_([this](std::stop_token stop) { run(stop); }) {}

void Notifier::send(const Notice& notice) {
    if (targets_.empty()) return;
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= waiting_max) waiting_.pop_front();
    waiting_.push_back(notice);
    more_.notify_one();
}

std::set<std::string> Notifier::digests() const {
    std::set<std::string> schedules;
    for (const NoticeTarget& target : targets_) {
        if (!target.digest.empty()) schedules.insert(target.digest);
    }
    return schedules;
}

void Notifier::run(std::stop_token stop) {
    std::uint64_t count = 0;
    while (!stop.stop_requested()) {
        std::unique_lock lock(mutex_);
        if (!more_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
        const Notice notice = waiting_.front();
        waiting_.pop_front();
        lock.unlock();
        for (const NoticeTarget& target : targets_) {
            if (notice.kind == NoticeKind::digest && target.digest != notice.schedule) continue;
            const std::string number = std::to_string(notice.at.time_since_epoch().count()) + "-" +
                                       std::to_string(++count);
            const auto ended =
                run_program({.arguments = {"curl", "--disable", "--silent", "--show-error",
                                           "--fail", "--max-time", "20", "--config", "-"},
                             .input = curl_script(target, notice, number),
                             .within = std::chrono::seconds(25),
                             .stop = stop});
            if (stop.stop_requested()) return;
            if (ended && ended->exit_code == 0) continue;
            Redactor redactor;
            redactor.add(target.url);
            redactor.add(target.token);
            redactor.add(target.user);
            log::warn(
                "could not send a notice",
                {{log::key::instance, notice.trouble.instance},
                 {log::key::error, redactor.redact(ended ? ended->err : ended.error().message)}});
        }
    }
}

}  // namespace matriarch::controller
