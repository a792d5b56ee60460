// Policy: what this host allows a fleet repository to name. From /etc/matriarch/policy.yaml, never
// from git: whoever can push may choose, and only among what is allowed here.
//
//     registries: [registry.example.org/mastodon]
//     backup_repositories: ["sftp:backup@example.org:/srv"]
//     secret_files: [/etc/matriarch]
//     prune: true                       # and update_check: true
//     signers: /etc/matriarch/allowed_signers

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "specs/instance.hpp"
#include "specs/node.hpp"
#include "specs/values/result.hpp"

namespace matriarch::specs {

/// Lists are beginnings of names, each ending at a '/' of the name or with it.
struct Policy {
    /// Beside these, the official images and registries on loopback are always allowed.
    std::vector<std::string> registries{};
    /// Where `backups.repository` may move to after the first deployment.
    std::vector<std::string> backup_repositories{};
    /// Folders from which `secrets: file:/...` may be read.
    std::vector<std::string> secret_files{"/etc/matriarch"};
    /// Whether the containers of an instance go once its file has left the repository.
    bool prune{false};
    /// Who may sign commits: OpenSSH's allowed_signers, or a keyring of OpenPGP (*.gpg). Without
    /// either a commit needs no signature.
    std::vector<std::string> signers{};
    /// Where Mastodon's own list of updates is read, which tells it the version; empty: nowhere.
    std::string update_check{};
};

/// Reads a policy file's tree. Errors: invalid (unknown key, not a list of texts, not true or
/// false).
[[nodiscard]] Result<Policy> parse_policy(const Node& tree);

/// Whether an image may be run on this host.
[[nodiscard]] bool allows_image(const Policy& policy, const ImageRef& image);

/// Whether `file:/...` may be read.
[[nodiscard]] bool allows_secret_file(const Policy& policy, std::string_view path);

/// Whether an instance that has a backup repository may change to this one.
[[nodiscard]] bool allows_backup_repository(const Policy& policy, std::string_view repository);

}  // namespace matriarch::specs
