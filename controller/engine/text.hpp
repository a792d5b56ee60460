// Text: what goes into a request line, and what may leave an Engine's message.
//
// Pure functions. A message of the Engine or a registry never reaches a person unredacted.
#pragma once

#include <string>
#include <string_view>

namespace matriarch::controller {

/// Percent-escapes all but unreserved characters (RFC 3986, 2.3) and those in `keep`.
[[nodiscard]] std::string escape(std::string_view text, std::string_view keep = {});

/// Takes user, password and query out of every URL in the text: "https://[redacted]@host/path".
[[nodiscard]] std::string redact_urls(std::string_view text);

/// One line of at most `length_max` bytes, redacted, and fit to be shown (see
/// specs/values/shown.hpp).
[[nodiscard]] std::string one_line(std::string_view text, std::size_t length_max = 600);

}  // namespace matriarch::controller
