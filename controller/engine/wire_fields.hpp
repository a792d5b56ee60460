// Fields: reads a JSON object field by field and remembers the first thing that was wrong.
//
// Only for wire*.cpp. Null and absent count as empty where that is the Engine's habit; a value of
// another type never does.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/container.hpp"
#include "reconcilers/world.hpp"
#include "specs/values/result.hpp"

namespace matriarch::controller::wire {

namespace json = boost::json;

/// A parsed document and the first problem found in it.
class Document {
 public:
    explicit Document(std::string_view text);
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    [[nodiscard]] const json::value& root() const { return root_; }
    void note(const std::string& problem) {
        if (problem_.empty()) problem_ = problem;
    }
    /// Errors: unavailable, with the first problem in words.
    [[nodiscard]] Result<void> check() const;

 private:
    json::value root_{};
    std::string problem_{};
};

class Fields {
 public:
    /// Not an object: noted, and every field is empty.
    Fields(Document& document, const json::value& value, std::string path);

    [[nodiscard]] std::string text(std::string_view key) const;
    /// Absent or empty is a problem too.
    [[nodiscard]] std::string required_text(std::string_view key) const;
    [[nodiscard]] std::int64_t number(std::string_view key) const;
    /// A number that fits an int; any other is a problem, never cut off.
    [[nodiscard]] int small_number(std::string_view key) const;
    [[nodiscard]] bool flag(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
    [[nodiscard]] std::map<std::string, std::string> text_map(std::string_view key) const;
    /// Absent: one without fields.
    [[nodiscard]] Fields object(std::string_view key) const;
    /// Absent is a problem.
    [[nodiscard]] Fields required_object(std::string_view key) const;
    [[nodiscard]] std::vector<Fields> objects(std::string_view key) const;
    /// Key -> object, of an object of objects.
    [[nodiscard]] std::vector<std::pair<std::string, Fields>> object_map(
        std::string_view key) const;
    /// All keys, whatever they hold.
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
    /// RFC 3339 with a fraction; the year 1 means never and is the epoch.
    [[nodiscard]] reconcilers::Time time(std::string_view key) const;
    void note(std::string_view key, const std::string& problem) const;

 private:
    // Null counts as absent.
    [[nodiscard]] const json::value* find(std::string_view key) const;

    Document* document_;
    const json::object* object_{nullptr};
    std::string path_;
};

/// The form containers and images share. Unset where there is none.
[[nodiscard]] std::optional<reconcilers::HealthCheck> read_health_check(const Fields& config);

/// Entrypoint or Cmd: null, a list, or (old images) one text.
[[nodiscard]] std::optional<std::vector<std::string>> read_words(const Fields& config,
                                                                 std::string_view key);

/// {"A=1"} -> {A: 1}
[[nodiscard]] std::map<std::string, std::string> read_environment(const Fields& config);

/// What of an inspection's Config and HostConfig our own type cannot ask for, one text each.
void read_foreign(const Fields& config, const Fields& host, std::vector<std::string>& foreign);

/// Errors: none; what cannot be read is nothing.
[[nodiscard]] std::optional<reconcilers::Time> parse_time(std::string_view text);

}  // namespace matriarch::controller::wire
