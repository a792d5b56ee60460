// The pages for people: plain HTML that needs no script, nothing from elsewhere, in light and dark,
// for a telephone and a keyboard. One script of ours follows what happens.
//
// Everything shown is untrusted text (a container's last words, a commit's subject): it is escaped,
// and the policy allows that one script alone, by its digest: markup that slipped through would
// still do nothing.
#pragma once

#include <string>

#include "controller/http/pages.hpp"

namespace matriarch::controller {

/// All instances at a glance, and the last events.
[[nodiscard]] std::string overview_page(const Overview& overview);

/// One instance: conditions, containers, drift with desired beside actual, history by commit.
[[nodiscard]] std::string instance_page(const Overview& overview);

/// The Content-Security-Policy of both pages: their own style and script and nothing else.
[[nodiscard]] std::string page_policy();

}  // namespace matriarch::controller
