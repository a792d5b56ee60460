// Metrics as Prometheus reads them, and the token that guards the rest.
// Whole texts are compared: a scraper forgives nothing.
#include "controller/http/metrics.hpp"

#include <gtest/gtest.h>

#include "controller/http/token.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

TEST(Metrics, AreWrittenInPrometheusTextFormat) {
    Metrics metrics;
    metrics.declare(
        {.name = "matriarch_steps_total", .kind = MetricKind::counter, .help = "Steps."});
    metrics.declare({.name = "matriarch_ready", .help = "A \"quoted\" \\ help\nin lines"});
    metrics.add("matriarch_steps_total", {{"instance", "b"}, {"action", "start"}});
    metrics.add("matriarch_steps_total", {{"instance", "b"}, {"action", "start"}}, 2);
    metrics.add("matriarch_steps_total", {{"instance", "a\"\\\n"}});
    metrics.set("matriarch_ready", {}, 0.5);
    EXPECT_EQ(metrics.text(),
              "# HELP matriarch_ready A \"quoted\" \\\\ help\\nin lines\n"
              "# TYPE matriarch_ready gauge\n"
              "matriarch_ready 0.5\n"
              "# HELP matriarch_steps_total Steps.\n"
              "# TYPE matriarch_steps_total counter\n"
              "matriarch_steps_total{action=\"start\",instance=\"b\"} 3\n"
              "matriarch_steps_total{instance=\"a\\\"\\\\\\n\"} 1\n");
}

TEST(Metrics, ForgetAnInstanceThatHasGone) {
    Metrics metrics;
    metrics.declare({.name = "m", .help = "h"});
    metrics.set("m", {{"instance", "a"}}, 1);
    metrics.set("m", {{"instance", "b"}}, 2);
    metrics.declare({.name = "m", .help = "another"});
    metrics.forget("instance", "a");
    EXPECT_EQ(metrics.text(), "# HELP m h\n# TYPE m gauge\nm{instance=\"b\"} 2\n");
}

TEST(Token, IsMadeOnceAndKeptPrivate) {
    const Scratch scratch;
    const auto made = load_or_make_token(scratch / "token");
    ASSERT_TRUE(made);
    EXPECT_EQ(made->reveal().size(), 64U);
    EXPECT_EQ(Scratch::mode(scratch / "token"), 0600U);
    EXPECT_TRUE(load_or_make_token(scratch / "token")->is_same_as(*made));
    EXPECT_EQ(load_or_make_token(scratch.file("short", "abc\n")).error().kind, ErrorKind::refused);
    EXPECT_EQ(load_or_make_token(scratch.file("empty", "")).error().kind, ErrorKind::refused);
    const std::string good(20, 'x');
    EXPECT_EQ(load_or_make_token(scratch.file("own", good + "\n"))->reveal(), good);
    EXPECT_FALSE(load_or_make_token(scratch.file("open", good, 0644)));
}

}  // namespace
}  // namespace matriarch::controller
