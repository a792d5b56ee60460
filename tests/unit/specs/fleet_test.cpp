// A fleet folder: defaults under every instance, hosts, and all problems of all files at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specs/specs.hpp"
#include "specs/yaml.hpp"

namespace matriarch::specs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

FleetFile file(const std::string& path, const std::string& text) {
    const auto tree = parse_yaml(text, path);
    EXPECT_TRUE(tree) << tree.error().message;
    return {.path = path, .tree = tree ? *tree : Node{}};
}

/// A whole instance on ports of its own.
FleetFile instance(const std::string& name, int port, const std::string& more = {}) {
    return file(name + ".yaml", "instance: " + name + "\ndomain: " + name + ".example\n" +
                                    "mastodon: v4.7.5\nbackups: {repository: /b/" + name +
                                    "}\nedge: {http: 0, https: " + std::to_string(port) + "}\n" +
                                    more);
}

std::vector<std::string> places(const Fleet& fleet) {
    std::vector<std::string> lines;
    for (const Error& problem : fleet.problems)
        lines.push_back(problem.where + ": " + problem.message);
    return lines;
}

TEST(Fleet, MergesDefaultsUnderEveryInstance) {
    const Fleet fleet = parse_fleet({
        file("b.yaml",
             "instance: b\ndomain: b.example\nedge: {https: 8443, http: 0}\n"
             "settings: {B: '2', C: '3'}\nbackups: {repository: /b}\n"),
        file("defaults.yaml",
             "mastodon: v4.6.5\nsettings: {A: '1', B: '1'}\nweb: {memory: 2GiB}\n"
             "edge: {https: 1443}\n"),
    });
    ASSERT_THAT(places(fleet), ElementsAre());
    const Instance& b = fleet.instances.at("b");
    EXPECT_EQ(to_text(b.mastodon), "v4.6.5");
    EXPECT_EQ(b.web.limits.memory, gib(2));
    EXPECT_EQ(b.edge.https, 8443);
    EXPECT_EQ(b.settings, (std::map<std::string, std::string>{{"A", "1"}, {"B", "2"}, {"C", "3"}}));
    EXPECT_EQ(fleet.file_of.at("b"), "b.yaml");
}

TEST(Fleet, PointsToTheFileThatAValueCameFrom) {
    const Fleet fleet = parse_fleet({file("defaults.yaml", "web: {replicas: 99}\n"),
                                     instance("a", 1), instance("b", 2, "web: {threads: 99}\n")});
    EXPECT_THAT(
        places(fleet),
        ElementsAre("defaults.yaml:1:17: cannot read web.replicas: '99' is not a whole number "
                    "from 1 to 16",
                    "b.yaml:6:16: cannot read web.threads: '99' is not a whole number from 1 "
                    "to 64"));
    EXPECT_TRUE(fleet.instances.empty());
    EXPECT_EQ(fleet.file_of.size(), 2U);
}

TEST(Fleet, KeepsGoodInstancesBesideBadOnes) {
    const Fleet fleet = parse_fleet({instance("a", 1), instance("b", 2, "nonsense: 1\n")});
    EXPECT_TRUE(fleet.instances.contains("a"));
    EXPECT_FALSE(fleet.instances.contains("b"));
    EXPECT_EQ(fleet.file_of.at("b"), "b.yaml");
    EXPECT_EQ(fleet.problems.size(), 1U);
}

TEST(Fleet, RefusesWhatTwoInstancesCannotShare) {
    FleetFile twin = instance("a", 2);
    twin.path = "twin.yaml";
    const Fleet names = parse_fleet({instance("a", 1), twin});
    ASSERT_EQ(names.problems.size(), 2U);  // the name and the domain
    EXPECT_THAT(names.problems[0].message,
                HasSubstr("cannot use name 'a': a.yaml:1:11 has it too"));
    EXPECT_TRUE(names.instances.empty());

    const Fleet ports = parse_fleet({instance("a", 443), instance("b", 443), instance("c", 444)});
    EXPECT_THAT(places(ports),
                ElementsAre("b.yaml:5:24: cannot use port 443: a.yaml:5:24 has it too"));
    EXPECT_EQ(ports.instances.size(), 1U);

    const Fleet web = parse_fleet({instance("a", 1), instance("b", 2, "web_domain: a.example\n")});
    EXPECT_THAT(places(web), ElementsAre(HasSubstr("cannot use domain 'a.example'")));
}

