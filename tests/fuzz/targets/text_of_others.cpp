// What makes a stranger's text fit to be shown, sent or kept: escaping, redaction, cutting.
#include <boost/json.hpp>

#include "controller/base/encoding.hpp"
#include "controller/base/log_line.hpp"
#include "controller/base/text.hpp"
#include "controller/engine/text.hpp"
#include "specs/text_rules.hpp"
#include "specs/values/check.hpp"
#include "specs/values/shown.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

void try_engine_text(std::string_view input) {
    const std::string line = controller::one_line(input, 80);
    check_shown(line);
    const std::string redacted = controller::redact_urls(input);
    CHECK(controller::redact_urls(redacted) == redacted, "what is redacted stays as it is");
    const std::string escaped = controller::escape(input);
    CHECK(escaped.find_first_of(" /?&#\r\n\"") == std::string::npos, "nothing special is left");
}

void try_json(std::string_view input) {
    boost::system::error_code error;
    const auto value = boost::json::parse(controller::json_string(input), error);
    CHECK(!error && value.is_string(), "a JSON string can be read");
    if (specs::find_bad_text(input)) return;
    CHECK(std::string_view(value.get_string()) == input, "and holds what was written");
}

void try_log(std::string_view input) {
    namespace log = controller::log;
    const std::string text(input);
    const log::Line line{.message = input, .fields = {{text, text}}};
    check_shown(log::to_text(line, false));
    boost::system::error_code error;
    const auto value = boost::json::parse(log::to_json(line), error);
    CHECK(!error && value.is_object(), "a log line is a JSON object");
}

}  // namespace

void try_input(std::string_view input) {
    check_shown(controller::printable(input));
    check_shown(shown(input, shown_bytes));
    const std::string html = controller::html_text(input);
    CHECK(html.find_first_of("<>\"'") == std::string::npos, "HTML has no markup of others");
    const std::string cut = controller::shortened(input, 40);
    CHECK(cut.size() <= 40, "no longer than asked for");
    CHECK(specs::find_bad_text(input) || !specs::find_bad_text(cut), "never half a character");
    CHECK(controller::from_base64(controller::to_base64(input)) == input, "base64 reads back");
    CHECK(controller::from_base64(controller::to_base64_url(input)) == input, "both alphabets");
    static_cast<void>(controller::from_base64(input));
    try_engine_text(input);
    try_json(input);
    try_log(input);
}

}  // namespace matriarch::fuzz
