// Reading of cron expressions and windows. Both are short texts from people: every error says which
// part is wrong.
#include "specs/schedule.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <vector>

#include "specs/values/shown.hpp"

namespace matriarch::specs {
namespace {

constexpr std::array<std::string_view, 7> weekday_names{"sun", "mon", "tue", "wed",
                                                        "thu", "fri", "sat"};
constexpr std::array<std::string_view, 13> month_names{
    "", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& letter : result) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return result;
}

template <std::size_t n>
std::optional<int> named(std::string_view text, const std::array<std::string_view, n>& names) {
    const std::string wanted = lower(text);
    for (std::size_t i = 0; i < n; ++i) {
        if (!names[i].empty() && names[i] == wanted) return static_cast<int>(i);
    }
    return std::nullopt;
}

/// One of the five fields: its name, its bounds, and the names its values may have.
struct CronField {
    std::string_view name{};
    int first{0};
    int last{0};
};

std::optional<int> cron_value(std::string_view text, const CronField& field) {
    std::optional<int> value = number(text);
    if (!value && field.name == "weekday") value = named(text, weekday_names);
    if (!value && field.name == "month") value = named(text, month_names);
    if (!value || *value < field.first || *value > field.last) return std::nullopt;
    return value;
}

/// Sets the bits of "*", "*/6", "3", "1-5", "1-20/4" or a comma list of those. False: malformed.
template <std::size_t n>
bool read_field(std::string_view text, const CronField& field, std::bitset<n>& bits) {
    for (const std::string_view part : split(text, ',')) {
        const auto slash = part.find('/');
        const std::string_view range = part.substr(0, slash);
        std::optional<int> first = field.first;
        std::optional<int> last = field.last;
        std::optional<int> step = 1;
        if (range != "*") {
            const auto dash = range.find('-');
            first = cron_value(range.substr(0, dash), field);
            last =
                dash == std::string_view::npos ? first : cron_value(range.substr(dash + 1), field);
            if (slash != std::string_view::npos && dash == std::string_view::npos) return false;
        }
        if (slash != std::string_view::npos) step = number(part.substr(slash + 1));
        if (!first || !last || !step || *step == 0 || *last < *first) return false;
        for (int value = *first; value <= *last; value += *step) {
            bits.set(static_cast<std::size_t>(value));
        }
    }
    return true;
}

tl::unexpected<Error> refuse_cron(std::string_view text, const std::string& why) {
    return fail(ErrorKind::invalid, "'" + shown(text, shown_bytes) + "' is not a schedule: " + why,
                "Write five fields (minute hour day month weekday), or @hourly, @daily, @weekly or "
                "@monthly; a time zone may follow.");
}

/// Days that the longest form of a month has; February's is 29.
bool day_ever_comes(const CronFields& fields) {
    constexpr std::array<std::size_t, 13> lengths{0,  31, 29, 31, 30, 31, 30,
                                                  31, 31, 30, 31, 30, 31};
    for (std::size_t month = 1; month <= 12; ++month) {
        for (std::size_t day = 1; fields.months[month] && day <= lengths[month]; ++day) {
            if (fields.days[day]) return true;
        }
    }
    return false;
}

std::string_view expand(std::string_view text) {
    if (text == "@hourly") return "0 * * * *";
    if (text == "@daily") return "0 0 * * *";
    if (text == "@weekly") return "0 0 * * 0";
    if (text == "@monthly") return "0 0 1 * *";
    return text;
}

tl::unexpected<Error> refuse_window(std::string_view text, const std::string& why) {
    return fail(ErrorKind::invalid, "'" + shown(text, shown_bytes) + "' is not a window: " + why,
                "Write days, times and a time zone, such as Sun 02:00-05:00 Asia/Tokyo.");
}

std::optional<std::bitset<7>> parse_weekdays(std::string_view text) {
    std::bitset<7> days;
    if (lower(text) == "daily") return days.set();
    for (const std::string_view part : split(text, ',')) {
        const auto dash = part.find('-');
        const auto first = named(part.substr(0, dash), weekday_names);
        const auto last =
            dash == std::string_view::npos ? first : named(part.substr(dash + 1), weekday_names);
        if (!first || !last) return std::nullopt;
        // Fri-Mon goes round the end of the week.
        for (int day = *first;; day = (day + 1) % 7) {
            days.set(static_cast<std::size_t>(day));
            if (day == *last) break;
        }
    }
    return days;
}

std::optional<int> parse_minutes(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hours = number(text.substr(0, 2));
    const auto minutes = number(text.substr(3));
    if (!hours || !minutes || *minutes > 59) return std::nullopt;
    if (*hours > 24 || (*hours == 24 && *minutes > 0)) return std::nullopt;
    return *hours * 60 + *minutes;
}

bool is_zone(std::string_view text) {
    if (text == "UTC") return true;
    if (text.size() > 64 || text.find('/') == std::string_view::npos) return false;
    for (const std::string_view part : split(text, '/')) {
        if (part.empty() || part.front() < 'A' || part.front() > 'Z') return false;
        for (const char letter : part) {
            const bool is_good =
                (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '+';
            if (!is_good) return false;
        }
    }
    return true;
}

}  // namespace

Result<CronFields> parse_cron(std::string_view text) {
    const auto last_space = text.rfind(' ');
    const bool has_zone =
        last_space != std::string_view::npos && is_zone(text.substr(last_space + 1));
    std::vector<std::string_view> parts;
    for (const std::string_view part :
         split(expand(text.substr(0, has_zone ? last_space : text.size())), ' ')) {
        if (!part.empty()) parts.push_back(part);
    }
    if (text.starts_with('@') && parts.size() != 5)
        return refuse_cron(text, "this word is not known");
    if (parts.size() != 5) {
        return refuse_cron(text, "it has " + std::to_string(parts.size()) + " fields instead of 5");
    }
    CronFields fields{};
    std::bitset<8> weekdays;  // 7 is Sunday too
    const auto wrong = [&](std::string_view name, std::string_view part) {
        return refuse_cron(
            text, "'" + shown(part, shown_bytes) + "' is not a valid " + std::string(name));
    };
    if (!read_field(parts[0], {"minute", 0, 59}, fields.minutes)) return wrong("minute", parts[0]);
    if (!read_field(parts[1], {"hour", 0, 23}, fields.hours)) return wrong("hour", parts[1]);
    if (!read_field(parts[2], {"day", 1, 31}, fields.days)) return wrong("day", parts[2]);
    if (!read_field(parts[3], {"month", 1, 12}, fields.months)) return wrong("month", parts[3]);
    if (!read_field(parts[4], {"weekday", 0, 7}, weekdays)) return wrong("weekday", parts[4]);
    for (std::size_t day = 0; day < 8; ++day) {
        if (weekdays[day]) fields.weekdays.set(day % 7);
    }
    fields.any_day = parts[2] == "*";
    fields.any_weekday = parts[4] == "*";
    if (has_zone) fields.zone = text.substr(last_space + 1);
    if (fields.any_weekday && !day_ever_comes(fields)) {
        return refuse_cron(text, "no month has such a day");
    }
    return fields;
}

Result<Day> parse_day(std::string_view text) {
    const auto refuse = [&](const std::string& why) {
        return fail(ErrorKind::invalid, "'" + shown(text, shown_bytes) + "' is no day: " + why,
                    "Write year, month and day, such as 2026-12-31; a time zone may follow.");
    };
    const auto space = text.find(' ');
    const std::string_view date = text.substr(0, space);
    const bool has_form = date.size() == 10 && date[4] == '-' && date[7] == '-';
    const auto year = has_form ? number(date.substr(0, 4)) : std::nullopt;
    const auto month = has_form ? number(date.substr(5, 2)) : std::nullopt;
    const auto day = has_form ? number(date.substr(8)) : std::nullopt;
    if (!year || !month || !day) return refuse("it is not YYYY-MM-DD");
    if (!std::chrono::year_month_day(std::chrono::year(*year),
                                     std::chrono::month(static_cast<unsigned>(*month)),
                                     std::chrono::day(static_cast<unsigned>(*day)))
             .ok()) {
        return refuse("no calendar has it");
    }
    Day found{.year = *year, .month = *month, .day = *day};
    if (space != std::string_view::npos) found.zone = text.substr(space + 1);
    if (!is_zone(found.zone)) return refuse("its time zone is not like Asia/Tokyo or UTC");
    return found;
}

Result<Window> parse_window(std::string_view text) {
    const auto parts = split(text, ' ');
    if (parts.size() != 3) return refuse_window(text, "it does not have three parts");
    const auto days = parse_weekdays(parts[0]);
    if (!days) return refuse_window(text, "its days are not Sun, Mon-Fri, Sat,Sun or daily");
    const auto times = split(parts[1], '-');
    if (times.size() != 2) return refuse_window(text, "its times are not HH:MM-HH:MM");
    const auto opens = parse_minutes(times[0]);
    const auto closes = parse_minutes(times[1]);
    if (!opens || !closes || *opens == 24 * 60) {
        return refuse_window(text, "its times are not HH:MM-HH:MM");
    }
    if (*opens == *closes) return refuse_window(text, "it closes when it opens");
    if (!is_zone(parts[2]))
        return refuse_window(text, "its time zone is not like Asia/Tokyo or UTC");
    return Window{
        .weekdays = *days, .opens = *opens, .closes = *closes, .zone = std::string(parts[2])};
}

}  // namespace matriarch::specs
