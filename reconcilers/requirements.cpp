// Bounds are held against the containers that would be made, not against what the file says: so no
// field is forgotten.
#include "reconcilers/requirements.hpp"

#include <algorithm>
#include <map>

#include "reconcilers/wanted.hpp"
#include "specs/defaults.hpp"
#include "specs/field_words.hpp"
#include "specs/schedule_gaps.hpp"

namespace matriarch::reconcilers {
namespace {

constexpr const char* whose_word = "Only who runs the host may change /etc/matriarch/policy.yaml.";

std::string word_of(specs::BackupDemand demand) {
    std::string text;
    for (const auto& word : specs::backup_words) {
        if (word.value == demand) text = word.text;
    }
    return text;
}

class Requirements {
 public:
    Requirements(const specs::Policy& policy, const specs::Instance& instance)
        : policy_(policy),
          instance_(instance),
          containers_(wanted_containers({.instance = instance})) {}

    [[nodiscard]] std::vector<Blocked> unmet() {
        check_version();
        check_memory();
        check_cpus();
        check_replicas();
        check_backups();
        check_upgrade();
        check_schedules();
        return std::move(unmet_);
    }

 private:
    void miss(const char* code, std::string message) {
        unmet_.push_back({.code = code, .message = std::move(message), .hint = whose_word});
    }

    void check_version() {
        const specs::Version& lowest = policy_.lowest_version;
        if (lowest == specs::Version{}) return;
        specs::Version wanted = instance_.mastodon;
        // A fork's build of a release, not one before it.
        if (wanted.suffix.starts_with('+')) wanted.suffix.clear();
        if (wanted < lowest) {
            miss("below-lowest-version", "mastodon is " + to_text(instance_.mastodon) +
                                             "; this host runs nothing older than " +
                                             to_text(lowest));
        }
        // What a tag or a digest of its own brings may be any release.
        specs::Instance unpinned = instance_;
        for (specs::ImageRef specs::Images::*image :
             {&specs::Images::mastodon, &specs::Images::streaming}) {
            (unpinned.images.*image).tag.clear();
            (unpinned.images.*image).digest.clear();
        }
        const specs::Images now = specs::resolved_images(instance_);
        const specs::Images by_version = specs::resolved_images(unpinned);
        if (now.mastodon.tag == by_version.mastodon.tag && now.mastodon.digest.empty() &&
            now.streaming.tag == by_version.streaming.tag && now.streaming.digest.empty()) {
            return;
        }
        miss("below-lowest-version",
             "images.mastodon or images.streaming has a tag or digest of its own, so nobody can "
             "tell that it is " +
                 to_text(lowest) + " or newer");
    }

    void check_memory() {
        Bytes sum{};
        for (const ContainerSpec& spec : containers_) {
            sum.count += spec.limits.memory.count;
            if (spec.limits.memory >= policy_.floors.memory) continue;
            miss("below-floor", spec.name + " has " + to_text(spec.limits.memory) +
                                    " of memory; the least on this host is " +
                                    to_text(policy_.floors.memory));
        }
        if (policy_.ceilings.memory.count == 0 || sum <= policy_.ceilings.memory) return;
        miss("above-ceiling", "its containers may take " + to_text(sum) +
                                  " of memory together; this host gives an instance " +
                                  to_text(policy_.ceilings.memory));
    }

    void check_cpus() {
        const Cpus ceiling = policy_.ceilings.cpus;
        if (ceiling.nano == 0) return;
        Cpus sum{};
        for (const ContainerSpec& spec : containers_) {
            sum.nano += spec.limits.cpus.nano;
            if (spec.limits.cpus.nano > 0) continue;
            miss("above-ceiling", spec.name +
                                      " has no limit of cpus; this host gives an instance " +
                                      to_text(ceiling));
        }
        if (sum <= ceiling) return;
        miss("above-ceiling", "its containers may take " + to_text(sum) +
                                  " cpus together; this host gives an instance " +
                                  to_text(ceiling));
    }

    void check_replicas() {
        const int ceiling = policy_.ceilings.replicas;
        if (ceiling == 0) return;
        const auto check = [&](const std::string& field, int replicas) {
            if (replicas <= ceiling) return;
            miss("above-ceiling", field + " is " + std::to_string(replicas) +
                                      "; the most on this host is " + std::to_string(ceiling));
        };
        check("web.replicas", instance_.web.replicas);
        check("streaming.replicas", instance_.streaming.replicas);
        for (const specs::SidekiqGroup& group : instance_.sidekiq) {
            check("sidekiq." + group.name + ".replicas", group.replicas);
        }
    }

    void check_backups() {
        const specs::Keep& keep = instance_.backups.database.keep;
        const int kept = std::max({keep.last, keep.daily, keep.weekly, keep.monthly});
        if (kept < policy_.floors.backups_kept) {
            miss("below-floor", "backups.database.keep keeps " + std::to_string(kept) +
                                    "; the least on this host is " +
                                    std::to_string(policy_.floors.backups_kept));
        }
        const Duration ceiling = policy_.ceilings.backup_interval;
        const auto cron = specs::parse_cron(instance_.backups.database.schedule.text);
        if (ceiling.count() == 0 || (cron && specs::gaps_of(*cron).longest <= ceiling)) return;
        miss("above-ceiling", "backups.database.schedule leaves more than " + to_text(ceiling) +
                                  " between two backups");
    }

    void check_upgrade() {
        if (instance_.upgrade.backup <= policy_.floors.upgrade_backup) return;  // strictest first
        miss("below-floor", "upgrade.backup is " + word_of(instance_.upgrade.backup) +
                                "; the least on this host is " +
                                word_of(policy_.floors.upgrade_backup));
    }

    void check_schedules() {
        const Duration floor = policy_.floors.schedule_interval;
        if (floor.count() == 0) return;
        const std::map<std::string, specs::Schedule> schedules{
            {"backups.database.schedule", instance_.backups.database.schedule},
            {"backups.media.schedule", instance_.backups.media.schedule},
            {"backups.drill.schedule", instance_.backups.drill.schedule},
            {"storage.cache.schedule", instance_.storage.cache.schedule}};
        for (const auto& [field, schedule] : schedules) {
            const auto cron = specs::parse_cron(schedule.text);
            if (!cron || specs::gaps_of(*cron).shortest >= floor) continue;
            miss("below-floor",
                 field + " comes more often than each " + to_text(floor) + ", as this host asks");
        }
    }

    const specs::Policy& policy_;
    const specs::Instance& instance_;
    std::vector<ContainerSpec> containers_;
    std::vector<Blocked> unmet_{};
};

}  // namespace

std::vector<Blocked> unmet_requirements(const specs::Policy& policy,
                                        const specs::Instance& instance) {
    const bool has_bounds = policy.lowest_version != specs::Version{} ||
                            policy.ceilings != specs::Ceilings{} ||
                            policy.floors != specs::Floors{};
    if (!has_bounds) return {};
    return Requirements(policy, instance).unmet();
}

std::vector<Blocked> foreign_images(const specs::Policy& policy,
                                    const std::vector<specs::ImageRef>& images) {
    std::vector<Blocked> found;
    for (const specs::ImageRef& image : images) {
        if (specs::allows_image(policy, image)) continue;
        found.push_back(
            {.code = "registry-not-allowed",
             .message = "this host does not allow images from " + repository_text(image),
             .hint = "Allow it in /etc/matriarch/policy.yaml: registries: [" +
                     repository_text(image) + "]."});
    }
    return found;
}

}  // namespace matriarch::reconcilers
