// The JSON Schema: well-formed, and made from the same definition that the reader uses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specs/specs.hpp"

namespace matriarch::specs {
namespace {

using testing::HasSubstr;

/// Walks one JSON value; returns the position after it, or npos where it is malformed.
std::size_t after_value(const std::string& json, std::size_t at) {
    const auto skip = [&](std::size_t from) { return json.find_first_not_of(" \n", from); };
    at = skip(at);
    if (at == std::string::npos) return at;
    if (json[at] == '"') {
        for (++at; at < json.size() && json[at] != '"'; ++at) {
            if (static_cast<unsigned char>(json[at]) < 0x20) return std::string::npos;
            if (json[at] == '\\') ++at;
        }
        return at < json.size() ? at + 1 : std::string::npos;
    }
    if (json[at] != '{' && json[at] != '[') {
        const auto end = json.find_first_of(",]} \n", at);
        const std::string word = json.substr(at, end - at);
        const bool is_number = word.find_first_not_of("0123456789.") == std::string::npos;
        return is_number || word == "true" || word == "false" ? end : std::string::npos;
    }
    const bool is_object = json[at] == '{';
    const char close = is_object ? '}' : ']';
    at = skip(at + 1);
    if (at != std::string::npos && json[at] == close) return at + 1;
    while (at != std::string::npos) {
        if (is_object) {
            if (json[at] != '"') return std::string::npos;
            at = skip(after_value(json, at));
            if (at == std::string::npos || json[at] != ':') return std::string::npos;
            ++at;
        }
        at = after_value(json, at);
        if (at == std::string::npos) return at;
        at = skip(at);
        if (at == std::string::npos) return at;
        if (json[at] == close) return at + 1;
        if (json[at] != ',') return std::string::npos;
        at = skip(at + 1);
    }
    return at;
}

TEST(Schema, IsOneWellFormedJsonValue) {
    const std::string json = json_schema();
    EXPECT_EQ(after_value(json, 0), json.size() - 1);
    EXPECT_EQ(json.back(), '\n');
    EXPECT_EQ(after_value("{\"a\": [1, }", 0), std::string::npos);  // the walker itself can fail
}

TEST(Schema, SaysWhatTheDefinitionSays) {
    const std::string json = json_schema();
    EXPECT_THAT(json, HasSubstr("https://json-schema.org/draft/2020-12/schema"));
    EXPECT_THAT(json,
                HasSubstr("\"required\": [\"instance\", \"domain\", \"mastodon\", \"backups\"]"));
    EXPECT_THAT(json, HasSubstr("\"enum\": [\"auto\", \"rolling\", \"stop\"]"));
    EXPECT_THAT(json, HasSubstr("\"maximum\": 65535"));
    EXPECT_THAT(json, HasSubstr("\"default\": \"768MiB\""));
    EXPECT_THAT(json, HasSubstr("Threads of each worker (MAX_THREADS)."));
    EXPECT_THAT(json, HasSubstr("\"const\": \"external\""));
    EXPECT_THAT(json, HasSubstr("\"additionalProperties\": false"));
    EXPECT_THAT(json, HasSubstr("\"required\": [\"resource\", \"field\", \"reason\", \"until\"]"));
}

}  // namespace
}  // namespace matriarch::specs
