// Schema: the migrations in an image against those the database has had. Sets, never maxima: a
// post-deployment migration can be older than the newest regular one (Mastodon 4.3.0).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reconcilers/wanted.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::reconcilers {

struct SchemaGap {
    /// Version and name of what the image has and the database has not, oldest first.
    std::vector<std::string> regular{};
    std::vector<std::string> post_deployment{};
    /// What the database has from a newer release than the image.
    std::vector<std::string> ahead{};
    /// Whether the image can run on a schema that is that far ahead: only if all of it is regular
    /// (pre-deployment) migrations, which Mastodon makes so that the release before still runs.
    bool runs_ahead{true};

    [[nodiscard]] std::size_t pending() const { return regular.size() + post_deployment.size(); }
};

[[nodiscard]] SchemaGap schema_gap(const MigrationFiles& image, const World& world);

/// A pending post-deployment migration comes before a pending regular one: in two phases they would
/// run in another order than they were written in.
[[nodiscard]] bool is_interleaved(const SchemaGap& gap);

/// The migrations of the image that the instance wants; nothing while they are not known.
[[nodiscard]] const MigrationFiles* wanted_migrations(const Wanted& wanted, const World& world);

/// Digest of an applied set, as PostgreSQL's health check prints it.
[[nodiscard]] std::string fingerprint(const std::set<std::string>& applied);

/// Whether a container that has stopped may be started as it is: Mastodon's code only on a schema
/// that it fits, and never beside a job that changes the schema.
[[nodiscard]] bool may_serve_again(const ObservedContainer& container, const World& world);

/// Whether a job of that role changes the schema.
[[nodiscard]] bool changes_schema(const std::string& role);

/// The job that is changing the schema at this moment, whichever image it is of.
[[nodiscard]] const ObservedContainer* schema_job(const World& world);

/// Whether the first setup came to its end: it is written down, or there is what shows it. A schema
/// alone does not: whoever made it may have been killed before it filled the tables.
[[nodiscard]] bool is_set_up(const World& world);

}  // namespace matriarch::reconcilers
