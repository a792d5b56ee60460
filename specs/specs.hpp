// The face of this folder: fleet files in, instances and problems out. No I/O: whoever reads the
// files (a sandboxed child, a test, the command line) gives their text or their tree.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "specs/canonical.hpp"
#include "specs/defaults.hpp"
#include "specs/instance.hpp"
#include "specs/node.hpp"
#include "specs/waves.hpp"

namespace matriarch::specs {

/// One file of a fleet folder, already read (see parse_yaml() and decode()).
struct FleetFile {
    /// Relative to the fleet folder: "example.social.yaml", "defaults.yaml".
    std::string path{};
    Node tree{};
};

/// A Docker Engine that instances may name.
struct Host {
    std::string name{};
    /// unix:///path, tcp://host:port or ssh://user@host.
    std::string docker{};
    friend bool operator==(const Host&, const Host&) = default;
};

struct Fleet {
    /// By name; only those without a problem.
    std::map<std::string, Instance> instances{};
    /// Of all files at once. Empty: the fleet may be applied.
    std::vector<Error> problems{};
    /// The file of every instance whose name could be read, with problems or without.
    std::map<std::string, std::string> file_of{};
    std::map<std::string, Host> hosts{};
    std::vector<Wave> waves{};
};

/// Whether a path of the fleet folder is read at all: *.yaml and *.yml, hidden ones excepted.
[[nodiscard]] bool is_fleet_file(std::string_view path);

/// Reads a whole fleet: `defaults.yaml` and `hosts.yaml` at its top, every other file one instance.
///
/// An instance with a problem is absent from `instances`; so are all that share a name, a domain or
/// a port of the same host.
[[nodiscard]] Fleet parse_fleet(const std::vector<FleetFile>& files);

/// Reads one instance from text, without defaults.yaml. Errors: invalid (the first of all
/// problems).
[[nodiscard]] Result<Instance> parse_instance_text(std::string_view text, std::string_view file);

/// The JSON Schema (draft 2020-12) of an instance file, for editors.
[[nodiscard]] std::string json_schema();

}  // namespace matriarch::specs
