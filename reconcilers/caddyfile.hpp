// The edge's configuration, as text, and the commands that put it in force.
//
// Which containers get requests is no part of it: each request looks for a file of a container's
// name in the edge's volume. So a rollout moves the traffic without a reload, which would cut
// WebSockets and lose requests on connections that were idle a moment ago.
#pragma once

#include <string>
#include <vector>

#include "reconcilers/action.hpp"
#include "specs/instance.hpp"

namespace matriarch::reconcilers {

/// The edge runs this; `version` is Caddy's own, empty where it is not known yet.
[[nodiscard]] std::string caddyfile(const specs::Instance& instance, const std::string& version);

/// Starts Caddy with what was configured last, or with a page that says to come back.
[[nodiscard]] std::vector<std::string> edge_command();

/// Prints "caddy VERSION", "config DIGEST" and "route NAME" lines where Caddy answers.
[[nodiscard]] std::string edge_health_line();

/// Puts routes and configuration in force, inside the edge's container. Ends with 0 only if both
/// are; a configuration that Caddy refuses leaves the one before it serving.
[[nodiscard]] std::vector<std::string> configure_command(const ConfigureEdge& action);

}  // namespace matriarch::reconcilers
