// What the Engine says of everything else: recorded answers, and answers that are none.
#include "controller/engine/wire.hpp"

#include <gtest/gtest.h>

#include "controller/engine/wire_fields.hpp"
#include "tests/unit/engine/recorded.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

TEST(Wire, ReadsNetworksVolumesAndImages) {
    const auto network = wire::read_network(recorded("network.json"));
    ASSERT_TRUE(network);
    EXPECT_EQ(network->name, "one");
    EXPECT_EQ(network->id.size(), 64U);
    EXPECT_FALSE(network->internal);

    const auto volume = wire::read_volume(recorded("volume.json"));
    ASSERT_TRUE(volume);
    EXPECT_EQ(volume->name, "example-media");
    EXPECT_TRUE(volume->created_at.starts_with("2026-11-22T"));

    const auto volumes =
        wire::read_volume_list("{\"Volumes\":[" + recorded("volume.json") + "],\"Warnings\":null}");
    ASSERT_TRUE(volumes);
    ASSERT_EQ(volumes->size(), 1U);
    EXPECT_EQ(volumes->front().name, "example-media");
    const auto none = wire::read_volume_list(R"({"Volumes":null,"Warnings":null})");
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->empty());
    EXPECT_FALSE(wire::read_volume_list(R"({"Volumes":[{"Labels":null}]})"));
    EXPECT_FALSE(wire::read_volume_list("[]"));

    const auto image = wire::read_image(recorded("image.json"));
    ASSERT_TRUE(image);
    EXPECT_TRUE(image->id.starts_with("sha256:"));
    EXPECT_EQ(image->command, (Texts{"/bin/busybox", "sleep", "1000"}));
    EXPECT_GT(image->size.count, 1'000'000);
}

TEST(Wire, ReadsWhatAnImageBringsAlong) {
    const auto image = wire::read_image(
        R"({"Id":"sha256:1","RepoTags":["a:1"],
            "RepoDigests":["a@sha256:2"],"Size":5,"Config":{"User":"991",
            "Env":["PATH=/bin","E"],"Entrypoint":["/e"],"Volumes":{"/b":{},"/a":{}},
            "Labels":{"l":"1"},"StopSignal":"SIGQUIT",
            "Healthcheck":{"Test":["CMD","h"],"Interval":30000000000,"StartPeriod":1000000}}})");
    ASSERT_TRUE(image);
    EXPECT_EQ(image->tags, Texts{"a:1"});
    EXPECT_EQ(image->repository_digests, Texts{"a@sha256:2"});
    EXPECT_EQ(image->environment,
              (std::map<std::string, std::string>{{"PATH", "/bin"}, {"E", ""}}));
    EXPECT_EQ(image->volumes, (Texts{"/a", "/b"}));
    EXPECT_EQ(image->stop_signal, "SIGQUIT");
    EXPECT_EQ(image->health->interval, 30s);
    EXPECT_EQ(image->health->start_period, 0s);
}

TEST(Wire, ReadsTheListOfContainers) {
    const auto list = wire::read_container_list(recorded("containers.json"));
    ASSERT_TRUE(list);
    ASSERT_EQ(list->size(), 3U);
    EXPECT_EQ(list->at(0).name, "example-job-1");
    EXPECT_EQ(list->at(1).labels.at("social.matriarch.role"), "web");
    EXPECT_EQ(list->at(1).state, "running");
    EXPECT_TRUE(wire::read_container_list("[]")->empty());
    for (const char* garbage : {"{}", "null", "[1]", "[{}]", "[{\"Id\":1}]"}) {
        EXPECT_FALSE(wire::read_container_list(garbage)) << garbage;
    }
}

TEST(Wire, ReadsWhatTheEngineIs) {
    const auto facts = wire::read_info(recorded("info.json"));
    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->version.starts_with("20.10.24"));
    EXPECT_EQ(facts->data_root, "/tmp/e/d");
    EXPECT_EQ(facts->cpus, 2);
    EXPECT_GT(facts->memory.count, gib(1).count);
    EXPECT_FALSE(facts->live_restore);
}

TEST(Wire, ReadsEvents) {
    const std::string text = recorded("events.jsonl");
    std::vector<Event> events;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
        const auto event = wire::read_event(std::string_view(text).substr(begin, end - begin));
        ASSERT_TRUE(event);
        events.push_back(*event);
    }
    ASSERT_EQ(events.size(), 5U);
    EXPECT_EQ(events[1].action, "health_status: unhealthy");
    EXPECT_EQ(events[3].type, "container");
    EXPECT_EQ(events[3].attributes.at("exitCode"), "3");
    EXPECT_GT(events[3].time_ns, 1'700'000'000'000'000'000);
    EXPECT_FALSE(wire::read_event("{}"));
}

TEST(Wire, KnowsACommandHasEndedOnlyByItsExitCode) {
    EXPECT_TRUE(wire::read_exec(recorded("exec_created.json"))->is_running);
    const auto ended = wire::read_exec(recorded("exec_done.json"));
    EXPECT_FALSE(ended->is_running);
    EXPECT_EQ(ended->exit_code, 1);
    EXPECT_FALSE(wire::read_exec("{}"));
}

TEST(Wire, FindsTheErrorInsideAPullsProgress) {
    const auto line = wire::read_pull_line(
        R"({"status":"Downloading","progressDetail":{"current":5,"total":9},"id":"a"})");
    EXPECT_EQ(line->current, 5);
    EXPECT_EQ(line->error, "");
    EXPECT_EQ(wire::read_pull_line(R"({"errorDetail":{"message":"m"},"error":"e"})")->error, "m");
    EXPECT_EQ(wire::read_pull_line(R"({"error":"e"})")->error, "e");
    EXPECT_NE(wire::read_pull_line(R"({"errorDetail":{}})")->error, "");
    EXPECT_FALSE(wire::read_pull_line("oops"));
}

TEST(Wire, ReadsTimesWithFractionsAndOffsets) {
    using wire::parse_time;
    const reconcilers::Time base = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 18h;
    EXPECT_EQ(parse_time("2026-11-22T18:00:00Z"), base);
    EXPECT_EQ(parse_time("2026-11-22T18:00:00.1Z"), base + 100ms);
    EXPECT_EQ(parse_time("2026-11-22T18:00:00.123999999Z"), base + 123ms);
    EXPECT_EQ(parse_time("2026-11-23T03:00:00.5+09:00"), base + 500ms);
    EXPECT_EQ(parse_time("2026-11-22T14:30:00-03:30"), base);
    EXPECT_EQ(parse_time("0001-01-01T00:00:00Z"), reconcilers::Time{});
    for (const char* text :
         {"", "2026-11-22", "2026-11-22 18:00:00Z", "2026-02-30T00:00:00Z", "2026-11-22T18:00:00",
          "2026-11-22T18:00:00.5", "x026-11-22T18:00:00Z"}) {
        EXPECT_EQ(parse_time(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace matriarch::controller
