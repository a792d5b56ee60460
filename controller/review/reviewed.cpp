// One line a fact, each beginning with what it is about: two such texts are compared line by line.
#include "controller/review/reviewed.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "specs/values/digest.hpp"

namespace matriarch::controller {

using namespace reconcilers;

namespace {

constexpr std::string_view step_word = "step ";
/// Of steps that are named one by one.
constexpr std::size_t named_max = 4;

/// "alpha-web-1" of "container alpha-web-1 to network alpha-internal"; empty: of none.
std::string container_in(const std::string& resource) {
    std::istringstream words(resource);
    std::string kind;
    std::string name;
    words >> kind >> name;
    return kind == "container" ? name : std::string();
}

/// Without what tells one replica's two containers apart, or a job's image.
std::string plain(const std::string& name) {
    constexpr std::size_t digest_length = 12;
    if (name.size() > 2 && name.ends_with("-b")) {
        const char before = name[name.size() - 3];
        if (before >= '0' && before <= '9') return name.substr(0, name.size() - 2);
    }
    const auto dash = name.rfind('-');
    const bool is_by_image =
        dash != std::string::npos && name.size() - dash - 1 == digest_length &&
        name.find_first_not_of("0123456789abcdef", dash + 1) == std::string::npos;
    return is_by_image ? name.substr(0, dash) : name;
}

std::string line_of(const Action& action) {
    std::string text = in_words(action);
    const std::string name = container_in(resource(action));
    if (!name.empty()) text.replace(text.find(name), name.size(), plain(name));
    return std::string(step_word) + text + "\n";
}

bool is_left_out(const std::string& instance, const Action& action) {
    if (is_wait(action) || std::holds_alternative<PullImage>(action)) return true;
    const std::string name = container_in(resource(action));
    return name == instance + "-backup" || name.starts_with(instance + "-migrations-");
}

/// The lines that begin with the word, without it.
std::vector<std::string> lines_of(const std::string& text, std::string_view word) {
    std::vector<std::string> found;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(word)) found.push_back(line.substr(word.size()));
    }
    return found;
}

/// Those of `all` that `others` does not have as often, in their order.
std::vector<std::string> beyond(const std::vector<std::string>& all,
                                const std::vector<std::string>& others) {
    std::map<std::string, int> left;
    for (const std::string& one : others) ++left[one];
    std::vector<std::string> found;
    for (const std::string& one : all) {
        if (--left[one] < 0) found.push_back(one);
    }
    return found;
}

std::string listed(const std::vector<std::string>& all) {
    std::string text;
    for (std::size_t at = 0; at < std::min(all.size(), named_max); ++at) {
        text += (at == 0 ? "" : ", ") + all[at];
    }
    if (all.size() <= named_max) return text;
    return text + " and " + std::to_string(all.size() - named_max) + " more";
}

/// What is done to each resource, in this order.
std::map<std::string, std::string> by_resource(const std::vector<std::string>& steps) {
    std::map<std::string, std::string> found;
    for (const std::string& step : steps) {
        const auto space = step.find(' ');
        if (space == std::string::npos) continue;
        found[step.substr(space + 1)] += step.substr(0, space) + " ";
    }
    return found;
}

std::vector<std::string> in_another_order(const std::vector<std::string>& reviewed,
                                          const std::vector<std::string>& now) {
    const auto before = by_resource(reviewed);
    std::vector<std::string> found;
    for (const auto& [resource, verbs] : by_resource(now)) {
        const auto was = before.find(resource);
        if (was != before.end() && was->second != verbs) found.push_back(resource);
    }
    return found;
}

std::string first_of(const std::vector<std::string>& all) {
    return all.empty() ? std::string() : all.front();
}

}  // namespace

std::string plan_lines(const std::string& instance, const Plan& plan) {
    Downtime downtime = Downtime::none;
    Reversible way_back = Reversible::yes;
    std::string steps;
    for (const PlannedStep& one : plan.steps) {
        if (is_left_out(instance, one.step.action)) continue;
        downtime = std::max(downtime, one.step.downtime);
        way_back = std::max(way_back, one.step.reversible);
        steps += line_of(one.step.action);
    }
    std::string text = std::string("downtime ") + to_text(downtime) + "\n" + "reversible " +
                       to_text(way_back) + "\n";
    for (const Blocked& one : plan.blocked) text += "refused " + one.code + "\n";
    return text + steps;
}

std::string removal_lines() {
    return std::string(step_word) + "leave it to run without a file\n";
}

std::vector<std::string> what_differs(const std::string& reviewed, const std::string& now) {
    std::vector<std::string> found;
    const auto add = [&found](const std::string& what, const std::vector<std::string>& all) {
        if (!all.empty()) found.push_back(what + " " + listed(all));
    };
    const auto steps_then = lines_of(reviewed, step_word);
    const auto steps_now = lines_of(now, step_word);
    const auto more = beyond(steps_now, steps_then);
    const auto gone = beyond(steps_then, steps_now);
    add("new:", more);
    add("gone:", gone);
    if (more.empty() && gone.empty()) {
        add("in another order:", in_another_order(steps_then, steps_now));
    }
    add("refused now:", beyond(lines_of(now, "refused "), lines_of(reviewed, "refused ")));
    add("refused no more:", beyond(lines_of(reviewed, "refused "), lines_of(now, "refused ")));
    for (const std::string word : {"downtime", "reversible"}) {
        const std::string then = first_of(lines_of(reviewed, word + " "));
        const std::string later = first_of(lines_of(now, word + " "));
        if (then != later) found.push_back(word + ": " + later + ", not " + then);
    }
    return found;
}

std::string wanted_digest(const Fleet& fleet, const specs::Instance& instance) {
    const auto file = fleet.secret_files.find(instance.secrets);
    return sha256(specs::digest(instance) + "\n" +
                  (file == fleet.secret_files.end() ? std::string() : sha256(file->second)));
}

std::string removal_digest() {
    return "removed";
}

}  // namespace matriarch::controller
