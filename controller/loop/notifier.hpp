// Notifier: sends notices to where the host says (/etc/matriarch/notify.yaml, never in git), by
// curl, on a thread of its own. What cannot be sent is logged, and the next hour tells again.
//
//     - {form: json, url_file: /etc/matriarch/notify-url}
//     - form: matrix
//       url: https://matrix.example/_matrix/client/v3/rooms/!room:example/send/m.room.message
//       token_file: /etc/matriarch/matrix-token
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "controller/base/program.hpp"
#include "controller/loop/notices.hpp"
#include "specs/node.hpp"

namespace matriarch::controller {

/// json: all fields. slack: {"text"}, also for Mattermost, Rocket.Chat, Discord's /slack. ntfy:
/// plain text. matrix: a message into a room.
enum class NoticeForm { json, slack, ntfy, matrix };

/// Where notices go. The address can be a secret itself.
struct NoticeTarget {
    NoticeForm form{NoticeForm::json};
    Secret url{};
    /// For "Authorization: Bearer"; empty: none.
    Secret token{};
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
