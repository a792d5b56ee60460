// Generated secrets: made once, kept in STATE/instances/NAME/secrets.env (0600), never made again.
//
// Loading never generates. Whether generating is allowed is the caller's: where data exists
// already, new secrets would make it unreadable (ActiveRecord encryption) or unreachable (database,
// backups).
#pragma once

#include <string>
#include <vector>

#include "controller/base/state.hpp"
#include "controller/secrets/env_file.hpp"

namespace matriarch::controller {

/// What an instance needs and we know how to make.
struct WantedSecrets {
    /// From 4.3.0; booting aborts without them (facts/mastodon-container-contract.md 2.1).
    bool has_record_encryption{true};
    /// The name in backups.password; empty: none.
    std::string backup_password{};
};

/// SECRET_KEY_BASE, OTP_SECRET, ACTIVE_RECORD_ENCRYPTION_*, VAPID_*, DB_PASS, and the backup
/// password.
[[nodiscard]] std::vector<std::string> names_of(const WantedSecrets& wanted);

/// What was generated for this instance; empty where nothing was.
/// Errors: refused (others may read it), invalid (damaged), unavailable.
[[nodiscard]] Result<Secrets> load_generated(const InstanceFolder& folder);

/// Names that neither was given nor generated. The caller refuses to go on with data and without
/// them.
[[nodiscard]] std::vector<std::string> missing_names(const WantedSecrets& wanted,
                                                     const Secrets& known);

/// Makes what is missing in both `given` and the file, writes it durably, and returns everything
/// known: generated under given. Writes nothing where nothing is missing.
///
/// Errors: those of load_generated; invalid (a public VAPID key without its private one).
[[nodiscard]] Result<Secrets> generate_missing(const InstanceFolder& folder,
                                               const WantedSecrets& wanted, const Secrets& given);

/// Writes down the secrets of a backup, durably. What the instance was given goes before them, and
/// stays where it is; it must not be another key than the rows of the backup were written with.
/// Errors: those of load_generated; refused (another key).
[[nodiscard]] Result<void> adopt_secrets(const InstanceFolder& folder, const Secrets& taken,
                                         const Secrets& given);

/// Writes back what we would have generated from the environment of a container that still runs,
/// for a host that has lost its state. Never replaces what the file has. Returns the names
/// recovered.
[[nodiscard]] Result<std::vector<std::string>> recover_generated(const InstanceFolder& folder,
                                                                 const WantedSecrets& wanted,
                                                                 const Secrets& environment);

}  // namespace matriarch::controller
