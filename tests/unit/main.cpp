// The unit tests' program: every *_test.cpp below tests/unit is linked into it. Started by itself
// as `git-worker`, it is the git child, as the real program is.
#include <gtest/gtest.h>

#include <string_view>

#include "controller/git/worker.hpp"

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view(argv[1]) == "git-worker") {
        return matriarch::git::git_worker_main();
    }
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