TEST(Fleet, AnEmptyFileTakesNothingFromAnInstance) {
    const Fleet fleet = parse_fleet({file("empty.yaml", "# nothing yet\n"), instance("a", 443)});
    EXPECT_THAT(places(fleet), ElementsAre(HasSubstr("empty.yaml:1:1: cannot read the file: a map "
                                                     "is expected, but found nothing")));
    EXPECT_TRUE(fleet.instances.contains("a"));
}

TEST(Fleet, LetsInstancesOfDifferentHostsHaveTheSamePort) {
    const FleetFile hosts = file("hosts.yaml",
                                 "one: {docker: 'unix:///var/run/docker.sock'}\n"
                                 "two: {docker: 'tcp://10.0.0.2:2376'}\n");
    const Fleet fleet = parse_fleet({hosts, instance("a", 443, "host: one\n"),
                                     instance("b", 443, "host: two\n"), instance("c", 443)});
    EXPECT_THAT(places(fleet), ElementsAre());
    EXPECT_EQ(fleet.instances.size(), 3U);
    EXPECT_EQ(fleet.hosts.at("two").docker, "tcp://10.0.0.2:2376");
    const Fleet same =
        parse_fleet({hosts, instance("a", 443, "host: one\n"), instance("b", 443, "host: one\n")});
    EXPECT_THAT(places(same), ElementsAre(HasSubstr("cannot use port 443 of host 'one'")));
}

TEST(Fleet, RefusesUnknownHostsAndBadOnes) {
    EXPECT_THAT(places(parse_fleet({instance("a", 1, "host: mars\n")})),
                ElementsAre("a.yaml:6:7: cannot use host: 'mars' is not in hosts.yaml"));
    for (const char* docker :
         {"http://x", "/var/run/docker.sock", "ssh://-oProxyCommand=x", "npipe://x"}) {
        const Fleet fleet =
            parse_fleet({file("hosts.yaml", "a: {docker: '" + std::string(docker) + "'}\n")});
        EXPECT_THAT(places(fleet),
                    ElementsAre(HasSubstr("hosts.yaml:1:13: cannot read hosts.a.docker")))
            << docker;
    }
    EXPECT_THAT(places(parse_fleet({file("hosts.yaml", "a: {dokcer: x}\n")})),
                testing::Contains(HasSubstr("the key 'dokcer' is not known")));
}

TEST(Fleet, RefusesDefaultsOfWhatIsUnique) {
    const Fleet fleet =
        parse_fleet({file("defaults.yaml", "domain: a.example\n"), instance("a", 1)});
    EXPECT_THAT(
        places(fleet),
        ElementsAre(HasSubstr("defaults.yaml:1:1: cannot read the file: 'domain' belongs")));
    EXPECT_THAT(places(parse_fleet({file("defaults.yaml", "[1]\n")})),
                ElementsAre(HasSubstr("a map is expected, but found a list")));
    EXPECT_THAT(places(parse_fleet({file("defaults.yaml", "# nothing yet\n")})), ElementsAre());
}

TEST(Fleet, ReadsYamlFilesThatAreNotHidden) {
    EXPECT_TRUE(is_fleet_file("a.yaml"));
    EXPECT_TRUE(is_fleet_file("team/a.yml"));
    EXPECT_FALSE(is_fleet_file(".github/workflows/a.yml"));
    EXPECT_FALSE(is_fleet_file("x/.hidden.yaml"));
    EXPECT_FALSE(is_fleet_file("README.md"));
    EXPECT_FALSE(is_fleet_file("secrets/a.age"));
}

}  // namespace
}  // namespace matriarch::specs
