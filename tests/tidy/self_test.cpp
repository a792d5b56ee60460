// Each rule of the house held against a snippet that breaks it and one that does not: a rule that
// cannot fail protects nothing.
#include <gtest/gtest.h>

#include "tests/tidy/rules.hpp"

namespace matriarch::tidy {
namespace {

using Rule = Findings (*)(const Tree&);

/// How often a rule is broken by one made-up file.
std::size_t count(Rule rule, const std::string& path, const std::string& text) {
    return rule({source(path, text)}).size();
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

TEST(Rule, SeesALongLineAndCountsCharactersNotBytes) {
    EXPECT_EQ(count(long_lines, "specs/a.cpp", repeated("x", 101) + "\n"), 1U);
    EXPECT_EQ(count(long_lines, "specs/a.cpp", repeated("\xE2\x80\xA6", 100) + "\n"), 0U);
}

TEST(Rule, SeesALongFunctionWhereverItStands) {
    const std::string body = repeated("    x = \"}\";  // }\n", 59);
    EXPECT_EQ(count(long_functions, "specs/a.cpp", "void f() {\n" + body + "}\n"), 1U);
    EXPECT_EQ(count(long_functions, "specs/a.cpp",
                    "namespace a {\nclass B {\n  B() : a_{1}, b_{2} {\n" + body + "}\n};\n}\n"),
              1U);
    EXPECT_EQ(
        count(long_functions, "specs/a.cpp", "static const auto f = [](int a) {\n" + body + "};\n"),
        1U);
    EXPECT_EQ(count(long_functions, "tests/a.cpp", "TEST(A, B) {\n" + body + "}\n"), 1U);
}

TEST(Rule, LeavesAFunctionOfSixtyLinesAndATableAlone) {
    const std::string body = repeated("    {\"a\", f(1)},\n", 58);
    EXPECT_EQ(count(long_functions, "specs/a.cpp", "void f() {\n" + body + "}\n"), 0U);
    EXPECT_EQ(count(long_functions, "specs/a.cpp",
                    "const std::map<int, F> table = {\n" + body + body + "};\n"),
              0U);
    EXPECT_EQ(count(long_functions, "specs/a.cpp",
                    "struct A {\n" + repeated("    int a() { return 1; }\n", 90) + "};\n"),
              0U);
    EXPECT_EQ(count(long_functions, "specs/a.cpp",
                    "void f() {\n" + body + "}\nvoid g() {\n" + body + "}\n"),
              0U);
}

TEST(Rule, SeesALongFileInProductionOnly) {
    const std::string text = repeated("\n", 301);
    EXPECT_EQ(count(long_files, "reconcilers/a.cpp", text), 1U);
    EXPECT_EQ(count(long_files, "tests/unit/a.cpp", text), 0U);
}

TEST(Rule, SeesAnIncludeThatTheTableForbids) {
    const auto broken = [](const std::string& path, const std::string& header) {
        return count(forbidden_includes, path, "#include " + header + "\n");
    };
    EXPECT_EQ(broken("specs/values/a.cpp", "\"specs/instance.hpp\""), 1U);
    EXPECT_EQ(broken("specs/a.cpp", "\"reconcilers/world.hpp\""), 1U);
    EXPECT_EQ(broken("specs/a.cpp", "<yaml-cpp/yaml.h>"), 1U);
    EXPECT_EQ(broken("specs/a.cpp", "<thread>"), 1U);
    EXPECT_EQ(broken("reconcilers/a.cpp", "<boost/json.hpp>"), 1U);
    EXPECT_EQ(broken("reconcilers/a.cpp", "\"controller/engine/engine.hpp\""), 1U);
    EXPECT_EQ(broken("controller/git/a.cpp", "\"controller/engine/engine.hpp\""), 1U);
    EXPECT_EQ(broken("controller/loop/a.cpp", "\"controller/cli/commands.hpp\""), 1U);
    EXPECT_EQ(broken("controller/engine/a.cpp", "<boost/beast/http.hpp>"), 1U);
    EXPECT_EQ(broken("controller/engine/transport.hpp", "<boost/asio.hpp>"), 1U);
    EXPECT_EQ(broken("controller/base/a.cpp", "\"tests/support/plan.hpp\""), 1U);
}

TEST(Rule, LeavesAnIncludeOfTheTableAlone) {
    const auto broken = [](const std::string& path, const std::string& header) {
        return count(forbidden_includes, path, "#include " + header + "\n");
    };
    EXPECT_EQ(broken("specs/yaml.cpp", "<yaml-cpp/yaml.h>"), 0U);
    EXPECT_EQ(broken("reconcilers/a.cpp", "\"specs/instance.hpp\""), 0U);
    EXPECT_EQ(broken("controller/engine/transport.cpp", "<boost/beast/http.hpp>"), 0U);
    EXPECT_EQ(broken("controller/loop/a.cpp", "\"controller/engine/engine.hpp\""), 0U);
    EXPECT_EQ(broken("controller/base/a.cpp", "<unistd.h>"), 0U);
    EXPECT_EQ(broken("tests/unit/a.cpp", "<gtest/gtest.h>"), 0U);
}

TEST(Rule, SeesABannedWordInANameButNotInAWord) {
    EXPECT_EQ(count(banned_words, "specs/a.cpp", "void handle_request();\n"), 1U);
    EXPECT_EQ(count(banned_words, "specs/a.cpp", "class ThingManager {};\n"), 1U);
    EXPECT_EQ(count(banned_words, "specs/string_util.cpp", "\n"), 1U);
    EXPECT_EQ(count(banned_words, "specs/a.cpp", "// handle\nauto a = \"process\";\n"), 0U);
    EXPECT_EQ(
        count(banned_words, "specs/a.cpp", "int handshake = done(domain); do {} while (0);\n"), 0U);
}

TEST(Rule, SeesWorkLeftOverWithoutAnIssue) {
    const std::string mark = "// TO" + std::string("DO");
    EXPECT_EQ(count(todo_without_issue, "specs/a.cpp", mark + ": later\n"), 1U);
    EXPECT_EQ(count(todo_without_issue, "specs/a.cpp", mark + "(#12): later\n"), 0U);
}

TEST(Rule, SeesAFileWithoutAHeaderOrWithAnEssay) {
    EXPECT_EQ(count(missing_headers, "specs/a.hpp", "#pragma once\n"), 1U);
    EXPECT_EQ(count(missing_headers, "specs/a.hpp", repeated("// a\n", 9)), 1U);
    EXPECT_EQ(count(missing_headers, "specs/a.hpp", "// What it is.\n#pragma once\n"), 0U);
}

TEST(Rule, SeesASourceThatNoListNames) {
    const Source list =
        source("specs/CMakeLists.txt", "add_library(specs STATIC\n  values/a.cpp\n)\n");
    EXPECT_EQ(unlisted_sources({list, source("specs/values/a.cpp", "")}).size(), 0U);
    EXPECT_EQ(unlisted_sources({list, source("specs/b.cpp", "")}).size(), 1U);
    EXPECT_EQ(unlisted_sources({list, source("specs/values/aa.cpp", "")}).size(), 1U);
}

TEST(Rule, SeesAFolderWithoutAReadmeAndOneThatIsTooLong) {
    Tree tree;
    for (const std::string folder :
         {"", "specs/", "reconcilers/", "controller/", "examples/", "tests/"}) {
        tree.push_back(source(folder + "README.md", "# a\n"));
    }
    EXPECT_EQ(missing_readmes(tree).size(), 0U);
    tree.push_back(source("controller/git/a.cpp", ""));
    EXPECT_EQ(missing_readmes(tree).size(), 1U);
    tree.push_back(source("controller/git/README.md", repeated("a\n", 81)));
    EXPECT_EQ(missing_readmes(tree).size(), 1U);
}

TEST(Rule, SeesAnEighthNameAndAMissingOne) {
    Tree tree;
    for (const std::string path : {"CMakeLists.txt", "README.md", "controller/a", "examples/a",
                                   "reconcilers/a", "specs/a", "tests/a", ".ci/run"}) {
        tree.push_back(source(path, ""));
    }
    EXPECT_EQ(strange_top_level_names(tree).size(), 0U);
    tree.push_back(source("docs/a.md", ""));
    EXPECT_EQ(strange_top_level_names(tree).size(), 1U);
    tree.erase(tree.begin());
    EXPECT_EQ(strange_top_level_names(tree).size(), 2U);
}

}  // namespace
}  // namespace matriarch::tidy
