// Numbers to coordinates. Places along a line are in percent, so that a plot is as wide as the page
// and its words and dots keep their size, on a telephone too.
#include "controller/http/page_plots.hpp"

#include <algorithm>

#include "controller/base/text.hpp"

namespace matriarch::controller {
namespace {

constexpr std::int64_t disk_width = 640;
constexpr std::int64_t disk_height = 96;
constexpr std::int64_t row_height = 44;
constexpr std::int64_t memory_height = 28;
constexpr std::chrono::milliseconds shown_for = std::chrono::days(14);

std::string number(std::int64_t value) {
    return std::to_string(value);
}

/// 495 of 1000: "49.5%"
std::string percent(std::int64_t permille) {
    return number(permille / 10) + "." + number(permille % 10) + "%";
}

/// The picture, and for whoever cannot see it the same in words.
Html figure(const std::string& attributes, const std::string& drawing, const std::string& words) {
    return {"<figure class=\"plot\"><svg aria-hidden=\"true\" " + attributes + ">" + drawing +
            "</svg><figcaption>" + html_text(words) + "</figcaption></figure>\n"};
}

std::string tall(std::int64_t height) {
    return "width=\"100%\" height=\"" + number(height) + "\"";
}

std::string dot(std::int64_t permille, std::int64_t y, const OverviewSnapshot& snapshot) {
    const std::string words = snapshot.kind + " of " + to_text(snapshot.taken) +
                              (snapshot.is_verified ? ", restored for practice" : "");
    return "<circle class=\"" + std::string(snapshot.is_verified ? "tried" : "made") + "\" cx=\"" +
           percent(permille) + "\" cy=\"" + number(y) + "\" r=\"" +
           (snapshot.is_verified ? "7" : "4") + "\"><title>" + html_text(words) +
           "</title></circle>";
}

std::string label(const char* anchor, const char* x, std::int64_t y, const std::string& text) {
    return std::string("<text text-anchor=\"") + anchor + "\" x=\"" + x + "\" y=\"" + number(y) +
           "\">" + html_text(text) + "</text>";
}

}  // namespace

Html disk_plot(const std::vector<OverviewSample>& samples) {
    if (samples.size() < 2 || samples.back().at <= samples.front().at) return {};
    std::int64_t most = 1;
    std::int64_t least = samples.front().free.count;
    for (const OverviewSample& one : samples) {
        most = std::max(most, one.free.count);
        least = std::min(least, one.free.count);
    }
    const auto span = (samples.back().at - samples.front().at).count();
    std::string path;
    for (const OverviewSample& one : samples) {
        const std::int64_t x = (one.at - samples.front().at).count() * disk_width / span;
        const std::int64_t y =
            disk_height - one.free.count / std::max<std::int64_t>(1, most / disk_height);
        path += (path.empty() ? "M" : "L") + number(x) + " " +
                number(std::clamp<std::int64_t>(y, 2, disk_height));
    }
    const std::string days = number(
        std::chrono::ceil<std::chrono::days>(samples.back().at - samples.front().at).count());
    const std::string box = number(disk_width) + " " + number(disk_height);
    return figure("preserveAspectRatio=\"none\" viewBox=\"0 0 " + box + "\" " + tall(disk_height),
                  "<path class=\"area\" d=\"" + path + "L" + box + "L0 " + number(disk_height) +
                      "Z\"/><path class=\"line\" d=\"" + path + "\"/>",
                  "Free in the last " + (days == "1" ? "day" : days + " days") + ": " +
                      roughly(samples.back().free) + " now, at least " + roughly({least}) +
                      ", at most " + roughly({most}));
}

Html memory_plot(const std::vector<OverviewInstance>& instances, Bytes host) {
    if (host.count <= 0) return {};
    Bytes sum;
    for (const OverviewInstance& one : instances) sum.count += one.memory_limit.count;
    const std::int64_t unit = std::max<std::int64_t>(1, std::max(sum.count, host.count) / 1000);
    std::string drawing = "<rect class=\"all\" width=\"" +
                          percent(std::min<std::int64_t>(1000, host.count / unit)) +
                          "\" height=\"100%\"/>";
    Bytes before;
    for (const OverviewInstance& one : instances) {
        const std::int64_t from = before.count / unit;
        before.count += one.memory_limit.count;
        const std::int64_t to = std::min<std::int64_t>(1000, before.count / unit);
        drawing += "<rect class=\"" + std::string(before.count > host.count ? "over" : "part") +
                   "\" x=\"" + percent(from) + "\" width=\"" +
                   percent(std::max<std::int64_t>(0, to - from)) + "\" height=\"100%\"><title>" +
                   html_text(one.name) + ": " + roughly(one.memory_limit) + "</title></rect>";
    }
    return figure(tall(memory_height), drawing,
                  "All instances together may use " + roughly(sum) + " of " + roughly(host));
}

Html backup_plot(const std::vector<OverviewSnapshot>& snapshots, WallTime now) {
    std::string drawing;
    std::string words;
    std::int64_t height = 0;
    for (const char* kind : {"database", "media"}) {
        const std::int64_t y = height + row_height - 14;
        std::string dots;
        int made = 0;
        int tried = 0;
        for (const OverviewSnapshot& one : snapshots) {
            const auto age = now - one.taken;
            if (one.kind != kind || age.count() < 0 || age > shown_for) continue;
            dots += dot(990 - age.count() * 980 / shown_for.count(), y, one);
            ++made;
            if (one.is_verified) ++tried;
        }
        if (made == 0) continue;
        drawing += label("start", "0", height + 14, kind) + "<line class=\"rule\" x1=\"0\" y1=\"" +
                   number(y) + "\" x2=\"100%\" y2=\"" + number(y) + "\"/>" + dots;
        words += (words.empty() ? "" : "; ") + number(made) + " of " + kind + ", " +
                 (tried == 0 ? "none" : number(tried)) + " restored for practice";
        height += row_height;
    }
    if (height == 0) return {};
    drawing +=
        label("start", "0", height + 14, "14 days ago") + label("end", "100%", height + 14, "now");
    return figure(tall(height + 20), drawing, "Backups kept of the last 14 days: " + words);
}

}  // namespace matriarch::controller
