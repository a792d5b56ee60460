// How each secret is made, and the file they are kept in.
// A value that is there is never replaced.
#include "controller/secrets/generated.hpp"

#include <system_error>

#include "controller/base/files.hpp"
#include "controller/base/random.hpp"
#include "controller/secrets/vapid.hpp"

namespace matriarch::controller {
namespace {

constexpr const char* vapid_private = "VAPID_PRIVATE_KEY";
constexpr const char* vapid_public = "VAPID_PUBLIC_KEY";

Result<void> save(const InstanceFolder& folder, const Secrets& secrets) {
    TRY(make_folder(folder.root));
    return write_file(folder.secrets(), print_env_text(secrets).reveal());
}

/// Everything but the VAPID pair. Lengths as Mastodon's own tasks make them: 64 bytes as
/// hexadecimal (lib/tasks/mastodon.rake), 32 alphanumerics (rails db:encryption:init).
Secret fresh_secret(const std::string& name) {
    if (name == "SECRET_KEY_BASE" || name == "OTP_SECRET") return random_hex(128);
    return random_alphanumeric(32);
}

/// A name counts as known only with a value: Mastodon treats a blank one as missing.
bool is_known(const Secrets& secrets, const std::string& name) {
    const auto found = secrets.find(name);
    return found != secrets.end() && !found->second.is_empty();
}

/// The half that is missing, from the half that is there; or both.
Result<Secrets> vapid_pair(const Secrets& known) {
    if (is_known(known, vapid_private) && is_known(known, vapid_public)) return Secrets{};
    if (is_known(known, vapid_private)) {
        return Secrets{{vapid_public, Secret(TRY(vapid_public_key(known.at(vapid_private))))}};
    }
    if (is_known(known, vapid_public)) {
        return fail(ErrorKind::invalid, "cannot use VAPID_PUBLIC_KEY: VAPID_PRIVATE_KEY is missing",
                    "Give both VAPID keys, or neither.");
    }
    VapidKeys keys = generate_vapid_keys();
    return Secrets{{vapid_private, std::move(keys.private_key)},
                   {vapid_public, Secret(std::move(keys.public_key))}};
}

}  // namespace

std::vector<std::string> names_of(const WantedSecrets& wanted) {
    std::vector<std::string> names{"SECRET_KEY_BASE", "OTP_SECRET", "DB_PASS", vapid_private,
                                   vapid_public};
    if (wanted.has_record_encryption) {
        names.insert(names.end(), {"ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY",
                                   "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY",
                                   "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT"});
    }
    if (!wanted.backup_password.empty()) names.push_back(wanted.backup_password);
    return names;
}

Result<Secrets> load_generated(const InstanceFolder& folder) {
    std::error_code unused;
    if (!std::filesystem::exists(folder.secrets(), unused)) return Secrets{};
    return load_env_file(folder.secrets());
}

std::vector<std::string> missing_names(const WantedSecrets& wanted, const Secrets& known) {
    std::vector<std::string> missing;
    for (const std::string& name : names_of(wanted)) {
        if (!is_known(known, name)) missing.push_back(name);
    }
    return missing;
}

Result<Secrets> generate_missing(const InstanceFolder& folder, const WantedSecrets& wanted,
                                 const Secrets& given) {
    const Secrets before = TRY(load_generated(folder));
    Secrets known = merged(before, given);
    // A public key of ours does not belong to a private one that was given.
    if (is_known(given, vapid_private) && !is_known(given, vapid_public)) known.erase(vapid_public);
    Secrets added = TRY(vapid_pair(known));
    for (const std::string& name : missing_names(wanted, known)) {
        if (name != vapid_private && name != vapid_public) added[name] = fresh_secret(name);
    }
    if (!added.empty()) TRY(save(folder, merged(before, added)));
    return merged(std::move(known), added);
}

Result<void> adopt_secrets(const InstanceFolder& folder, const Secrets& taken,
                           const Secrets& given) {
    Secrets kept = TRY(load_generated(folder));
    for (const auto& [name, value] : taken) {
        if (!is_known(given, name)) {
            kept.insert_or_assign(name, value);
            continue;
        }
        const bool is_key = name == "SECRET_KEY_BASE" || name == "OTP_SECRET" ||
                            name.starts_with("ACTIVE_RECORD_ENCRYPTION_");
        if (!is_key || given.at(name).is_same_as(value)) continue;
        return fail(ErrorKind::refused,
                    "cannot restore " + folder.name + ": " + name +
                        " is given as another one than the rows of the backup need",
                    "Take " + name + " out of the secrets file; the backup has the right one.");
    }
    return save(folder, kept);
}

Result<std::vector<std::string>> recover_generated(const InstanceFolder& folder,
                                                   const WantedSecrets& wanted,
                                                   const Secrets& environment) {
    Secrets kept = TRY(load_generated(folder));
    std::vector<std::string> recovered;
    for (const std::string& name : missing_names(wanted, kept)) {
        if (!is_known(environment, name)) continue;
        kept.insert_or_assign(name, environment.at(name));
        recovered.push_back(name);
    }
    if (!recovered.empty()) TRY(save(folder, kept));
    return recovered;
}

}  // namespace matriarch::controller
