// The protocol between the program and its git child, both ways; either may be lied to.
#include "controller/git/wire.hpp"
#include "specs/values/check.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

void try_request(std::string_view input) {
    const auto request = git::decode_request(input);
    if (!request) return check_error(request.error());
    const std::string text = git::encode_request(*request);
    const auto again = git::decode_request(text);
    CHECK(again && git::encode_request(*again) == text, "a request reads back the same");
}

void check_revision(const git::Revision& revision) {
    CHECK(revision.id.empty() || git::is_commit_id(revision.id), "an id is an id");
    for (const std::string* text : {&revision.author, &revision.email, &revision.subject}) {
        check_shown(*text);
    }
    for (const git::File& file : revision.files) {
        check_shown(file.path);
        check_shown(file.shown);
        if (file.error) {
            check_shown(file.error->message);
            check_shown(file.error->hint);
        }
    }
    for (const git::Problem& problem : revision.problems) {
        check_shown(problem.path);
        check_shown(problem.message);
    }
    for (const std::string& parent : revision.parents) {
        CHECK(git::is_commit_id(parent), "a parent is an id");
    }
}

std::string text_of(const git::Revision& revision) {
    std::string text;
    git::append_revision(text, revision);
    return text;
}

}  // namespace

void try_input(std::string_view input) {
    try_request(input);
    const git::Fields fields = git::parse_fields(input);
    std::size_t bytes = 0;
    for (const git::Field& field : fields.list) bytes += field.name.size() + field.value.size();
    CHECK(bytes <= input.size(), "no more comes out than went in");

    const auto revision = git::decode_answer(fields);
    if (!revision) return check_shown(revision.error().message);
    check_revision(*revision);
    const std::string text = text_of(*revision);
    const auto again = git::decode_answer(git::parse_fields(text));
    CHECK(again && text_of(*again) == text, "an answer reads back the same");
}

}  // namespace matriarch::fuzz
