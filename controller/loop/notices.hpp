// Notices: which trouble a person is told of, and when: once it has lasted a while, then hourly,
// then that it is over. Values only; notifier.hpp sends them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/loop/report.hpp"
#include "reconcilers/status.hpp"

namespace matriarch::controller {

/// Something that is wrong now. The same key is the same trouble.
struct Trouble {
    /// Empty: about the controller or the fleet repository.
    std::string instance{};
    /// "Ready", "Stalled", "Drifted", "Source"
    std::string type{};
    std::string message{};
    /// So long it may go on before anybody hears of it.
    std::chrono::milliseconds grace{};
};

/// `digest`: no trouble, but how all instances are; to whoever asked for it at that time of the
/// day.
enum class NoticeKind { trouble, still, cleared, digest };

struct Notice {
    NoticeKind kind{NoticeKind::trouble};
    Trouble trouble{};
    WallTime since{};
    WallTime at{};
    /// Of a digest: its schedule (see digest.hpp).
    std::string schedule{};
};

[[nodiscard]] const char* to_text(NoticeKind kind);

/// One line for a person.
[[nodiscard]] std::string in_words(const Notice& notice);

/// What is wrong with an instance, as its conditions say it.
[[nodiscard]] std::vector<Trouble> troubles_of(const reconcilers::InstanceStatus& status);

/// What is wrong with the fleet repository.
[[nodiscard]] std::vector<Trouble> troubles_of(const SourceReport& source);

class Notices {
 public:
    /// All that is wrong with one instance now (or with the source: empty name). Returns what is
    /// due to be told.
    [[nodiscard]] std::vector<Notice> look(const std::string& instance,
                                           const std::vector<Trouble>& troubles, WallTime now);

 private:
    struct Known {
        Trouble trouble{};
        WallTime since{};
        /// When it was told last; nothing yet: the beginning of time.
        WallTime told{};
    };
    /// By instance and type.
    std::map<std::pair<std::string, std::string>, Known> known_{};
};

}  // namespace matriarch::controller
