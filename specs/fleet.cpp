// Files of a fleet -> instances and problems. All files are read before anything is said, so that
// one push shows all of its mistakes at once.
#include <map>
#include <set>
#include <utility>

#include "specs/fields.hpp"
#include "specs/parse_instance.hpp"
#include "specs/reader.hpp"
#include "specs/specs.hpp"
#include "specs/values/shown.hpp"
#include "specs/yaml.hpp"

namespace matriarch::specs {

/// The one field of a host; hosts.yaml is not part of the instance file.
template <class V>
void describe(V& visit, Host& host) {
    visit.field("docker", host.docker, "Where its Docker Engine listens.",
                Form{.pattern = "(unix:///|tcp://|ssh://)[A-Za-z0-9_\\[][A-Za-z0-9_.:@/\\[\\]-]*",
                     .length_max = 300,
                     .expected = "unix:///path, tcp://host:port or ssh://user@host",
                     .is_required = true});
}

namespace {

bool is_one_of(std::string_view path, std::string_view stem) {
    return path == std::string(stem) + ".yaml" || path == std::string(stem) + ".yml";
}

/// Something that only one instance of a host, or of the fleet, may have.
struct Claim {
    /// "name example", "domain example.social", "port 443 of host 'eu'".
    std::string what{};
    Place place{};
};

struct Candidate {
    Instance instance{};
    bool is_good{true};
    std::vector<Claim> claims{};
};

class FleetReader {
 public:
    Fleet read(const std::vector<FleetFile>& files) {
        for (const FleetFile& file : files) read_shared(file);
        for (const FleetFile& file : files) read_instance(file);
        check_waves();
        compare();
        for (Candidate& candidate : candidates_) {
            if (!candidate.is_good) continue;
            fleet_.instances.emplace(candidate.instance.name, std::move(candidate.instance));
        }
        return std::move(fleet_);
    }

 private:
    void read_shared(const FleetFile& file) {
        if (is_one_of(file.path, "defaults")) read_defaults(file.tree);
        if (is_one_of(file.path, "hosts")) read_hosts(file.tree);
    }

    void report(const std::vector<Error>& errors) {
        for (const Error& error : errors) {
            // A mistake in defaults.yaml shows up in every instance, and is reported once.
            if (seen_.insert({error.where, error.message}).second) {
                fleet_.problems.push_back(error);
            }
        }
    }

    void read_defaults(const Node& tree) {
        if (tree.is_nothing()) return;
        Findings findings;
        if (!tree.is_map()) {
            findings.add(tree.place, std::string("cannot read the file: a map is expected, but "
                                                 "found ") +
                                         kind_in_words(tree));
            report(findings.errors());
            return;
        }
        defaults_ = tree;
        std::erase_if(defaults_.items, [](const Node& item) { return item.key == "waves"; });
        if (const Node* waves = tree.find("waves"); waves != nullptr) {
            waves_ = *waves;
            fleet_.waves = parse_waves(waves_, findings);
        }
        for (const char* key : {"instance", "domain", "web_domain"}) {
            const Node* node = tree.find(key);
            if (node == nullptr) continue;
            findings.add(
                node->key_place,
                "cannot read the file: '" + std::string(key) + "' belongs to one instance only",
                "Move it to the instance's own file.");
        }
        report(findings.errors());
    }

    /// A canary that nobody has would let the others wait for ever, or go first.
    void check_waves() {
        Findings findings;
        std::set<std::string> named;
        for (const Node& wave : waves_.items) {
            for (const Node& item : wave.items) {
                if (!fleet_.file_of.contains(item.text)) {
                    findings.add(item.place, "cannot use waves: there is no instance '" +
                                                 shown(item.text, shown_bytes) + "'");
                } else if (!named.insert(item.text).second) {
                    findings.add(item.place,
                                 "cannot use waves: '" + item.text + "' is in them twice");
                }
            }
        }
        report(findings.errors());
    }

