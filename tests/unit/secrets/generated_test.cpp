// Secrets are made once, as Mastodon's own tasks make them, and never made again.
// Forms come from facts/mastodon-container-contract.md 2.1.
#include "controller/secrets/generated.hpp"

#include <gmock/gmock.h>

#include <regex>

#include "controller/base/encoding.hpp"
#include "controller/base/files.hpp"
#include "controller/secrets/vapid.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct GeneratedTest : testing::Test {
    Scratch scratch{};
    InstanceFolder folder{*State(scratch / "s").instance("e")};
    WantedSecrets wanted{.has_record_encryption = true, .backup_password = "restic-password"};

    Secrets generate(const Secrets& given = {}) {
        auto made = generate_missing(folder, wanted, given);
        EXPECT_TRUE(made) << to_text(made.error());
        return made ? *made : Secrets{};
    }
};

TEST_F(GeneratedTest, HaveTheFormMastodonExpects) {
    const Secrets made = generate();
    const auto expect = [&made](const std::string& name, const char* form) {
        ASSERT_TRUE(made.contains(name)) << name;
        EXPECT_TRUE(std::regex_match(made.at(name).reveal(), std::regex(form))) << name;
    };
    expect("SECRET_KEY_BASE", "[0-9a-f]{128}");
    expect("OTP_SECRET", "[0-9a-f]{128}");
    expect("DB_PASS", "[A-Za-z0-9]{32}");
    expect("restic-password", "[A-Za-z0-9]{32}");
    expect("ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", "[A-Za-z0-9]{32}");
    expect("ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY", "[A-Za-z0-9]{32}");
    expect("ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT", "[A-Za-z0-9]{32}");
    expect("VAPID_PRIVATE_KEY", "[A-Za-z0-9_-]{43}=");
    expect("VAPID_PUBLIC_KEY", "B[A-Za-z0-9_-]{86}=");
    EXPECT_EQ(made.size(), 9U);
    EXPECT_EQ(Scratch::mode(folder.secrets()), 0600U);
}

TEST_F(GeneratedTest, AreMadeOnce) {
    const Secrets first = generate();
    const std::string file = Scratch::content(folder.secrets());
    const Secrets second = generate();
    EXPECT_EQ(Scratch::content(folder.secrets()), file);
    for (const auto& [name, value] : first) EXPECT_TRUE(second.at(name).is_same_as(value)) << name;
    EXPECT_THAT(missing_names(wanted, *load_generated(folder)), IsEmpty());
}

TEST_F(GeneratedTest, AreNotMadeByLoading) {
    EXPECT_TRUE(load_generated(folder)->empty());
    EXPECT_FALSE(std::filesystem::exists(folder.secrets()));
    EXPECT_EQ(missing_names(wanted, {}).size(), 9U);
    EXPECT_EQ(missing_names({.has_record_encryption = false}, {}).size(), 5U);
    EXPECT_EQ(missing_names({}, {{"DB_PASS", Secret("")}}).size(), 8U);  // blank is missing
}

TEST_F(GeneratedTest, GiveWayToWhatIsGiven) {
    const Secrets made = generate({{"DB_PASS", Secret("given")}, {"SMTP_PASSWORD", Secret("s")}});
    EXPECT_EQ(made.at("DB_PASS").reveal(), "given");
    EXPECT_EQ(made.at("SMTP_PASSWORD").reveal(), "s");
    EXPECT_FALSE(load_generated(folder)->contains("DB_PASS"));  // what is given is not copied
    EXPECT_FALSE(load_generated(folder)->contains("SMTP_PASSWORD"));
}

TEST_F(GeneratedTest, AreNotReplacedWhereTheFileIsDamagedOrOpenToOthers) {
    ASSERT_TRUE(make_folder(folder.root));
    ASSERT_TRUE(write_file(folder.secrets(), "DB_PASS"));
    EXPECT_EQ(generate_missing(folder, wanted, {}).error().kind, ErrorKind::invalid);
    ASSERT_TRUE(write_file(folder.secrets(), "DB_PASS=x\n", {.mode = 0644}));
    EXPECT_EQ(generate_missing(folder, wanted, {}).error().kind, ErrorKind::refused);
    EXPECT_EQ(Scratch::content(folder.secrets()), "DB_PASS=x\n");
}

