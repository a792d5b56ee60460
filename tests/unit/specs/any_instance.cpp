// A visitor of fields.hpp draws every field by itself; settle() then does what the rules between
// fields (specs/validate.cpp) ask for.
#include "tests/unit/specs/any_instance.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <ostream>

#include "specs/canonical.hpp"
#include "specs/catalogue.hpp"
#include "specs/defaults.hpp"
#include "specs/fields.hpp"
#include "specs/values/check.hpp"

namespace matriarch::specs {
namespace {

using Texts = std::vector<std::string>;

/// True once in `in`; smaller counterexamples say false.
bool once_in(int in) {
    return *rc::gen::inRange(0, in) == in - 1;
}

std::int64_t number(std::int64_t first, std::int64_t last) {
    return *rc::gen::oneOf(rc::gen::just(first), rc::gen::just(last),
                           rc::gen::inRange(first, last + 1));
}

const std::string& one_of(const Texts& texts) {
    return texts[*rc::gen::inRange<std::size_t>(0, texts.size())];
}

/// `least` to `most` of the pieces, one behind the other.
std::string row_of(const Texts& pieces, int least, int most) {
    std::string row;
    for (int left = *rc::gen::inRange(least, most + 1); left > 0; --left) row += one_of(pieces);
    return row;
}

/// What YAML, a shell or a reader may take for something else.
const Texts& odd_pieces() {
    static const Texts pieces{"a",  "Z", "0",    ".",    "/",        "-",   "_",
                              "=",  "+", "@",    ":",    "#",        "'",   "\"",
                              "\\", "&", "*",    "%",    "~",        "{",   "]",
                              ",",  "|", ">",    "?",    "!",        "`",   "$",
                              "<<", "x", "null", "true", "\xC3\xA4", "1e3", "\xF0\x9F\x98\x80"};
    return pieces;
}

std::string name() {
    const Texts ends{"a", "m", "z", "0", "9"};
    return one_of(ends) + row_of({"a", "b", "7", "-"}, 0, 8) + one_of(ends);
}

std::string host_name() {
    return row_of({"a.", "xn--9.", "0.", "a-b.", std::string(63, 'l') + "."}, 1, 3) +
           one_of({"social", "test", "x1", "t-t"});
}

std::string path() {
    return "/" + name() + row_of(odd_pieces(), 0, 4);
}

std::string window() {
    return one_of({"Sun", "Mon-Fri", "Sat,Sun", "Fri-Mon", "daily"}) + " " +
           one_of({"02:00-05:00", "22:00-02:00", "00:00-24:00", "23:59-00:00"}) + " " +
           one_of({"UTC", "Asia/Tokyo", "America/Argentina/Buenos_Aires", "Etc/GMT+7"});
}

std::string repository() {
    return one_of({"", "sftp:user@backup.example:", "s3:https://s3.example",
                   "rest:https://a.example", "rclone:remote:", "b2:bucket:", "azure:container:",
                   "gs:bucket:", "swift:container:"}) +
           path();
}

std::string secrets() {
    return once_in(2) ? "file:/etc/" + name() + ".env" : "secrets/" + name() + ".age";
}

std::string text_of(std::string_view key) {
    if (key == "instance" || key == "host" || key == "password") return name();
    if (key == "domain" || key == "web_domain") return host_name();
    if (key == "window") return window();
    if (key == "repository") return repository();
    if (key == "secrets") return secrets();
    if (key == "resource") return one_of({"web", "streaming", "sidekiq", "redis", "edge"});
    if (key == "reason") return "x" + row_of(odd_pieces(), 0, 6);
    if (key == "until") return one_of({"2026-12-31", "2028-02-29 Asia/Tokyo", "0001-01-01 UTC"});
    if (key == "restore") return one_of({"", "latest", "0123abcd"});
    CHECK(key == "version", "it is said how to make a text for every field");
    return one_of({"8.19.15", "7.17.29"});
}

class Draw {
 public:
    /// Changes one field in `in`.
    explicit Draw(int in) : in_(in) {}

