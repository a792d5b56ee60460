// A commit as git would have read it, for tests of what is said of it.
#pragma once

#include <map>
#include <string>

#include "controller/git/reader.hpp"
#include "specs/specs.hpp"
#include "specs/yaml.hpp"

namespace matriarch::controller {

/// A commit with these instances, by their release.
inline git::Revision commit_with(const std::map<std::string, std::string>& versions) {
    git::Revision revision{.id = std::string(40, 'c'), .relation = git::Relation::fast_forward};
    for (const auto& [name, version] : versions) {
        const std::string path = name + ".yaml";
        // Ports of their own: they are on one host.
        const std::string port = std::to_string(static_cast<int>(name.front()));
        const auto tree = specs::parse_yaml(
            "instance: " + name + "\ndomain: " + name + ".example\nmastodon: " + version +
                "\nbackups: {repository: /srv/backups/" + name + "}\nedge: {http: 8" + port +
                ", https: 9" + port + "}\n",
            path);
        revision.files.push_back({.path = path, .shown = path, .content = specs::encode(*tree)});
    }
    return revision;
}

}  // namespace matriarch::controller
