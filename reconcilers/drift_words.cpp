// What a difference means for people: what is at risk while it lasts, and what putting it right
// does. Sentences only; nothing is decided by them.
#include "reconcilers/drift.hpp"

#include <map>

namespace matriarch::reconcilers {
namespace {

/// While a part is away.
const std::map<std::string, std::string>& missed() {
    static const std::map<std::string, std::string> words{
        {"postgres", "without the database nothing works"},
        {"redis", "without Redis nobody can sign in or post"},
        {"search", "the search finds nothing"},
        {"web", "fewer or no pages are answered"},
        {"streaming", "timelines do not move by themselves"},
        {"sidekiq", "posts are neither delivered nor received"},
        {"edge", "nobody reaches the server"},
        {"archive", "what is committed meanwhile would be lost with the disk of the database"},
        {"data", "the data itself"},
        {"volume", "what was kept in it has to be made again"},
        {"network", "the parts do not reach one another"}};
    return words;
}

const std::map<std::string, std::string>& by_field() {
    static const std::map<std::string, std::string> words{
        {"memory", "too little ends it, too much is taken from the others"},
        {"memory and swap", "what is swapped out makes it slow, and hides that memory is short"},
        {"stop grace", "it is ended before it could finish, or hangs too long"},
        {"cpus", "too little makes it slow, too much is taken from the others"},
        {"cpu weight", "where processors are short it gets too little, or takes from the others"},
        {"pids", "a runaway program is not held back, or a sound one is"},
        {"restart policy", "it may not come back after a crash or a reboot"},
        {"mounts", "data may be in another place than it should be"},
        {"ports", "it may be reached from where it should not"},
        {"capabilities", "a break-in gets further"},
        {"no-new-privileges", "a break-in gets further"},
        {"health check", "whether it works is not known"},
        {"name", "the others look for it under its right name"},
        {"configuration", "requests are not answered as the file says"},
        {"internal", "the database may be reached from outside"},
        {"identity", "the data is not the one that was deployed"}};
    return words;
}

}  // namespace

std::string risk_of(const std::string& role, const std::string& field) {
    if (role == "stranger") return "it reaches this instance's database and Redis";
    if (field == "existence" || field == "state") {
        const auto words = missed().find(role);
        return words == missed().end() ? "it takes room and may get in the way" : words->second;
    }
    if (const auto words = by_field().find(field); words != by_field().end()) return words->second;
    if (field.starts_with("host configuration ")) {
        return "a break-in may reach the host, or it takes from the others";
    }
    if (field.starts_with("network ")) return "the parts do not reach one another, or others do";
    if (field.starts_with("parameter ")) return "the database does not run as it was measured";
    if (field.starts_with("route ")) return "people's requests go to a stranger";
    return "it does not run what was reviewed";
}

std::string heal_of(const std::string& role, const Difference& difference) {
    if (difference.field == "existence") return "made anew on the same volumes and started";
    if (difference.field == "state") {
        return difference.actual == "paused" ? "unpaused" : "started";
    }
    switch (difference.remedy) {
        case Remedy::update:
            return "changed in place, without a restart";
        case Remedy::reattach:
            return "connected as it should be, without a restart";
        case Remedy::recreate:
            break;
    }
    return is_app_role(role) ? "a new container takes over, then this one stops"
                             : "made anew on the same volumes, with a short break";
}

std::string in_words(const std::vector<Difference>& differences) {
    constexpr std::size_t shown_at_most = 4;
    std::string text;
    for (std::size_t i = 0; i < differences.size() && i < shown_at_most; ++i) {
        const Difference& difference = differences[i];
        text += (text.empty() ? "" : ", ") + difference.field + " " + difference.actual + " -> " +
                difference.desired;
    }
    if (differences.size() > shown_at_most) {
        text += " and " + std::to_string(differences.size() - shown_at_most) + " more";
    }
    return text;
}

}  // namespace matriarch::reconcilers
