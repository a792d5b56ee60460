// What the database says of itself: who it is, and which migrations it has had.
//
// Its health check prints both (see reconcilers/postgres.cpp), so an inspection usually tells. It
// is asked directly only while it boots, after a migration, and for a set that was never seen
// before.
#include <algorithm>
#include <charconv>
#include <sstream>

#include "controller/loop/observe.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/schema.hpp"

namespace matriarch::controller {

using reconcilers::Time;

namespace {

constexpr const char* list_applied =
    "SELECT version FROM public.schema_migrations ORDER BY version COLLATE \"C\"";

bool puts_schema(const std::string& role) {
    return reconcilers::changes_schema(role) || role == reconcilers::restore_database_role;
}

/// When the schema was last changed by a job of ours; health output from before is old news. While
/// one is at work nothing is decided by how far it has come.
Time last_change(const reconcilers::World& world) {
    Time newest{};
    for (const auto& [name, container] : world.containers) {
        if (puts_schema(container.spec.role)) newest = std::max(newest, container.finished_at);
    }
    return newest;
}

/// When code was last started: for who looks once only. A job that is gone ended before that.
Time last_start(const reconcilers::World& world) {
    Time newest{};
    for (const auto& [name, container] : world.containers) {
        if (reconcilers::is_app_role(container.spec.role)) {
            newest = std::max(newest, container.started_at);
        }
    }
    return newest;
}

/// Made for its turn, or at work.
bool has_schema_job(const reconcilers::World& world) {
    return std::any_of(world.containers.begin(), world.containers.end(), [](const auto& entry) {
        return puts_schema(entry.second.spec.role) && !entry.second.has_exited();
    });
}

/// The kind of a migration is the same in every image, and a list can be removed by hand.
constexpr const char* regular_fact = "regular migrations";

std::set<std::string> lines(const std::string& text) {
    std::set<std::string> found;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        if (!line.empty()) found.insert(line);
    }
    return found;
}

/// The whole set of an image, as a fresh deployment has it.
std::set<std::string> everything(const reconcilers::MigrationFiles& files) {
    std::set<std::string> all;
    for (const auto& [version, name] : files.regular) all.insert(version);
    for (const auto& [version, name] : files.post_deployment) all.insert(version);
    return all;
}

}  // namespace

/// What a job leaves behind where all goes well: an image's whole set, or what there was and its
/// regular migrations.
std::vector<std::set<std::string>> Observer::guesses(const World& world) const {
    std::vector<std::set<std::string>> all;
    for (const auto& [image, files] : world.migrations) {
        all.push_back(everything(files));
        for (const auto& [fingerprint, applied] : applied_by_fingerprint_) {
            all.push_back(applied);
            for (const auto& [version, name] : files.regular) all.back().insert(version);
        }
    }
    return all;
}

reconcilers::MigrationFiles parse_migrations(const std::string& listing) {
    reconcilers::MigrationFiles files;
    for (const std::string& line : lines(listing)) {
        const auto space = line.find(' ');
        const auto underscore = line.find('_', space == std::string::npos ? 0 : space);
        if (space == std::string::npos || underscore == std::string::npos) continue;
        if (!line.ends_with(".rb")) continue;
        const std::string version = line.substr(space + 1, underscore - space - 1);
        if (version.empty() || version.find_first_not_of("0123456789") != std::string::npos)
            continue;
        const std::string name = line.substr(underscore + 1, line.size() - underscore - 4);
        (line.starts_with("post_migrate ") ? files.post_deployment : files.regular)[version] = name;
    }
    return files;
}

std::optional<DatabaseAnswer> parse_database_answer(const std::string& output) {
    DatabaseAnswer answer;
    std::istringstream stream(output);
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with("system ")) answer.system = line.substr(7);
        if (line.starts_with("schema ")) answer.schema = line.substr(7);
        if (line.starts_with("setting ")) answer.altered.insert(line.substr(8));
        if (line.starts_with("size ")) {
            std::from_chars(line.data() + 5, line.data() + line.size(), answer.size.count);
        }
    }
    if (answer.system.empty() || answer.schema.empty()) return std::nullopt;
    return answer;
}

