// SimulatedHost: one machine in memory: an Engine's containers, volumes, networks and images, the
// programs in them, a database, a registry and the time. A value: copying it is a snapshot.
//
// It knows nothing of calls and faults (simulated_engine) nor of people (acts). Every fact about
// Docker in it was measured; the contract suite holds it against the real one.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reconcilers/action.hpp"
#include "reconcilers/world.hpp"
#include "tests/model/vault.hpp"

namespace matriarch::model {

using reconcilers::Time;
using std::chrono::milliseconds;

/// A PostgreSQL cluster: lives in a volume, and nowhere else.
struct Cluster {
    std::string system{};
    std::set<std::string> applied{};
    bool is_seeded{false};
    /// Which restore put it there, and the cluster that its set was of.
    std::string restored_by{};
    std::string came_from{};
    /// A copy: of what was there then. Code that was served by it last wrote to it (kept only while
    /// there are two clusters).
    Time as_of{};
    std::string copied_by{};
    Time written{};
    /// What `applied` was until a time, oldest first: a health check tells of its own moment.
    std::vector<std::pair<Time, std::set<std::string>>> history{};
};

/// What an edge was told: lives in its volume.
struct Traffic {
    std::string config{"the page that says to come back"};
    std::set<std::string> routes{};
};

struct SimulatedVolume {
    reconcilers::ObservedVolume seen{};
    /// Another one for each making, whatever its name and labels say.
    int identity{0};
    std::optional<Cluster> cluster{};
    Traffic traffic{};
    /// Which restore has added files.
    std::string files_of{};
    /// Of the archive: what its base backup can be recovered to.
    std::optional<Staged> archived{};
};

/// A dump that a backup job finished.
struct Dump {
    std::string system{};
    std::set<std::string> applied{};
    Time begun{};
};

struct SimulatedContainer {
    reconcilers::ObservedContainer seen{};
    /// Its program answers from then on, while it runs.
    Time ready_at{};
    /// What happens to it next by itself, and when.
    enum class Next { nothing, goes_on, dies, comes_back };
    Next next{Next::nothing};
    Time next_at{};
    int next_code{0};
    /// Stopped by a call: its restart policy waits for the Engine's next start.
    bool is_held_down{false};
    Time job_began{};
    /// Of a job: what it had said when it ended, whatever has changed since.
    std::string printed{};
    /// Cut off from a network then, while it answered: a health check from before still says so.
    Time answered_until{};
    /// Made with network mode none: joins no other ever after.
    bool has_no_network{false};
    /// The copy that a rehearsal's server has inside, from when it is restored until it ends.
    std::optional<Cluster> copy{};
    /// Sidekiq: it fetches no more; and until when it has jobs in hand.
    bool is_quiet{false};
    Time busy_until{};
};

/// What is wrong with an image, by its tag.
struct Flaw {
    /// The migrate job fails after so many migrations.
    std::optional<int> migration_fails_after{};
    /// The first post-deployment migration fails.
    bool post_migration_fails{false};
    bool is_never_healthy{false};
    /// Of what role that is; empty: of all.
    std::string only_role{};
    /// Web ends by itself after it has answered for so long.
    std::optional<milliseconds> answers_for{};
};

struct SimulatedImage {
    reconcilers::ImageFacts facts{};
    specs::ImageRef reference{};
};

struct SimulatedHost {
    Time now{std::chrono::hours(24 * 365 * 50)};
    std::map<std::string, SimulatedContainer> containers{};          ///< by id
    std::map<std::string, reconcilers::ObservedNetwork> networks{};  ///< by id
    std::map<std::string, SimulatedVolume> volumes{};
    std::map<std::string, SimulatedImage> images{};  ///< by full reference
    std::vector<Dump> dumps{};
    Vault vault{};
    std::map<std::string, Flaw> flaws{};
    /// How often the cache was cleaned for a time of its schedule.
    std::map<std::string, int> cleanings{};
    /// So long a program takes to end once it was asked to.
    milliseconds stops_within{300};
    Time disk_full_until{};
    Time registry_down_until{};
    int made{0};

