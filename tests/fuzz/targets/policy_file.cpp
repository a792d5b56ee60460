// The host's policy, and a stranger's names held against it: policy YAML, then one name a part.
#include "specs/policy.hpp"
#include "specs/values/check.hpp"
#include "specs/yaml.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {

void try_input(std::string_view input) {
    const auto parts = parts_of(input);
    const auto tree = specs::parse_yaml(parts.front(), "policy.yaml");
    if (!tree) return check_error(tree.error());
    const auto policy = specs::parse_policy(*tree);
    if (!policy) return check_error(policy.error());

    const specs::Policy nothing_added{};
    for (const std::string_view name : parts) {
        if (specs::allows_secret_file(*policy, name)) {
            CHECK(name.find("/../") == std::string_view::npos, "no way out of an allowed folder");
        }
        if (policy->backup_repositories.empty()) {
            CHECK(!specs::allows_backup_repository(*policy, name), "an empty list allows nothing");
        }
        const auto image = specs::parse_image(name);
        if (!image || !specs::allows_image(nothing_added, *image)) continue;
        CHECK(specs::allows_image(*policy, *image), "a policy never takes the official ones away");
    }
}

}  // namespace matriarch::fuzz
