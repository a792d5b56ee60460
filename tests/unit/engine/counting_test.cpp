// The counting Engine passes every call on, and knows which of them can change the world.
#include <gtest/gtest.h>

#include "controller/engine/counting_engine.hpp"
#include "controller/engine/http_engine.hpp"

namespace matriarch::controller {
namespace {

TEST(CountingEngine, TellsChangesFromQuestions) {
    // No Engine is there: the calls fail, and are counted all the same.
    HttpEngine nobody(Endpoint{.path = "/nonexistent/engine.sock"});
    CountingEngine engine(nobody);
    const Call call;
    EXPECT_FALSE(engine.list_containers("", call));
    EXPECT_FALSE(engine.inspect_container("a", call));
    EXPECT_FALSE(engine.inspect_container("b", call));
    EXPECT_FALSE(engine.execute("a", {"true"}, call));
    EXPECT_EQ(engine.counts().mutating, 0);
    EXPECT_EQ(engine.counts().total, 4);
    EXPECT_EQ(engine.counts().by_method.at("inspect_container"), 2);

    const Result<void> removed = engine.remove_container("a", call);
    EXPECT_EQ(removed.error().kind, ErrorKind::unavailable);
    EXPECT_FALSE(engine.pull_image({}, nullptr, call));
    EXPECT_FALSE(engine.create_container({}, call));
    EXPECT_EQ(engine.counts().mutating, 3);
    engine.reset();
    EXPECT_EQ(engine.counts().total, 0);
}

}  // namespace
}  // namespace matriarch::controller
