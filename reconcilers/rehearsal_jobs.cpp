// A server made of the fetched set, an empty Redis, the new release's code, and the question what
// the server saw. Nothing of the instance's own is mounted but the place that the set was fetched
// to.
#include "reconcilers/rehearsal_jobs.hpp"

#include "reconcilers/mastodon.hpp"
#include "reconcilers/rehearsal.hpp"
#include "reconcilers/rehearsal_scripts.hpp"
#include "reconcilers/scratch.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

constexpr const char* database_alias = "rehearsal-database";
constexpr const char* redis_alias = "rehearsal-redis";

/// On the network that leads nowhere and on no other, and behind whoever serves.
void confine(const Wanted& wanted, ContainerSpec& spec, std::vector<std::string> aliases) {
    spec.networks = {{rehearsal_network(wanted.instance), std::move(aliases)}};
    spec.asks_nobody = true;
    give_way(spec);
}

}  // namespace

ContainerSpec rehearsal_database(const RehearsalAttempt& attempt) {
    ContainerSpec job =
        restored_server(attempt.wanted, rehearsal_database_role, rehearsal_database_role,
                        attempt.subject, rehearsal_database_role);
    job.command->back() += watched_server_script();
    confine(attempt.wanted, job, {database_alias});
    return finished(job);
}

ContainerSpec rehearsal_redis(const RehearsalAttempt& attempt) {
    ContainerSpec job =
        job_container(attempt.wanted, Names(attempt.wanted.instance).of(rehearsal_redis_role),
                      rehearsal_redis_role, specs::resolved_images(attempt.wanted.instance).redis,
                      attempt.subject);
    const ContainerSpec real = wanted_redis(attempt.wanted);
    job.command = {"redis-server", "--save", "", "--appendonly", "no", "--dir", "/tmp"};
    job.user = real.user;
    job.limits = real.limits;
    job.health = real.health;
    job.health->interval = std::chrono::seconds(2);
    confine(attempt.wanted, job, {redis_alias});
    return finished(job);
}

ContainerSpec rehearsal_migration(const RehearsalAttempt& attempt) {
    ContainerSpec job =
        mastodon_job(attempt.wanted, Names(attempt.wanted.instance).of(rehearsal_role),
                     rehearsal_role, {}, attempt.subject);
    job.entrypoint = {"sh", "-c"};
    job.command = {rehearsal_script()};
    job.mounts.clear();
    job.environment.erase_if([](const auto& one) {
        return one.first == "DATABASE_URL" || one.first.ends_with("REDIS_URL");
    });
    job.environment["DB_HOST"] = shown(database_alias);
    job.environment["REDIS_HOST"] = shown(redis_alias);
    job.environment["ES_ENABLED"] = shown("false");
    confine(attempt.wanted, job, {});
    return finished(job);
}

ContainerSpec rehearsal_report(const RehearsalAttempt& attempt) {
    ContainerSpec job =
        job_container(attempt.wanted, Names(attempt.wanted.instance).of(rehearsal_report_role),
                      rehearsal_report_role,
                      specs::resolved_images(attempt.wanted.instance).postgres, attempt.subject);
    job.entrypoint = {"sh", "-c"};
    job.command = {rehearsal_report_script()};
    job.user = "postgres";
    job.environment["PGHOST"] = shown(database_alias);
    job.environment["PGUSER"] = shown(database_user);
    job.environment["PGDATABASE"] = shown(database_name);
    confine(attempt.wanted, job, {});
    return finished(job);
}

}  // namespace matriarch::reconcilers
