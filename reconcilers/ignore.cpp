// Which entries of `ignore` are about whom, and when they count.
#include "reconcilers/ignore.hpp"

#include <algorithm>

namespace matriarch::reconcilers {
namespace {

const specs::SidekiqGroup* group_of(const specs::Instance& instance, const std::string& section) {
    const auto found = std::find_if(
        instance.sidekiq.begin(), instance.sidekiq.end(),
        [&](const specs::SidekiqGroup& group) { return "sidekiq." + group.name == section; });
    return found == instance.sidekiq.end() ? nullptr : &*found;
}

/// Whether two commits say the same of a part.
bool says_the_same(const specs::Instance& one, const specs::Instance& other,
                   const std::string& section) {
    if (one.settings != other.settings) return false;
    if (section == "web") return one.web == other.web;
    if (section == "streaming") return one.streaming == other.streaming;
    if (section == "postgres") return one.postgres == other.postgres;
    if (section == "redis") return one.redis == other.redis;
    if (section == "search") return one.search == other.search;
    if (section == "edge") return one.edge == other.edge;
    const specs::SidekiqGroup* group = group_of(one, section);
    const specs::SidekiqGroup* other_group = group_of(other, section);
    return group != nullptr && other_group != nullptr && *group == *other_group;
}

}  // namespace

std::string section_of(const specs::Instance& instance, const std::string& role,
                       const std::string& name) {
    if (role != "sidekiq") return role;
    for (const specs::SidekiqGroup& group : instance.sidekiq) {
        const std::string stem = Names(instance).of("sidekiq-" + group.name + "-");
        const bool is_of_group =
            name.starts_with(stem) &&
            name.find_first_not_of("0123456789", stem.size()) == std::string::npos;
        if (is_of_group) return "sidekiq." + group.name;
    }
    return "";
}

std::vector<specs::Ignore> ignores_of(const Wanted& wanted, const std::string& role,
                                      const std::string& name) {
    std::vector<specs::Ignore> some;
    if (wanted.instance.ignore.empty()) return some;
    const std::string section = section_of(wanted.instance, role, name);
    const bool is_changed =
        wanted.settled != nullptr && !says_the_same(*wanted.settled, wanted.instance, section);
    if (is_changed) return some;
    for (const specs::Ignore& ignore : wanted.instance.ignore) {
        if (ignore.resource == role || ignore.resource == section) some.push_back(ignore);
    }
    return some;
}

const specs::Ignore* ignore_of(const ContainerSpec& spec, const World& world,
                               const std::string& field) {
    for (const specs::Ignore& ignore : spec.ignored) {
        if (world.days_over.contains(ignore.until)) continue;
        const auto& fields = ignore.fields;
        if (std::find(fields.begin(), fields.end(), field) != fields.end()) return &ignore;
    }
    return nullptr;
}

}  // namespace matriarch::reconcilers
