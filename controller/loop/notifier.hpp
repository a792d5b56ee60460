// Notifier: sends notices to where the host says (/etc/matriarch/notify.yaml, never in git), by
// curl, on a thread of its own. What cannot be sent is logged, and the next hour tells again.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "controller/base/program.hpp"
#include "controller/loop/notices.hpp"
#include "specs/node.hpp"

namespace matriarch::controller {

/// json: all fields. slack: {"text"}, also for Mattermost, Rocket.Chat, Discord's /slack. ntfy:
/// plain text. matrix: a message into a room. mail: through a relay, never without TLS to another
/// host. mastodon: a direct message to an account, best on a server that is not one of ours.
enum class NoticeForm { json, slack, ntfy, matrix, mail, mastodon };

/// Where notices go. The address can be a secret itself.
///
///     - {form: json, url_file: /etc/matriarch/notify-url}
///     - form: matrix
///       url: https://matrix.example/_matrix/client/v3/rooms/!room:example/send/m.room.message
///       token_file: /etc/matriarch/matrix-token
///     - {form: mail, url: "smtps://mail.example", from: matriarch@example, to: admin@example,
///        user_file: /etc/matriarch/mail-user}              # name:password
///     - {form: mastodon, url: "https://other.example", to: "@admin@other.example",
///        token_file: /etc/matriarch/toot-token}            # a direct message
///
/// Each may have `digest: "08:00 Europe/Berlin"`: every day at that time how all instances are.
struct NoticeTarget {
    NoticeForm form{NoticeForm::json};
    Secret url{};
    /// For "Authorization: Bearer"; empty: none.
    Secret token{};
    /// "name:password" for the relay; empty: none.
    Secret user{};
    std::string from{};
    std::string to{};
    /// Schedule of its daily digest (see digest.hpp); empty: it gets none.
    std::string digest{};
};

/// Reads the file's tree; secrets from the files that it names. Errors: invalid, refused.
[[nodiscard]] Result<std::vector<NoticeTarget>> parse_targets(const specs::Node& tree);

/// What curl reads from its standard input, so that nobody sees it in the process list.
/// `number` is unlike that of any other notice.
[[nodiscard]] Secret curl_script(const NoticeTarget& target, const Notice& notice,
                                 const std::string& number);

class Notifier {
 public:
    explicit Notifier(std::vector<NoticeTarget> targets);

    void send(const Notice& notice);

    /// The schedules of all digests that somebody asked for.
    [[nodiscard]] std::set<std::string> digests() const;

 private:
    void run(std::stop_token stop);

    std::vector<NoticeTarget> targets_;
    std::mutex mutex_{};
    std::condition_variable_any more_{};
    std::deque<Notice> waiting_{};
    // Last: it uses all of the above.
    std::jthread thread_{};
};

}  // namespace matriarch::controller