TEST_F(GeneratedTest, ComeBackFromAContainerThatStillRuns) {
    const Secrets environment{{"DB_PASS", Secret("from-container")},
                              {"SECRET_KEY_BASE", Secret("from-container-too")},
                              {"OTP_SECRET", Secret("")},
                              {"PATH", Secret("/bin")}};
    EXPECT_THAT(*recover_generated(folder, wanted, environment),
                ElementsAre("SECRET_KEY_BASE", "DB_PASS"));
    EXPECT_EQ(load_generated(folder)->at("DB_PASS").reveal(), "from-container");
    EXPECT_EQ(load_generated(folder)->size(), 2U);
    const Secrets other{{"DB_PASS", Secret("another")}};
    EXPECT_THAT(*recover_generated(folder, wanted, other), IsEmpty());
    EXPECT_EQ(load_generated(folder)->at("DB_PASS").reveal(), "from-container");
}

TEST_F(GeneratedTest, ComeOutOfABackupButNeverInPlaceOfAnotherKey) {
    ASSERT_TRUE(make_folder(folder.root));
    ASSERT_TRUE(write_file(folder.secrets(), "restic-password=p\n"));
    const Secrets taken{{"SECRET_KEY_BASE", Secret("a")},
                        {"OTP_SECRET", Secret("b")},
                        {"SMTP_PASSWORD", Secret("old")}};
    const Secrets given{{"SMTP_PASSWORD", Secret("new")}, {"OTP_SECRET", Secret("b")}};
    for (int time = 0; time < 2; ++time) {
        ASSERT_TRUE(adopt_secrets(folder, taken, given));
        const Secrets kept = *load_generated(folder);
        EXPECT_EQ(kept.at("SECRET_KEY_BASE").reveal(), "a");
        EXPECT_EQ(kept.at("restic-password").reveal(), "p");
        EXPECT_EQ(kept.size(), 2U);  // what is given is not copied
    }
    const Secrets other{{"SECRET_KEY_BASE", Secret("c")}};
    const auto refused = adopt_secrets(folder, taken, other);
    EXPECT_EQ(refused.error().kind, ErrorKind::refused);
    EXPECT_EQ(refused.error().message.find("\"c\""), std::string::npos);
    EXPECT_EQ(load_generated(folder)->at("SECRET_KEY_BASE").reveal(), "a");
}

TEST_F(GeneratedTest, CompleteAVapidPairOnlyFromItsPrivateHalf) {
    const VapidKeys keys = generate_vapid_keys();
    generate();  // a pair of our own, to be left for the one that is given
    const Secrets made = generate({{"VAPID_PRIVATE_KEY", keys.private_key}});
    EXPECT_EQ(made.at("VAPID_PUBLIC_KEY").reveal(), keys.public_key);
    const InstanceFolder other = *State(scratch / "s").instance("other");
    const Secrets half{{"VAPID_PUBLIC_KEY", Secret(keys.public_key)}};
    EXPECT_EQ(generate_missing(other, wanted, half).error().kind, ErrorKind::invalid);
}

TEST(Vapid, AgreesWithAKnownPair) {
    // NIST P-256: the public point of scalar 1 is the generator (FIPS 186-4, D.1.2.3).
    std::string one(32, '\0');
    one.back() = 1;
    const auto generator = vapid_public_key(Secret(to_base64_url(one)));
    ASSERT_TRUE(generator);
    EXPECT_EQ(to_hex(from_base64(*generator)),
              "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
              "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
    EXPECT_FALSE(vapid_public_key(Secret(to_base64_url(std::string(32, '\0')))));
    EXPECT_FALSE(vapid_public_key(Secret(to_base64_url(std::string(32, '\xFF')))));
    EXPECT_FALSE(vapid_public_key(Secret("not a key")));
}

}  // namespace
}  // namespace matriarch::controller
