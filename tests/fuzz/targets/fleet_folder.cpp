// A fleet folder: defaults.yaml, hosts.yaml and any number of instance files, cut out of one input.
#include <algorithm>

#include "specs/specs.hpp"
#include "specs/values/check.hpp"
#include "specs/yaml.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

std::vector<specs::FleetFile> files_of(std::string_view input) {
    std::vector<specs::FleetFile> files;
    for (const std::string_view part : parts_of(input)) {
        const std::size_t at = files.size();
        const std::string path = at == 0   ? "defaults.yaml"
                                 : at == 1 ? "hosts.yaml"
                                           : "i" + std::to_string(at) + ".yaml";
        auto tree = specs::parse_yaml(part, path);
        if (!tree) continue;
        files.push_back({.path = path, .tree = std::move(*tree)});
        if (files.size() == 6) break;  // enough for every pair to clash
    }
    return files;
}

}  // namespace

void try_input(std::string_view input) {
    std::vector<specs::FleetFile> files = files_of(input);
    const specs::Fleet fleet = specs::parse_fleet(files);
    for (const Error& error : fleet.problems) check_error(error);
    for (const auto& [name, instance] : fleet.instances) {
        CHECK(name == instance.name, "an instance is found under its name");
        CHECK(fleet.file_of.contains(name), "an instance has a file");
        const auto again =
            specs::parse_instance_text(specs::canonical_text(instance), "canonical.yaml");
        CHECK(again && *again == instance, "its canonical text reads back to the same");
    }
    std::reverse(files.begin(), files.end());
    const specs::Fleet reversed = specs::parse_fleet(files);
    CHECK(reversed.instances == fleet.instances, "the order of the files changes nothing");
    CHECK(reversed.problems.empty() == fleet.problems.empty(), "nor whether they may be applied");
}

}  // namespace matriarch::fuzz