    /// Lets time pass; what programs do in it happens in its order.
    void advance(milliseconds span);
    /// When something happens by itself; nothing: never.
    [[nodiscard]] std::optional<Time> next_event() const;

    [[nodiscard]] SimulatedContainer* by_id(const std::string& id);
    [[nodiscard]] const SimulatedContainer* by_name(const std::string& name) const;
    [[nodiscard]] SimulatedContainer* by_name(const std::string& name);
    [[nodiscard]] bool is_disk_full() const { return now < disk_full_until; }

    /// The container as an inspection shows it now, health included.
    [[nodiscard]] reconcilers::ObservedContainer inspect(const SimulatedContainer& one) const;

    /// What its health check would print now, and whether with exit code 0.
    struct Answer {
        bool is_yes{false};
        std::string text{};
    };
    [[nodiscard]] Answer answer(const SimulatedContainer& one, Time at) const;

    /// The cluster that a container's server has open; null: none.
    [[nodiscard]] const Cluster* cluster_of(const SimulatedContainer& one) const;
    [[nodiscard]] Cluster* cluster_of(const SimulatedContainer& one);

    /// What an edge's container serves by; null: it has no volume.
    [[nodiscard]] const Traffic* traffic_of(const SimulatedContainer& one) const;
    [[nodiscard]] Traffic* traffic_of(const SimulatedContainer& one);

    std::string new_id(const std::string& kind);
    /// As the Engine: an existing one stays as it is.
    SimulatedVolume& make_volume(const std::string& name,
                                 const std::map<std::string, std::string>& labels);
    void begin(SimulatedContainer& one);
    void end(SimulatedContainer& one, int code, bool is_out_of_memory = false);

 private:
    void go_on(SimulatedContainer& one);
    void go_on_with_job(SimulatedContainer& one, const std::string& role);
    void migrate(SimulatedContainer& one, Cluster& cluster);
    void rehearse(SimulatedContainer& one, const std::string& role);
    void copy_database(SimulatedContainer& one);
    void dump_for_later(SimulatedContainer& one, const Cluster& cluster);
    void keep_secrets(SimulatedContainer& one);
    void restore(SimulatedContainer& one);
    void back_up(SimulatedContainer& one, const std::string& role);
    void make_base(SimulatedContainer& one);
    void recover(SimulatedContainer& one);
    [[nodiscard]] Answer archive_says(const SimulatedContainer& one) const;
    [[nodiscard]] std::string last_words(const SimulatedContainer& one, int code) const;
    /// The server whose socket is in a volume of this container too; null: none runs.
    [[nodiscard]] const SimulatedContainer* server_by_socket(const SimulatedContainer& one) const;
    [[nodiscard]] SimulatedContainer* peer(const SimulatedContainer& one, const std::string& role);
    [[nodiscard]] const SimulatedContainer* peer(const SimulatedContainer& one,
                                                 const std::string& role) const;
    void note_writes();
    [[nodiscard]] bool answers_now(const SimulatedContainer& one) const;
};

/// The image that a registry has under a reference, with the facts that its kind has in reality.
[[nodiscard]] SimulatedImage published_image(const specs::ImageRef& reference);

/// The migrations of a release's image (see tests/support/reconciling.hpp), by image id or tag.
[[nodiscard]] const reconcilers::MigrationFiles& migrations_in(const specs::ImageRef& reference);

/// All of them.
[[nodiscard]] std::set<std::string> all_of(const reconcilers::MigrationFiles& files);

/// web, streaming, sidekiq, postgres, migrate, ...; empty: not one of ours.
[[nodiscard]] const std::string& role_of(const SimulatedContainer& one);

[[nodiscard]] bool is_alive(const SimulatedContainer& one);

}  // namespace matriarch::model
