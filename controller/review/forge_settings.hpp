// Which forge is told: from the host (/etc/matriarch/forge.yaml), never from git.
//
//     kind: gitea                          # github, gitea (also Forgejo) or gitlab
//     url: https://git.example.org         # of GitHub: https://api.github.com
//     repository: people/fleet
//     token_file: /etc/matriarch/forge-token
#pragma once

#include <string>

#include "specs/node.hpp"
#include "specs/values/secret.hpp"

namespace matriarch::controller {

enum class ForgeKind { github, gitea, gitlab };

struct ForgeSettings {
    ForgeKind kind{ForgeKind::github};
    /// Without a slash at its end.
    std::string url{"https://api.github.com"};
    /// owner/name; of GitLab also group/subgroup/name.
    std::string repository{};
    /// May read pull requests, write comments and commit statuses; to propose releases, also open
    /// and close pull requests. Nothing else.
    Secret token{};
};

/// Reads the file's tree; the token from the file that it names. Errors: invalid, refused.
[[nodiscard]] Result<ForgeSettings> parse_forge(const specs::Node& tree);

}  // namespace matriarch::controller
