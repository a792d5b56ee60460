// Single values of an instance file: versions, images, sizes, times, schedules. Read and printed.
#include "specs/image.hpp"
#include "specs/schedule.hpp"
#include "specs/text_rules.hpp"
#include "specs/values/check.hpp"
#include "specs/values/units.hpp"
#include "specs/version.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

/// What was read prints as text that reads back to the same.
template <class Value>
void check_value(const Result<Value>& value, Result<Value> (*parse)(std::string_view)) {
    if (!value) return check_error(value.error());
    const std::string text = to_text(*value);
    check_shown(text);
    const Result<Value> again = parse(text);
    CHECK(again && *again == *value, "a value reads back from its own text");
}

}  // namespace

void try_input(std::string_view input) {
    if (specs::find_bad_text(input)) return;  // never gets past parse_yaml() or decode()
    check_value(parse_bytes(input), parse_bytes);
    check_value(parse_duration(input), parse_duration);
    check_value(parse_cpus(input), parse_cpus);
    check_value(specs::parse_image(input), specs::parse_image);
    check_value(specs::parse_version(input), specs::parse_version);
    if (const auto cron = specs::parse_cron(input)) {
        CHECK(cron->minutes.any() && cron->hours.any(), "a schedule comes round");
    } else {
        check_error(cron.error());
    }
    if (const auto window = specs::parse_window(input)) {
        CHECK(window->weekdays.any() && !window->zone.empty(), "a window opens somewhere");
        CHECK(window->opens < 24 * 60 && window->closes <= 24 * 60, "within a day");
    } else {
        check_error(window.error());
    }
    const std::string word = specs::nearest(input, {"memory", "replicas", "processes"});
    CHECK(word.empty() || word.size() > 5, "only a known word is proposed");
}

}  // namespace matriarch::fuzz
