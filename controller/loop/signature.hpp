// Signature: whether somebody whom this host knows has signed a commit. The commit's own words on
// who made it count for nothing.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/git/reader.hpp"

namespace matriarch::controller {

/// Asks OpenSSH (ssh-keygen -Y) or OpenPGP (gpgv) of each file of signers. `folder` is for files
/// that are gone afterwards. Returns who signed it.
///
/// Errors: refused (no signature, of nobody known, expired, over other bytes), unavailable (the
/// program or a file is missing).
[[nodiscard]] Result<std::string> signer_of(const git::Revision& revision,
                                            const std::vector<std::string>& signers,
                                            const std::filesystem::path& folder,
                                            std::stop_token stop);

}  // namespace matriarch::controller
