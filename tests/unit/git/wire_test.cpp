// Messages between parent and child: what is written reads back, and half a message is no message.
#include "controller/git/wire.hpp"

#include <gtest/gtest.h>

namespace matriarch::git {
namespace {

Revision example() {
    return {
        .id = std::string(40, 'a'),
        .author = "Ada",
        .email = "ada@example.org",
        .subject = "end 0",
        .time = std::chrono::sys_seconds(std::chrono::seconds(-5)),
        .parents = {std::string(40, 'b'), std::string(40, 'c')},
        .signature = "-----BEGIN SSH SIGNATURE-----\n",
        .signed_bytes = "tree\nend 0\n",
        .relation = Relation::rewritten,
        .since = {std::string(40, 'a'), std::string(40, 'd')},
        .merged = {std::string(40, 'e')},
        .is_dirty = true,
        .files = {{.path = "a.yaml", .kind = FileKind::yaml, .content = "x\nend 0\n\n"},
                  {.path = "b.yaml",
                   .kind = FileKind::yaml,
                   .error = Error{.kind = ErrorKind::invalid,
                                  .message = "no",
                                  .hint = "Yes.",
                                  .where = "b.yaml:1:2"}},
                  {.path = "c.age", .kind = FileKind::secrets, .content = std::string("\0\n", 2)}},
        .problems = {{.path = "d", .message = "odd", .is_error = true},
                     {.path = "e", .message = "fine", .is_error = false}},
        .passed_over = {"README.md", "a.yam"}};
}

TEST(GitWire, ReadsBackARevision) {
    std::string text;
    append_tip(text, std::string(40, 'a'));
    append_revision(text, example());
    const Result<Revision> read = decode_answer(parse_fields(text));
    ASSERT_TRUE(read);
    std::string again;
    append_tip(again, std::string(40, 'a'));
    append_revision(again, *read);
    EXPECT_EQ(again, text);
    ASSERT_EQ(read->files.size(), 3U);
    EXPECT_EQ(read->passed_over, example().passed_over);
    EXPECT_EQ(read->files[1].error->where, "b.yaml:1:2");
    EXPECT_EQ(read->files[2].content, std::string("\0\n", 2));
    EXPECT_TRUE(read->problems[0].is_error);
    EXPECT_FALSE(read->problems[1].is_error);
    EXPECT_EQ(read->relation, Relation::rewritten);
    EXPECT_EQ(read->since, example().since);
    EXPECT_EQ(read->merged, example().merged);
    EXPECT_FALSE(read->is_readable());
}

TEST(GitWire, ReadsBackARequest) {
    Request request{
        .task = Task::accept,
        .source = {.url = "u", .branch = "b", .known_commit = "k", .allow_insecure = true},
        .token = Secret("tok"),
        .commit = "c",
        .writing = {.files = {{"a/b.md", "x\nend 0\n"}, {"c.md", ""}},
                    .edits = {{"a.yaml", "k", "1", "2"}, {"b.yaml", "k", "", "3"}},
                    .base = "main",
                    .subject = "s"}};
    const Result<Request> read = decode_request(encode_request(request));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->task, Task::accept);
    EXPECT_EQ(read->source.url, "u");
    EXPECT_EQ(read->source.branch, "b");
    EXPECT_EQ(read->source.known_commit, "k");
    EXPECT_TRUE(read->source.allow_insecure);
    EXPECT_TRUE(read->token.is_same_as(Secret("tok")));
    EXPECT_EQ(read->commit, "c");
    EXPECT_EQ(read->writing.base, "main");
    ASSERT_EQ(read->writing.edits.size(), 2U);
    EXPECT_EQ(read->writing.edits.at(1).path, "b.yaml");
    EXPECT_EQ(read->writing.edits.at(1).to, "3");
    EXPECT_EQ(encode_request(*read), encode_request(request));
}

TEST(GitWire, RefusesEveryCutAndEveryGarbledAnswer) {
    std::string text;
    append_revision(text, example());
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_FALSE(decode_answer(parse_fields(text.substr(0, length)))) << length;
    }
    EXPECT_FALSE(decode_answer(parse_fields(text + "x")));
    for (const char* odd : {"end 0", "a 99999999999999999999\n", "a -1\n\n", "A 0\n\nend 0\n\n",
                            "id 3\nabc\nend 0\n\n", "a 0\nxend 0\n\n"}) {
        EXPECT_FALSE(decode_answer(parse_fields(odd))) << odd;
    }
}

TEST(GitWire, LetsNothingThroughThatCommandsATerminal) {
    std::string text;
    append_revision(text, {.subject = "a\x1b[2Jb", .problems = {{.path = "x\ny"}}});
    const Result<Revision> read = decode_answer(parse_fields(text));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->subject, "a\\u001b[2Jb");
    EXPECT_EQ(read->problems.at(0).path, "x\\ny");
}

TEST(GitWire, KeepsAnAuthorThatIsNotUtf8Readable) {
    std::string text;
    append_revision(text, {.author = "J\xF6rg"});
    const Result<Revision> read = decode_answer(parse_fields(text));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->author, "J\\xf6rg");
}

TEST(GitWire, RefusesAParentThatIsNoId) {
    std::string text;
    append_revision(text, {.parents = {"--upload-pack=x"}});
    EXPECT_FALSE(decode_answer(parse_fields(text)));
}

TEST(GitWire, PassesAnErrorOn) {
    std::string text;
    append_error(text, {.kind = ErrorKind::refused, .message = "m", .hint = "H.", .where = "w"});
    const Result<Revision> read = decode_answer(parse_fields(text));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::refused);
    EXPECT_EQ(to_text(read.error()), "w: m\n  HINT: H.");
}

}  // namespace
}  // namespace matriarch::git