    void field(std::string_view key, std::string& value, std::string_view, const Form&) {
        if (once_in(in_)) value = text_of(key);
    }
    void field(std::string_view, int& value, std::string_view, Range range) {
        if (once_in(in_)) value = static_cast<int>(number(range.first, range.last));
    }
    void field(std::string_view, std::int64_t& value, std::string_view, Range range) {
        if (once_in(in_)) value = number(range.first, range.last);
    }
    void field(std::string_view, bool& value, std::string_view) {
        if (once_in(in_)) value = !value;
    }
    void field(std::string_view, Bytes& value, std::string_view, Sizes sizes) {
        if (once_in(in_)) value = {number(sizes.first.count, sizes.last.count)};
    }
    void field(std::string_view, Cpus& value, std::string_view) {
        if (once_in(in_)) value = {number(0, 1'024'000) * 1'000'000};
    }
    void field(std::string_view, Duration& value, std::string_view, Spans spans) {
        if (once_in(in_)) value = Duration(number(spans.first.count(), spans.last.count()));
    }
    void field(std::string_view, Schedule& value, std::string_view) {
        if (once_in(in_)) {
            value.text = one_of({"@hourly", "@daily", "@weekly", "@monthly", "*/5 0-6,12 1 jan *",
                                 "0 4 29 2 *", "59  23 * * sun"});
        }
    }
    /// The defaults depend on it: it is drawn first, by any_instance().
    void field(std::string_view, Version&, std::string_view) {}
    void field(std::string_view, ImageRef& value, std::string_view) {
        if (!once_in(in_)) return;
        value = *parse_image(one_of({"", "docker.io/", "127.0.0.1:5000/", "localhost/"}) +
                             one_of({"redis", "a/b/c_d--e", "0"}) +
                             one_of({"", ":7", ":v4.7.5", ":_x.Y-"}) +
                             one_of({"", "@sha256:" + std::string(64, 'c')}));
    }
    /// Queues belong together: settle() deals them out. Fields to ignore are always said.
    void field(std::string_view key, Texts& value, std::string_view, const Form&) {
        if (key == "field") value = {one_of({"memory", "cpus", "pids", "shared memory"})};
    }
    void field(std::string_view, std::map<std::string, std::string>& value, std::string_view,
               const Form&) {
        if (!once_in(in_)) return;
        value.clear();
        for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
            // Of letters that spell none of the names that are refused.
            const std::string spaced = once_in(2) ? " " : "";
            value["X" + row_of({"A", "Z", "_", "9"}, 0, 6)] =
                spaced + row_of(odd_pieces(), 0, 8) + spaced;
        }
    }
    template <class E>
    void choice(std::string_view, E& value, std::string_view, Words<E> words) {
        if (once_in(in_)) value = words[*rc::gen::inRange<std::size_t>(0, words.size())].value;
    }
    template <class S>
    void section(std::string_view, S& value, std::string_view) {
        describe(*this, value);
    }
    template <class S>
    void section_or_word(std::string_view key, S& value, std::string_view, bool& is_word,
                         std::string_view sentence) {
        if (once_in(in_)) is_word = !is_word;
        if (!is_word) section(key, value, sentence);
    }
    template <class S>
    void named(std::string_view, std::vector<S>& values, std::string_view, const Form&) {
        if (once_in(in_)) {
            const S base = values.front();
            std::map<std::string, S> groups;
            for (int left = *rc::gen::inRange(1, 4); left > 0; --left) {
                const std::string key = name();
                groups[key] = base;
                groups[key].name = key;
            }
            values.clear();
            for (const auto& [key, group] : groups) values.push_back(group);
        }
        for (S& value : values) describe(*this, value);
    }
    template <class S>
    void list(std::string_view, std::vector<S>& values, std::string_view) {
        if (!once_in(in_)) return;
        values.resize(*rc::gen::inRange<std::size_t>(0, 3));
        for (S& value : values) {
            Draw whole(1);
            describe(whole, value);
        }
    }