const std::set<std::string>& Observer::regular_migrations() {
    if (!regular_migrations_) {
        const auto text = facts_.load ? facts_.load(regular_fact) : std::nullopt;
        regular_migrations_ = lines(text.value_or(""));
    }
    return *regular_migrations_;
}

void Observer::remember_regular(const reconcilers::MigrationFiles& files) {
    (void)regular_migrations();
    const std::size_t before = regular_migrations_->size();
    for (const auto& [version, name] : files.regular) regular_migrations_->insert(version);
    if (regular_migrations_->size() == before || !facts_.save) return;
    std::string text;
    for (const std::string& version : *regular_migrations_) text += version + "\n";
    facts_.save(regular_fact, text);
}

Result<void> Observer::schema(const Wanted& wanted, World& world, const Call& call) {
    const reconcilers::Names names(wanted.instance);
    const ObservedContainer* postgres = world.container(names.postgres);
    if (postgres == nullptr || !postgres->is_ready() || !postgres->spec.health) return {};
    // A job that changes the schema may be gone before it was ever seen to have ended, and one that
    // a controller before this one saw is not remembered here.
    SchemaNews& news = schema_news_[wanted.instance.name];
    const bool has_job = has_schema_job(world);
    const bool is_news = !news.had_job || (*news.had_job && !has_job);
    if (is_news && !believes_) news.changed_at = world.now;
    news.had_job = has_job;
    const Time valid_from = std::max({last_change(world), believes_ ? last_start(world) : Time{},
                                      news.changed_at, postgres->started_at});
    const auto makes_sense = [](const std::string& text) {
        return parse_database_answer(text).has_value();
    };
    const auto output = TRY(news_.since(valid_from, *postgres, makes_sense, call));
    if (!output) return {};
    const auto answer = parse_database_answer(*output);
    world.schema.system_identifier = answer->system;
    world.schema.size = answer->size;
    world.schema.altered = answer->altered;
    world.schema.is_known = true;
    if (answer->schema == "none") return {};
    return applied(*postgres, answer->schema, world, call);
}

Result<void> Observer::applied(const ObservedContainer& postgres, const std::string& fingerprint,
                               World& world, const Call& call) {
    auto known = applied_by_fingerprint_.find(fingerprint);
    if (known == applied_by_fingerprint_.end()) {
        for (const std::set<std::string>& guess : guesses(world)) {
            if (reconcilers::fingerprint(guess) != fingerprint) continue;
            known = applied_by_fingerprint_.emplace(fingerprint, guess).first;
            break;
        }
    }
    if (known == applied_by_fingerprint_.end() && facts_.load) {
        if (const auto text = facts_.load("schema " + fingerprint)) {
            const auto set = lines(*text);
            if (reconcilers::fingerprint(set) == fingerprint) {
                known = applied_by_fingerprint_.emplace(fingerprint, set).first;
            }
        }
    }
    if (known == applied_by_fingerprint_.end()) {
        const Output output =
            TRY(engine_.execute(postgres.id,
                                {"psql", "-XAtq", "-U", reconcilers::database_user, "-d",
                                 reconcilers::database_name, "-c", list_applied},
                                call));
        if (output.exit_code != 0) {
            world.schema.is_known = false;
            return {};
        }
        const auto set = lines(output.out);
        // Asked at another moment than the digest: believe the set, and remember it by its own.
        known = applied_by_fingerprint_.emplace(reconcilers::fingerprint(set), set).first;
        if (facts_.save) facts_.save("schema " + known->first, output.out);
    }
    world.schema.applied = known->second;
    return {};
}

}  // namespace matriarch::controller
