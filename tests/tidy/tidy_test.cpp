// The house rules, held against every file of the project, and the list of exceptions.
//
// An exception names a rule, a file and an excuse. One that excuses nothing any more fails the
// test.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/tidy/rules.hpp"

namespace matriarch::tidy {
namespace {

struct Exception {
    std::string rule{};
    std::string path{};
    std::string contains{};  ///< part of the message; empty: all of this rule in this file
    std::string excuse{};
};

const std::vector<Exception>& exceptions() {
    static const std::vector<Exception> list = {
        {"header", "specs/values/result.hpp", "", "read by everyone: it carries an example"},
        {"header", "controller/engine/engine.hpp", "", "the whole outside world is explained here"},
        {"line", "tests/fuzz/corpus/", "", "inputs of the fuzzers: bytes, not text"},
        {"line", "tests/images/", "", "the stand-in's scripts: tables of routes and commands"},
        {"readme", "tests/README.md", "", "it carries the ledger, which only grows"},
        {"readme", "tests/images/README.md", "", "the stand-in's contract, route by route"},
    };
    return list;
}

const Tree& tree() {
    static const Tree files = read_tree(MATRIARCH_SOURCE_DIR);
    return files;
}

bool excuses(const Exception& exception, const std::string& rule, const Finding& finding) {
    const bool is_folder = ends_with(exception.path, "/");
    const bool is_here =
        is_folder ? starts_with(finding.path, exception.path) : finding.path == exception.path;
    return exception.rule == rule && is_here &&
           finding.message.find(exception.contains) != std::string::npos;
}

/// Fails once per rule, with every place on a line of its own.
void expect_tidy(const std::string& rule, const Findings& findings) {
    std::set<const Exception*> used;
    std::string broken;
    for (const Finding& finding : findings) {
        bool excused = false;
        for (const Exception& exception : exceptions()) {
            if (!excuses(exception, rule, finding)) continue;
            used.insert(&exception);
            excused = true;
        }
        if (excused) continue;
        broken += "  " + finding.path + ":" + std::to_string(finding.line) + ": ";
        broken += finding.message + "\n";
    }
    for (const Exception& exception : exceptions()) {
        if (exception.rule != rule || used.contains(&exception)) continue;
        broken += "  " + exception.path + ": its exception excuses nothing\n";
    }
    if (!broken.empty()) ADD_FAILURE() << "the rule '" << rule << "' is broken by\n" << broken;
}

TEST(House, LinesHaveAtMostAHundredColumns) {
    expect_tidy("line", long_lines(tree()));
}
TEST(House, FunctionsHaveAtMostSixtyLines) {
    expect_tidy("function", long_functions(tree()));
}
TEST(House, ProductionFilesHaveAtMostThreeHundredLines) {
    expect_tidy("file", long_files(tree()));
}
TEST(House, FoldersIncludeOnlyWhatTheTableAllows) {
    expect_tidy("include", forbidden_includes(tree()));
}
TEST(House, NamesSayWhatTheyMean) {
    expect_tidy("word", banned_words(tree()));
}
TEST(House, WorkLeftOverHasAnIssue) {
    expect_tidy("todo", todo_without_issue(tree()));
}
TEST(House, FilesBeginWithWhatTheyAre) {
    expect_tidy("header", missing_headers(tree()));
}
TEST(House, SourcesAreListedForTheBuild) {
    expect_tidy("listed", unlisted_sources(tree()));
}
TEST(House, FoldersOfTheLayoutHaveAShortReadme) {
    expect_tidy("readme", missing_readmes(tree()));
}
TEST(House, TheTopLevelHasExactlySevenVisibleNames) {
    expect_tidy("top", strange_top_level_names(tree()));
}

TEST(House, TheSourcesWereFound) {
    EXPECT_GE(std::ranges::count_if(tree(), is_cpp), 20) << "looked in " MATRIARCH_SOURCE_DIR;
}

}  // namespace
}  // namespace matriarch::tidy
