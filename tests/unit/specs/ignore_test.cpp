// `ignore`: limits may differ for a while; what keeps data safe may not, and every refusal says
// why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specs/specs.hpp"
#include "tests/unit/specs/instance_text.hpp"

namespace matriarch::specs {
namespace {

using testing::HasSubstr;

std::string ignoring(const std::string& entry) {
    return shortest("ignore: [{" + entry + "}]\n");
}

std::string ignoring_field(const std::string& part, const std::string& field) {
    return ignoring("resource: " + part + ", field: \"" + field +
                    "\", reason: x, until: 2026-12-31");
}

TEST(Ignore, TakesOneFieldOrSeveral) {
    const auto read = [](const std::string& field) {
        const auto instance = parse_instance_text(
            ignoring("resource: web, field: " + field + ", reason: a test, until: 2026-12-31"),
            "a.yaml");
        return instance ? instance->ignore.front() : Ignore{};
    };
    EXPECT_EQ(read("memory").fields, std::vector<std::string>{"memory"});
    EXPECT_EQ(read("[memory, cpus]").fields, (std::vector<std::string>{"memory", "cpus"}));
    EXPECT_EQ(read("memory").reason, "a test");
    EXPECT_EQ(read("memory").until, "2026-12-31");
}

TEST(Ignore, WantsAllOfIt) {
    const std::string all = problems(ignoring("resource: web"));
    for (const char* missing : {"'field'", "'reason'", "'until'"}) {
        EXPECT_THAT(all, HasSubstr("ignore.1: " + std::string(missing) + " is missing"));
    }
    EXPECT_THAT(problems(ignoring("resource: web, field: [], reason: x, until: 2026-12-31")),
                HasSubstr("cannot use ignore.1.field: the list is empty"));
    EXPECT_THAT(problems(ignoring("resource: web, field: cpus, reason: ' ', until: 2026-12-31")),
                HasSubstr("ignore.1.reason: ' ' in quotes is not one line"));
    EXPECT_THAT(problems(shortest("ignore: {resource: web}\n")),
                HasSubstr("cannot read ignore: a map is not a list"));
    EXPECT_THAT(problems(shortest("ignore: [web]\n")),
                HasSubstr("cannot read ignore.1: a map is expected"));
}

TEST(Ignore, TakesWhatOnlyTunes) {
    for (const char* field : {"memory", "cpus", "pids", "shared memory", "environment LOG_LEVEL"}) {
        EXPECT_EQ(problems(ignoring_field("sidekiq.main", field)), "") << field;
    }
    EXPECT_EQ(problems(ignoring_field("postgres", "parameter work_mem")), "");
    EXPECT_EQ(problems(ignoring_field("redis", "memory")), "");
}

TEST(Ignore, RefusesWhatKeepsDataSafe) {
    for (const char* field : {"image", "mounts"}) {
        EXPECT_EQ(problems(ignoring_field("web", field)), "a.yaml:5:33: cannot ignore '" +
                                                              std::string(field) +
                                                              "' of web: it keeps the data safe\n");
    }
    for (const char* field : {"network example-internal", "ports", "route other"}) {
        EXPECT_THAT(problems(ignoring_field("web", field)), HasSubstr("who reaches the data"))
            << field;
    }
    for (const char* field : {"state", "existence", "name"}) {
        EXPECT_THAT(problems(ignoring_field("web", field)), HasSubstr("is always brought back"));
    }
    for (const char* field : {"capabilities", "host configuration privileged", "user"}) {
        EXPECT_THAT(problems(ignoring_field("web", field)), HasSubstr("a break-in"));
    }
    for (const char* field : {"restart policy", "command", "environment DB_HOST",
                              "environment SECRET_KEY_BASE", "environment LD_PRELOAD"}) {
        EXPECT_THAT(problems(ignoring_field("web", field)), HasSubstr("matriarch works by it"))
            << field;
    }
    EXPECT_THAT(problems(ignoring_field("postgres", "parameter fsync")),
                HasSubstr("it keeps the data safe"));
    EXPECT_THAT(problems(ignoring_field("web", "parameter work_mem")),
                HasSubstr("only postgres has parameters"));
    EXPECT_THAT(problems(ignoring_field("redis", "environment A")), HasSubstr("have settings"));
    EXPECT_THAT(hints(ignoring_field("web", "image")), HasSubstr("memory, cpus, pids"));
}

TEST(Ignore, KnowsPartsFieldsAndDays) {
    EXPECT_EQ(problems(ignoring_field("wep", "memory")),
              "a.yaml:5:21: cannot use ignore.1.resource: this file has no part 'wep'\n");
    EXPECT_THAT(hints(ignoring_field("wep", "memory")), HasSubstr("Did you mean 'web'?"));
    EXPECT_THAT(hints(ignoring_field("container", "memory")), HasSubstr("sidekiq.main"));
    EXPECT_THAT(problems(ignoring_field("sidekiq.other", "memory")), HasSubstr("no part"));
    EXPECT_THAT(hints(ignoring_field("web", "memroy")), HasSubstr("Did you mean 'memory'?"));
    EXPECT_THAT(problems(ignoring("resource: web, field: cpus, reason: x, until: 2026-02-30")),
                HasSubstr("ignore.1.until: '2026-02-30' is no day: no calendar has it"));
    EXPECT_THAT(problems(ignoring("resource: web, field: cpus, reason: x, until: tomorrow")),
                HasSubstr("is not a day such as 2026-12-31"));
    EXPECT_THAT(
        problems(shortest("ignore:\n"
                          "  - {resource: web, field: cpus, reason: x, until: 2026-12-31}\n"
                          "  - {resource: web, field: cpus, reason: y, until: 2027-12-31}\n")),
        HasSubstr("a.yaml:7:5: cannot use ignore.2: 'cpus' of web is ignored twice"));
}

}  // namespace
}  // namespace matriarch::specs
