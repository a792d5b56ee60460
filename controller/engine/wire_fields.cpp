// Fields: the one place that knows how the Engine writes empty things, lists and times.
#include "controller/engine/wire_fields.hpp"

#include <charconv>
#include <optional>

#include "specs/values/shown.hpp"

namespace matriarch::controller::wire {

Document::Document(std::string_view text) {
    boost::system::error_code code;
    root_ = json::parse({text.data(), text.size()}, code);
    if (code) note("not JSON (" + code.message() + ")");
}

Result<void> Document::check() const {
    if (problem_.empty()) return {};
    return fail(ErrorKind::unavailable, "the answer is not understood: " + problem_);
}

Fields::Fields(Document& document, const json::value& value, std::string path)
    : document_(&document), object_(value.if_object()), path_(std::move(path)) {
    if (object_ == nullptr)
        document_->note((path_.empty() ? "it" : shown(path_)) + " is not an object");
}

void Fields::note(std::string_view key, const std::string& problem) const {
    document_->note(shown((path_.empty() ? "" : path_ + ".") + std::string(key)) + " " + problem);
}

const json::value* Fields::find(std::string_view key) const {
    if (object_ == nullptr) return nullptr;
    const json::value* value = object_->if_contains({key.data(), key.size()});
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::string Fields::text(std::string_view key) const {
    const json::value* value = find(key);
    if (value == nullptr) return {};
    if (const json::string* text = value->if_string())
        return std::string(text->c_str(), text->size());
    note(key, "is not a text");
    return {};
}

std::string Fields::required_text(std::string_view key) const {
    std::string value = text(key);
    if (value.empty()) note(key, "is missing");
    return value;
}

std::int64_t Fields::number(std::string_view key) const {
    const json::value* value = find(key);
    if (value == nullptr) return 0;
    if (const std::int64_t* number = value->if_int64()) return *number;
    note(key, "is not a number");
    return 0;
}

int Fields::small_number(std::string_view key) const {
    const std::int64_t value = number(key);
    const int small = static_cast<int>(value);
    if (small != value) note(key, "is out of range");
    return small;
}

bool Fields::flag(std::string_view key) const {
    const json::value* value = find(key);
    if (value == nullptr) return false;
    if (const bool* flag = value->if_bool()) return *flag;
    note(key, "is not true or false");
    return false;
}

std::vector<std::string> Fields::texts(std::string_view key) const {
    std::vector<std::string> all;
    const json::value* value = find(key);
    if (value == nullptr) return all;
    const json::array* list = value->if_array();
    if (list == nullptr) {
        note(key, "is not a list");
        return all;
    }
    for (const json::value& entry : *list) {
        if (const json::string* text = entry.if_string()) {
            all.emplace_back(text->c_str(), text->size());
        } else {
            note(key, "is not a list of texts");
        }
    }
    return all;
}

std::map<std::string, std::string> Fields::text_map(std::string_view key) const {
    std::map<std::string, std::string> all;
    const json::value* value = find(key);
    if (value == nullptr) return all;
    const json::object* object = value->if_object();
    if (object == nullptr) {
        note(key, "is not an object");
        return all;
    }
    for (const auto& [name, entry] : *object) {
        if (const json::string* text = entry.if_string()) {
            all.emplace(std::string(name), std::string(text->c_str(), text->size()));
        } else {
            note(key, "is not an object of texts");
        }
    }
    return all;
}

Fields Fields::object(std::string_view key) const {
    static const json::value nothing(json::object_kind);
    const json::value* value = find(key);
    return {*document_, value == nullptr ? nothing : *value, std::string(key)};
}

Fields Fields::required_object(std::string_view key) const {
    if (!has(key)) note(key, "is missing");
    return object(key);
}

std::vector<Fields> Fields::objects(std::string_view key) const {
    std::vector<Fields> all;
    const json::value* value = find(key);
    if (value == nullptr) return all;
    const json::array* list = value->if_array();
    if (list == nullptr) {
        note(key, "is not a list");
        return all;
    }
    for (const json::value& entry : *list) all.emplace_back(*document_, entry, std::string(key));
    return all;
}

std::vector<std::pair<std::string, Fields>> Fields::object_map(std::string_view key) const {
    std::vector<std::pair<std::string, Fields>> all;
    const json::value* value = find(key);
    if (value == nullptr) return all;
    const json::object* object = value->if_object();
    if (object == nullptr) {
        note(key, "is not an object");
        return all;
    }
    for (const auto& [name, entry] : *object) {
        // Docker writes null for an endpoint or a binding without settings.
        static const json::value nothing(json::object_kind);
        all.emplace_back(std::string(name),
                         Fields(*document_, entry.is_null() ? nothing : entry, std::string(key)));
    }
    return all;
}

std::vector<std::string> Fields::names() const {
    std::vector<std::string> all;
    if (object_ == nullptr) return all;
    for (const auto& [name, entry] : *object_) all.emplace_back(name);
    return all;
}

reconcilers::Time Fields::time(std::string_view key) const {
    const std::string value = text(key);
    if (value.empty()) return {};
    const auto time = parse_time(value);
    if (!time) note(key, "is not a time");
    return time.value_or(reconcilers::Time{});
}

std::optional<reconcilers::HealthCheck> read_health_check(const Fields& config) {
    if (!config.has("Healthcheck")) return std::nullopt;
    const Fields check = config.object("Healthcheck");
    const auto seconds = [&check](const char* key) {
        return std::chrono::duration_cast<std::chrono::seconds>(
            std::chrono::nanoseconds(check.number(key)));
    };
    return reconcilers::HealthCheck{.test = check.texts("Test"),
                                    .interval = seconds("Interval"),
                                    .timeout = seconds("Timeout"),
                                    .start_period = seconds("StartPeriod"),
                                    .retries = check.small_number("Retries")};
}

std::optional<std::vector<std::string>> read_words(const Fields& config, std::string_view key) {
    if (!config.has(key)) return std::nullopt;
    return config.texts(key);
}

std::map<std::string, std::string> read_environment(const Fields& config) {
    std::map<std::string, std::string> all;
    for (const std::string& entry : config.texts("Env")) {
        const std::size_t equals = std::min(entry.find('='), entry.size());
        // The last one wins, as it does in the container.
        all[entry.substr(0, equals)] = entry.substr(std::min(equals + 1, entry.size()));
    }
    return all;
}

std::optional<reconcilers::Time> parse_time(std::string_view text) {
    int parts[6] = {};
    // YYYY-MM-DDTHH:MM:SS
    static constexpr std::size_t begins[6] = {0, 5, 8, 11, 14, 17};
    static constexpr std::size_t lengths[6] = {4, 2, 2, 2, 2, 2};
    static constexpr char separators[6] = {'-', '-', 'T', ':', ':', '\0'};
    if (text.size() < 20) return std::nullopt;
    for (std::size_t i = 0; i < 6; ++i) {
        const char* begin = text.data() + begins[i];
        const char* end = begin + lengths[i];
        if (std::from_chars(begin, end, parts[i]).ptr != end) return std::nullopt;
        if (separators[i] != '\0' && *end != separators[i]) return std::nullopt;
    }
    text.remove_prefix(19);
    int milliseconds = 0;
    if (text.front() == '.') {
        text.remove_prefix(1);
        for (int weight = 100; !text.empty() && text.front() >= '0' && text.front() <= '9';
             weight /= 10) {
            milliseconds += (text.front() - '0') * weight;
            text.remove_prefix(1);
        }
    }
    std::chrono::minutes offset{0};
    if (text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':') {
        int hours = 0;
        int minutes = 0;
        std::from_chars(text.data() + 1, text.data() + 3, hours);
        std::from_chars(text.data() + 4, text.data() + 6, minutes);
        offset = std::chrono::minutes((text[0] == '-' ? -1 : 1) * (hours * 60 + minutes));
    } else if (text != "Z") {
        return std::nullopt;
    }
    const std::chrono::year_month_day day{std::chrono::year(parts[0]),
                                          std::chrono::month(static_cast<unsigned>(parts[1])),
                                          std::chrono::day(static_cast<unsigned>(parts[2]))};
    if (!day.ok()) return std::nullopt;
    if (parts[0] <= 1) return reconcilers::Time{};
    return reconcilers::Time(std::chrono::sys_days(day)) + std::chrono::hours(parts[3]) +
           std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]) +
           std::chrono::milliseconds(milliseconds) - offset;
}

}  // namespace matriarch::controller::wire
