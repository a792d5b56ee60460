// age files, with the real `age`: what fits is read, what does not is explained without quoting it.
// The canary must not be in any error.
#include "controller/secrets/age.hpp"

#include <gmock/gmock.h>

#include "controller/base/program.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

using testing::HasSubstr;
using testing::Not;

struct AgeTest : testing::Test {
    Scratch scratch{};

    void SetUp() override {
        if (!run_program({.arguments = {"age", "--version"}}))
            GTEST_SKIP() << "age is not installed";
    }
    std::filesystem::path key(const std::string& name) const {
        const auto made =
            run_program({.arguments = {"age-keygen", "-o", (scratch / name).string()}});
        EXPECT_TRUE(made && made->exit_code == 0);
        return scratch / name;
    }
    static std::string encrypted(const std::filesystem::path& key, const std::string& text) {
        std::string recipient =
            run_program({.arguments = {"age-keygen", "-y", key.string()}})->out.reveal();
        recipient.pop_back();
        return run_program({.arguments = {"age", "-r", recipient}, .input = Secret(text)})
            ->out.reveal();
    }
    static Result<Secrets> load(const std::string& content, const std::filesystem::path& identity) {
        return load_age_env({.content = content, .where = "a.age", .identity = identity});
    }
};

TEST_F(AgeTest, ReadsWhatWasEncryptedForIt) {
    const auto mine = key("mine");
    const auto secrets = load(encrypted(mine, "SMTP_PASSWORD=canary\n"), mine);
    ASSERT_TRUE(secrets) << to_text(secrets.error());
    EXPECT_EQ(secrets->at("SMTP_PASSWORD").reveal(), "canary");
}

TEST_F(AgeTest, SaysWhyItCannot) {
    const auto mine = key("mine");
    const std::string content = encrypted(mine, "A=canary\n");
    const auto check = [](const Result<Secrets>& read, ErrorKind kind, const std::string& words) {
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().kind, kind) << to_text(read.error());
        EXPECT_THAT(read.error().message, HasSubstr(words));
        EXPECT_THAT(to_text(read.error()), Not(HasSubstr("canary")));
    };
    check(load(content, key("other")), ErrorKind::refused, "not encrypted for the identity");
    check(load(content, scratch / "absent"), ErrorKind::refused, "there is no identity file");
    check(load(content, scratch.file("open", "AGE-SECRET-KEY-1CANARY", 0644)), ErrorKind::refused,
          "other users may open it");
    check(load(content, scratch.file("bad", "AGE-SECRET-KEY-1canary")), ErrorKind::refused,
          "holds no age key");
    check(load("canary=plain", mine), ErrorKind::invalid, "not an age file");
    check(load(content.substr(0, content.size() - 4), mine), ErrorKind::invalid, "damaged");
    check(load(encrypted(mine, "canary"), mine), ErrorKind::invalid, "not followed by '='");
}

TEST(AgeIdentity, IsTheOneGivenOrTheStates) {
    const State state("/s");
    EXPECT_EQ(age_identity(state, "/k"), "/k");
    if (!std::filesystem::exists("/etc/matriarch/age.key")) {
        EXPECT_EQ(age_identity(state, ""), "/s/age.key");
    }
}

}  // namespace
}  // namespace matriarch::controller
