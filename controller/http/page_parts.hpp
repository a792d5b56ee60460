// Parts of a page: values as HTML. Every text passes through html_text in here; what these return
// is markup already.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "controller/base/clock.hpp"
#include "specs/values/units.hpp"

namespace matriarch::controller {

/// The whole style sheet.
[[nodiscard]] const char* page_style();

/// The whole script: brings the page up to date when something happened. Without it the page asks
/// again every ten seconds.
[[nodiscard]] const char* page_script();

/// Markup, as against text that still has to be escaped.
struct Html {
    std::string markup{};
};

[[nodiscard]] Html plain(const std::string& text);
[[nodiscard]] Html dim(const std::string& text);
[[nodiscard]] Html code(const std::string& text);

enum class Mood { good, bad, wait };

/// A word in a coloured pill: it says without its colour what it means.
[[nodiscard]] Html pill(Mood mood, const std::string& word);

/// "4 min ago", with the exact time behind it; "-" for the beginning of time.
[[nodiscard]] Html ago(WallTime time, WallTime now);

/// "v4.7.5 at 9f2c1ab"; "nothing yet" where there is none.
[[nodiscard]] Html version_at(const std::string& version, const std::string& revision);

/// "1.5 GiB", for a look.
[[nodiscard]] std::string roughly(Bytes bytes);

/// Scrolls by itself where it is wider than the screen, with the keyboard too; on a telephone each
/// row is a card.
[[nodiscard]] Html table(const std::string& caption, const std::vector<std::string>& heads,
                         const std::vector<std::vector<Html>>& rows);

/// Names with their values; those without a value are left out.
[[nodiscard]] Html facts(const std::string& css_class,
                         const std::vector<std::pair<std::string, Html>>& facts);

}  // namespace matriarch::controller
