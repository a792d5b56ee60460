// The fields that take one of a few words, and what each word means.
#pragma once

#include <array>

#include "specs/field_rules.hpp"
#include "specs/instance.hpp"

namespace matriarch::specs {

inline constexpr std::array<Word<Strategy>, 3> strategy_words{{
    {"auto", Strategy::automatic, "rolling where it is safe and memory allows, otherwise stop"},
    {"rolling", Strategy::rolling, "two versions side by side, or not at all"},
    {"stop", Strategy::stop, "the old version stops first"},
}};
inline constexpr std::array<Word<BackupDemand>, 3> backup_words{{
    {"required", BackupDemand::required, "a new backup is made and checked first"},
    {"recent", BackupDemand::recent, "one within backups.database.freshness is enough"},
    {"none", BackupDemand::none, "no backup is asked for"},
}};
inline constexpr std::array<Word<Tls>, 3> tls_words{{
    {"automatic", Tls::automatic, "public certificates for public names"},
    {"internal", Tls::internal, "an authority of our own"},
    {"off", Tls::off, "HTTP only, behind another proxy"},
}};
inline constexpr std::array<Word<DriftPolicy>, 2> drift_words{{
    {"heal", DriftPolicy::heal, "what was changed by hand is put back"},
    {"report", DriftPolicy::report, "it is reported only"},
}};

}  // namespace matriarch::specs
