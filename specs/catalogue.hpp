// The release catalogue: what is known of every Mastodon release. Facts only; planning is
// elsewhere.
//
// The facts are specs/catalogue/releases.txt, compiled into the program; its head names the
// sources.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "specs/version.hpp"

namespace matriarch::specs {

/// One migration: the number that ends up in the table schema_migrations.
struct Migration {
    std::int64_t id{0};
    /// Known for post-deployment migrations only.
    std::string name{};
    friend bool operator==(const Migration&, const Migration&) = default;
};

/// Something that an upgrade to a release asks for beyond migrations and restarts.
struct UpgradeStep {
    /// "search-deploy", "streaming-image", ...
    std::string id{};
    /// "always", or when it is needed, in words.
    std::string condition{};
    std::string detail{};
};

struct Release {
    Version version{};
    /// YYYY-MM-DD, or empty where it is not known.
    std::string date{};
    /// What this release adds to the one before it.
    std::vector<Migration> regular{};
    std::vector<Migration> post{};
    /// False: no file tree was at hand, so its migrations are not known.
    bool has_known_migrations{true};
    /// Major version below which db:migrate refuses (before 3.4: below which its README does not
    /// go).
    int postgres_minimum{0};
    /// As its README asks: "7.0", "6.2"; empty where it says nothing.
    std::string redis_minimum{};
    /// Elasticsearch of its own compose file; empty: none.
    std::string search_tested{};
    /// Two-phase upgrades are documented from this release on; empty: not documented.
    std::optional<Version> rolling_from{};
    /// db:migrate refuses to skip post-deployment migrations while the schema is older than this.
    std::int64_t skip_post_gate{0};
    bool is_security{false};
    /// Environment that it newly needs, that stops it from booting, and that it no longer reads.
    std::vector<std::string> needs{};
    std::vector<std::string> forbids{};
    std::vector<std::string> drops{};
    bool changes_streaming{false};
    std::vector<UpgradeStep> steps{};
};

/// Migrations between two releases, sorted by number.
struct Pending {
    std::vector<Migration> regular{};
    std::vector<Migration> post{};
    /// False: the migrations of the last releases on the way are not known, so there may be more.
    bool is_complete{true};
};

namespace catalogue {

/// All releases, oldest first.
[[nodiscard]] std::vector<const Release*> releases();

/// The release with these numbers. Text after '+' is ignored (forks: v4.4.2+glitch is 4.4.2);
/// with text after '-' nothing is found. nullptr: not in the catalogue.
[[nodiscard]] const Release* find(const Version& version);

/// The release, or else the newest one of the catalogue before it: the best guess for new releases.
[[nodiscard]] const Release* find_or_before(const Version& version);

/// What going from one release to a later one adds. Empty where `to` is not later.
[[nodiscard]] Pending pending(const Version& from, const Version& to);

/// How many minor releases further on `to` is: 0 within one line, 1 from 3.5 to 4.0, negative where
/// it is older. Beyond the catalogue lines are taken to be numbered one by one; nothing: unknown.
[[nodiscard]] std::optional<int> minors_between(const Version& from, const Version& to);

/// The newest known release of each line between the lines of two releases, oldest first. Nothing
/// where one of those lines is not known.
[[nodiscard]] std::optional<std::vector<Version>> stations(const Version& from, const Version& to);

/// The newest release all of whose migrations, and all before them, are there, by their numbers as
/// the table schema_migrations has them; nullptr: not Mastodon's, or older than the catalogue.
[[nodiscard]] const Release* release_with(const std::function<bool(const std::string&)>& is_there);

/// 14 digits, as in schema_migrations; early releases had shorter numbers.
[[nodiscard]] std::string number_of(const Migration& migration);

/// The oldest major version of PostgreSQL that the release runs on.
[[nodiscard]] int postgres_minimum(const Version& version);

/// Sidekiq's queues in order of preference, `scheduler` last.
[[nodiscard]] std::vector<std::string> queues(const Version& version);

/// Last day with security fixes, YYYY-MM-DD; empty: none announced.
[[nodiscard]] std::string supported_until(const Version& version);

}  // namespace catalogue
}  // namespace matriarch::specs
