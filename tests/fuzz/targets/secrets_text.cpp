// The text of a secrets file, and what takes its values out of everything that is shown. The second
// part is a text that may hold them.
#include "controller/secrets/env_file.hpp"
#include "controller/secrets/redactor.hpp"
#include "specs/values/check.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

constexpr std::string_view mark = "[redacted]";
constexpr std::size_t value_length_min = 6;  // as the Redactor's

bool is_same(const controller::Secrets& left, const controller::Secrets& right) {
    if (left.size() != right.size()) return false;
    for (const auto& [name, value] : left) {
        const auto other = right.find(name);
        if (other == right.end() || other->second.reveal() != value.reveal()) return false;
    }
    return true;
}

}  // namespace

void try_input(std::string_view input) {
    const auto parts = parts_of(input);
    const auto secrets = controller::load_env_text(parts.front(), "a.env");
    if (!secrets) return check_error(secrets.error());
    const Secret printed = controller::print_env_text(*secrets);
    const auto again = controller::load_env_text(printed.reveal(), "printed");
    CHECK(again && is_same(*again, *secrets), "secrets read back the same");

    controller::Redactor redactor;
    redactor.add(*secrets);
    std::string text(parts.back());
    for (const auto& [name, value] : *secrets) text += " x" + value.reveal() + "y";
    // Between our own words nothing of them is left; across one, chance may spell anything.
    std::string redacted = redactor.redact(text);
    for (std::size_t at = 0; (at = redacted.find(mark, at)) != std::string::npos;) {
        redacted.replace(at, mark.size(), 1, '\0');  // which no value holds
    }
    for (const auto& [name, value] : *secrets) {
        const bool is_hidden = value.reveal().size() >= value_length_min;
        CHECK(!is_hidden || redacted.find(value.reveal()) == std::string::npos,
              "no secret is left");
    }
}

}  // namespace matriarch::fuzz