 private:
    int in_{1};
};

/// Every queue to a group, some to a second one; the scheduler to the first, alone of its kind.
void deal_queues(Instance& instance) {
    std::vector<SidekiqGroup>& groups = instance.sidekiq;
    for (SidekiqGroup& group : groups) group.queues.clear();
    for (const std::string& queue : catalogue::queues(instance.mastodon)) {
        const bool is_scheduler = queue == "scheduler";
        const auto at = is_scheduler ? 0 : *rc::gen::inRange<std::size_t>(0, groups.size());
        groups[at].queues.push_back(queue);
        if (!is_scheduler && at > 0 && once_in(3)) groups[0].queues.push_back(queue);
    }
    groups.front().replicas = 1;
    groups.erase(std::remove_if(groups.begin(), groups.end(),
                                [](const SidekiqGroup& group) { return group.queues.empty(); }),
                 groups.end());
}

int connections(const Instance& instance) {
    int sum = 5 + instance.web.replicas * instance.web.processes * instance.web.threads +
              instance.streaming.replicas * instance.streaming.pool;
    for (const SidekiqGroup& group : instance.sidekiq) sum += group.replicas * group.concurrency;
    return sum;
}

void settle_database(Instance& instance) {
    constexpr int connections_max = 5000;
    const auto halve = [](int& value) { value = std::max(1, value / 2); };
    while (connections(instance) > connections_max) {
        halve(instance.web.processes);
        halve(instance.web.threads);
        halve(instance.streaming.pool);
        for (SidekiqGroup& group : instance.sidekiq) halve(group.concurrency);
    }
    Postgres& postgres = instance.postgres;
    postgres.version = std::max(postgres.version, catalogue::postgres_minimum(instance.mastodon));
    if (postgres.version < 13) instance.backups.database.continuous = false;
    postgres.max_connections = std::max(postgres.max_connections, connections(instance));
    postgres.limits.pids =
        std::max<std::int64_t>(postgres.limits.pids, postgres.max_connections + 20);
    postgres.limits.memory = std::max(postgres.limits.memory, postgres.shared_memory);
    int redis_minimum = 0;
    if (const Release* release = catalogue::find_or_before(instance.mastodon)) {
        const std::string& text = release->redis_minimum;
        std::from_chars(text.data(), text.data() + text.size(), redis_minimum);
    }
    instance.redis.version = std::max(instance.redis.version, redis_minimum);
}

/// Nothing is ignored twice.
void settle_ignore(Instance& instance) {
    std::vector<Ignore>& all = instance.ignore;
    if (all.size() == 2 && all[0].resource == all[1].resource && all[0].fields == all[1].fields) {
        all.pop_back();
    }
}

void settle(Instance& instance) {
    settle_ignore(instance);
    deal_queues(instance);
    settle_database(instance);
    if (instance.search.enabled && instance.search.version.empty()) {
        instance.search.version = "8.19.15";
    }
    Edge& edge = instance.edge;
    if (edge.external) {
        edge = defaults_for(instance.mastodon).edge;
        edge.external = true;
    } else if (edge.http == edge.https) {
        edge.https = edge.http == 443 ? 80 : 443;
    }
    if (instance.backups.database.freshness.count() == 0) {
        instance.upgrade.backup = BackupDemand::required;
    }
    for (Keep* keep : {&instance.backups.database.keep, &instance.backups.media.keep}) {
        if (*keep == Keep{}) keep->last = 1;
    }
}

Version any_version() {
    std::vector<Version> known;
    for (const Release* release : catalogue::releases()) {
        // Of the oldest ones not even the queues are known: no file may ask for them.
        if (!catalogue::queues(release->version).empty()) known.push_back(release->version);
    }
    Version version = known[*rc::gen::inRange<std::size_t>(0, known.size())];
    if (version.is_plain()) version.suffix = one_of({"", "", "+glitch", "-rc.1"});
    return version;
}

}  // namespace

// At full size from the first one on: RapidCheck's small ranges hold next to nothing.
rc::Gen<Instance> any_instance() {
    return rc::gen::resize(rc::kNominalSize, rc::gen::exec([] {
                               Instance instance = defaults_for(any_version());
                               instance.name = name();
                               instance.domain = host_name();
                               instance.backups.repository = repository();
                               Draw draw(3);
                               describe(draw, instance);
                               settle(instance);
                               return instance;
                           }));
}

rc::Gen<Instance> near_instance(const Instance& instance) {
    return rc::gen::resize(rc::kNominalSize, rc::gen::exec([instance] {
                               Instance other = instance;
                               Draw draw(80);
                               describe(draw, other);
                               if (other != instance) settle(other);
                               return other;
                           }));
}

void showValue(const Instance& instance, std::ostream& out) {
    out << canonical_text(instance);
}

}  // namespace matriarch::specs
