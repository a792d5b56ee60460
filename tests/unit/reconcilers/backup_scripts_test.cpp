// The dump of a backup: only a set of which every part ended well gets its name.
#include <gtest/gtest.h>

#include <cstdlib>

#include "reconcilers/backup_scripts.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using controller::Scratch;

/// What psql leaves behind when it was asked, and that it stays until it is asked no more.
const std::string counts =
    "echo snapshot > set.part/exported; echo public.a 1 7 > set.part/rows; "
    "echo system 1 > set.part/facts; cat > /dev/null; ";
const std::string ends_well = ": > set.part/counted";
const std::string writes =
    "[ \"$3\" = --snapshot=snapshot ]; while [ $# -gt 0 ]; do [ \"$1\" = -f ] && echo x > \"$2\"; "
    "shift; done";

/// Runs the script as the job does, with these programs in place of PostgreSQL's.
struct Dump {
    Dump(const std::string& psql, const std::string& pg_dump, const std::string& pg_restore) {
        std::filesystem::create_directories(scene / "bin");
        std::filesystem::create_directories(scene / "backups");
        scene.file("bin/psql", "#!/bin/sh\n" + psql + "\n", 0700);
        scene.file("bin/pg_dump", "#!/bin/sh\n" + pg_dump + "\n", 0700);
        scene.file("bin/pg_restore", "#!/bin/sh\n" + pg_restore + "\n", 0700);
        const auto script = scene.file("script", dump_script());
        const std::string folder = (scene / "backups").string();
        code = std::system(("PATH=" + (scene / "bin").string() +
                            ":$PATH INSTANCE=i HEAD='slot 1\n'" + " FOLDER=" + folder +
                            " timeout 20 sh " + script.string() + " > /dev/null 2>&1")
                               .c_str());
        has_set = std::filesystem::exists(scene / "backups/set");
        leaves_part = std::filesystem::exists(scene / "backups/set.part");
        manifest = Scratch::content(scene / "backups/set/manifest");
    }

    Scratch scene{};
    int code = 0;
    bool has_set = false;
    bool leaves_part = false;
    std::string manifest{};
};

TEST(BackupScripts, ASetHasItsNameOnceEveryPartEndedWell) {
    const Dump dump(counts + ends_well, writes, "exit 0");
    EXPECT_EQ(dump.code, 0);
    EXPECT_TRUE(dump.has_set);
    EXPECT_NE(dump.manifest.find("slot 1\n"), std::string::npos);
    EXPECT_NE(dump.manifest.find("system 1\n"), std::string::npos);
    EXPECT_NE(dump.manifest.find("rows public.a 1 7\n"), std::string::npos);
}

TEST(BackupScripts, AFailureOfAnyPartLeavesNoSet) {
    const Dump attempts[] = {
        Dump("exit 2", writes, "exit 0"),
        Dump(counts + "exit 3", writes, "exit 0"),
        Dump(counts + "kill -9 $$", writes, "exit 0"),
        Dump(counts, writes, "exit 0"),
        Dump(counts + ends_well, "exit 1", "exit 0"),
        Dump(counts + ends_well, "kill -9 $$", "exit 0"),
        Dump(counts + ends_well, writes, "exit 1"),
    };
    for (const Dump& each : attempts) {
        EXPECT_NE(each.code, 0);
        EXPECT_FALSE(each.has_set || each.leaves_part);
    }
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
