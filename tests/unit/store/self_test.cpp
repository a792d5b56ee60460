// Which controller this is: the same for as long as its state folder is, and no copy of it.
#include "controller/store/self.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "controller/base/files.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

class SelfOfAFolder : public testing::Test {
 protected:
    [[nodiscard]] State state(const std::string& name) const {
        return State(scratch_.path() / name);
    }
    static std::string id(const State& state) {
        const auto self = self_of(state);
        EXPECT_TRUE(self) << to_text(self.error());
        return self ? self->id : "";
    }
    Scratch scratch_{};
};

TEST_F(SelfOfAFolder, IsTheSameAgain) {
    EXPECT_EQ(id(state("one")).size(), 32U);
    EXPECT_EQ(id(state("one")), id(state("one")));
}

TEST_F(SelfOfAFolder, IsTheSameInARenamedFolder) {
    const std::string before = id(state("one"));
    std::filesystem::rename(state("one").root(), state("two").root());
    EXPECT_EQ(id(state("two")), before);
}

TEST_F(SelfOfAFolder, IsAnotherInAnotherFolder) {
    EXPECT_NE(id(state("one")), id(state("two")));
}

TEST_F(SelfOfAFolder, IsAnotherInACopyOfTheFolder) {
    const std::string before = id(state("one"));
    std::filesystem::copy(state("one").root(), state("two").root(),
                          std::filesystem::copy_options::recursive);
    EXPECT_NE(id(state("two")), before);
    EXPECT_EQ(id(state("one")), before);
}

TEST_F(SelfOfAFolder, SaysWhereItIs) {
    const auto self = self_of(state("one"));
    ASSERT_TRUE(self);
    EXPECT_TRUE(self->place.starts_with(state("one").root().string() + " on ")) << self->place;
}

TEST_F(SelfOfAFolder, IsNotMadeOfAnEmptyFile) {
    ASSERT_TRUE(make_folder(state("one").root()));
    ASSERT_TRUE(write_file(state("one").controller(), ""));
    const auto self = self_of(state("one"));
    ASSERT_FALSE(self);
    EXPECT_EQ(self.error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace matriarch::controller
