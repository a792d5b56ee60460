// One instance that does not keep to a bound holds up the whole commit, as one broken file does.
#include "controller/loop/requirements.hpp"

#include <optional>

#include "reconcilers/requirements.hpp"
#include "reconcilers/wanted.hpp"

namespace matriarch::controller {

namespace {

std::optional<reconcilers::Blocked> secret_file_outside(const specs::Policy& policy,
                                                        const specs::Instance& instance) {
    constexpr std::string_view of_the_host = "file:";
    if (!instance.secrets.starts_with(of_the_host)) return std::nullopt;
    const std::string path = instance.secrets.substr(of_the_host.size());
    if (specs::allows_secret_file(policy, path)) return std::nullopt;
    return reconcilers::Blocked{.code = "secret-file-not-allowed",
                                .message = "this host does not allow secrets from " + path,
                                .hint =
                                    "Name its folder under secret_files in "
                                    "/etc/matriarch/policy.yaml."};
}

}  // namespace

std::vector<Error> unmet_requirements(const specs::Policy& policy, const Fleet& fleet) {
    std::vector<Error> problems;
    for (const auto& [name, instance] : fleet.instances) {
        auto unmet = reconcilers::unmet_requirements(policy, instance);
        const auto images = reconcilers::wanted_images({.instance = instance});
        for (auto& foreign : reconcilers::foreign_images(policy, images)) {
            unmet.push_back(std::move(foreign));
        }
        if (auto outside = secret_file_outside(policy, instance)) unmet.push_back(*outside);
        const auto file = fleet.file_of.find(name);
        for (const auto& one : unmet) {
            problems.push_back(
                {.kind = one.kind,
                 .message = name + " does not meet this host's policy: " + one.message,
                 .hint = one.hint,
                 .where = file == fleet.file_of.end() ? std::string() : file->second});
        }
    }
    return problems;
}

}  // namespace matriarch::controller