    void read_hosts(const Node& tree) {
        if (tree.is_nothing()) return;
        Node file{.kind = Node::Kind::map, .place = tree.place};
        file.items.push_back(tree);
        file.items.back().key = "hosts";
        std::vector<Host> hosts{Host{}};
        Findings findings;
        Reader reader(file, "", findings);
        reader.named("hosts", hosts, "Docker Engines by name.", name_form);
        report(findings.errors());
        for (Host& host : hosts) {
            if (!host.name.empty()) fleet_.hosts.emplace(host.name, std::move(host));
        }
    }

    void read_instance(const FleetFile& file) {
        const bool is_shared = is_one_of(file.path, "defaults") || is_one_of(file.path, "hosts");
        if (is_shared || !is_fleet_file(file.path)) return;
        ParsedInstance parsed = parse_instance(merge(defaults_, file.tree));
        Findings& findings = parsed.findings;
        const Instance& instance = parsed.instance;
        if (!instance.host.empty() && !fleet_.hosts.contains(instance.host)) {
            findings.add(findings.place_of("host"),
                         "cannot use host: '" + instance.host + "' is not in hosts.yaml");
        }
        Candidate candidate{.instance = instance};
        candidate.is_good = findings.errors().empty();
        // What is no map says nothing: its instance is all defaults, and claims nothing.
        if (file.tree.is_map()) candidate.claims = claims_of(instance, findings);
        report(findings.errors());
        if (!instance.name.empty()) fleet_.file_of.emplace(instance.name, file.path);
        candidates_.push_back(std::move(candidate));
    }

    static std::vector<Claim> claims_of(const Instance& instance, const Findings& findings) {
        std::vector<Claim> claims;
        const auto claim = [&](const std::string& what, const char* path) {
            claims.push_back({.what = what, .place = findings.place_of(path)});
        };
        const auto claim_port = [&](int port, const char* path) {
            if (port == 0 || instance.edge.external) return;
            const std::string host =
                instance.host.empty() ? "" : " of host '" + instance.host + "'";
            claim("port " + std::to_string(port) + host, path);
        };
        if (!instance.name.empty()) claim("name '" + instance.name + "'", "instance");
        if (!instance.domain.empty()) claim("domain '" + instance.domain + "'", "domain");
        if (!instance.web_domain.empty() && instance.web_domain != instance.domain) {
            claim("domain '" + instance.web_domain + "'", "web_domain");
        }
        claim_port(instance.edge.http, "edge.http");
        claim_port(instance.edge.https, "edge.https");
        return claims;
    }

    void compare() {
        std::map<std::string, std::pair<Candidate*, Place>> owners;
        for (Candidate& candidate : candidates_) {
            for (const Claim& claim : candidate.claims) {
                const auto [at, is_new] =
                    owners.emplace(claim.what, std::pair(&candidate, claim.place));
                if (is_new || at->second.first == &candidate) continue;
                Findings findings;
                findings.add(claim.place, "cannot use " + claim.what + ": " +
                                              to_text(at->second.second) + " has it too");
                report(findings.errors());
                candidate.is_good = false;
                at->second.first->is_good = false;
            }
        }
    }

    Fleet fleet_{};
    Node defaults_{.kind = Node::Kind::map};
    Node waves_{};
    std::vector<Candidate> candidates_{};
    std::set<std::pair<std::string, std::string>> seen_{};
};

}  // namespace

bool is_fleet_file(std::string_view path) {
    if (path.starts_with('.') || path.find("/.") != std::string_view::npos) return false;
    return path.ends_with(".yaml") || path.ends_with(".yml");
}

Fleet parse_fleet(const std::vector<FleetFile>& files) {
    return FleetReader().read(files);
}

Result<Instance> parse_instance_text(std::string_view text, std::string_view file) {
    const Node tree = TRY(parse_yaml(text, file));
    ParsedInstance parsed = parse_instance(tree);
    if (!parsed.findings.errors().empty()) return fail(parsed.findings.errors().front());
    return std::move(parsed.instance);
}

}  // namespace matriarch::specs
