// Aftercare: what a release asks for once it serves. So far that is one thing: its search indexes
// (`tootctl search deploy`), where the instance has Elasticsearch.
//
// The job is kept as long as its release is the newest that asked: it is the memory that this was
// done. Whoever removes it has it done again, which costs time only.
#include "reconcilers/converge.hpp"
#include "reconcilers/mastodon.hpp"
#include "specs/catalogue.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

/// The newest release up to the wanted one that asks for its search indexes to be deployed.
std::string asked_by(const specs::Version& wanted) {
    std::string newest = "first";  // empty indexes have to be made in any case
    for (const specs::Release* release : specs::catalogue::releases()) {
        if (release->version > wanted) break;
        for (const specs::UpgradeStep& step : release->steps) {
            if (step.id == "search-deploy") newest = to_text(release->version);
        }
    }
    return newest;
}

}  // namespace

void plan_aftercare(const Wanted& wanted, const World& world, const Upgrade& upgrade,
                    Steps& steps) {
    const auto search = wanted_search(wanted);
    if (search.empty() || upgrade.phase != Phase::settled) return;
    const ObservedContainer* server = world.container(search.front().name);
    const ImageFacts* image = world.image(specs::resolved_images(wanted.instance).mastodon);
    if (image == nullptr || server == nullptr || !server->is_ready()) return;
    ContainerSpec job = rails_job(wanted, "search-deploy", {}, asked_by(wanted.instance.mastodon));
    job.name = Names(wanted.instance).of("search-deploy");
    job.command = {"tootctl", "search", "deploy"};
    job = finished(job);
    if (job_state(job, world) == JobState::failed) {
        steps.block({.code = "search-deploy-failed",
                     .message = "the search indexes could not be deployed: " +
                                world.container(job.name)->log_tail,
                     .hint = "See docker logs " + job.name +
                             "; everything else serves. Remove that container to try again.",
                     .kind = ErrorKind::failed});
        return;
    }
    run_job(job, world, steps, "the search indexes of this release");
}

}  // namespace matriarch::reconcilers
