// Text from outside, made safe to show: on a terminal, in a JSON string, in HTML.
//
// Everything that the Engine, git, a container or a client says is untrusted: it may hold newlines
// that forge log lines, escape sequences that drive a terminal, or bytes that are not UTF-8.
// Nothing of it is shown without passing through here.
#pragma once

#include <string>
#include <string_view>

#include "specs/values/shown.hpp"

namespace matriarch::controller {

/// One line for a terminal or a log: control characters (C0, DEL, C1), line separators and the
/// marks that turn the writing direction become \n, \t, \u001b...; a byte that is not UTF-8 becomes
/// \xNN.
[[nodiscard]] std::string printable(std::string_view text);

/// Text of others as plain words of Markdown, also in a table's cell: no markup, no one is called.
[[nodiscard]] std::string in_markdown(std::string_view text);

/// The text as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

/// For HTML, as text or inside a quoted attribute. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string html_text(std::string_view text);

using matriarch::shortened;

}  // namespace matriarch::controller
