// Values as markup. Nothing in here knows what an instance is.
#include "controller/http/page_parts.hpp"

#include "controller/base/text.hpp"

namespace matriarch::controller {
namespace {

std::string in_words(std::chrono::milliseconds age) {
    using namespace std::chrono;
    if (age < 10s) return "just now";
    if (age < 1min) return std::to_string(duration_cast<seconds>(age).count()) + " s ago";
    if (age < 1h) return std::to_string(duration_cast<minutes>(age).count()) + " min ago";
    if (age < 48h) return std::to_string(duration_cast<hours>(age).count()) + " h ago";
    return std::to_string(duration_cast<days>(age).count()) + " days ago";
}

const char* to_text(Mood mood) {
    switch (mood) {
        case Mood::good:
            return "good";
        case Mood::bad:
            return "bad";
        case Mood::wait:
            break;
    }
    return "wait";
}

}  // namespace

Html plain(const std::string& text) {
    return {html_text(text)};
}

Html dim(const std::string& text) {
    return {"<span class=\"dim\">" + html_text(text) + "</span>"};
}

Html code(const std::string& text) {
    return {text.empty() ? "" : "<code>" + html_text(text) + "</code>"};
}

Html pill(Mood mood, const std::string& word) {
    return {std::string("<span class=\"pill ") + to_text(mood) + "\">" + html_text(word) +
            "</span>"};
}

Html ago(WallTime time, WallTime now) {
    if (time == WallTime{}) return {};
    const std::string exact = to_text(time);
    return {"<time datetime=\"" + exact + "\" title=\"" + exact + "\">" + in_words(now - time) +
            "</time>"};
}

Html version_at(const std::string& version, const std::string& revision) {
    if (version.empty() && revision.empty()) return dim("nothing yet");
    if (revision.empty()) return plain(version);
    return {html_text(version) + " <span class=\"dim\">at</span> " +
            code(revision.substr(0, 12)).markup};
}

std::string roughly(Bytes bytes) {
    const char* const units[] = {"KiB", "MiB", "GiB", "TiB"};
    std::int64_t tenths = bytes.count * 10 / 1024;
    std::size_t unit = 0;
    for (; tenths >= 10'240 && unit < 3; ++unit) tenths /= 1024;
    const std::string fraction =
        tenths < 100 && tenths % 10 != 0 ? "." + std::to_string(tenths % 10) : "";
    return std::to_string(tenths / 10) + fraction + " " + units[unit];
}

Html table(const std::string& caption, const std::vector<std::string>& heads,
           const std::vector<std::vector<Html>>& rows) {
    const std::string name = html_text(caption);
    std::string html = "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"" + name +
                       "\"><table><caption>" + name + "</caption><thead><tr>";
    for (const std::string& head : heads) html += "<th scope=\"col\">" + html_text(head) + "</th>";
    html += "</tr></thead><tbody>\n";
    for (const auto& row : rows) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            html += "<td data-head=\"" + html_text(heads.at(i)) + "\">" + row[i].markup + "</td>";
        }
        html += "</tr>\n";
    }
    return {html + "</tbody></table></div>\n"};
}

Html facts(const std::string& css_class, const std::vector<std::pair<std::string, Html>>& facts) {
    std::string html = "<dl class=\"" + css_class + "\">";
    for (const auto& [name, value] : facts) {
        if (value.markup.empty()) continue;
        html += "<div><dt>" + html_text(name) + "</dt><dd>" + value.markup + "</dd></div>";
    }
    return {html + "</dl>\n"};
}

}  // namespace matriarch::controller
