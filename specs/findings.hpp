// Findings: what is wrong with one file, and where each of its fields stands.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "specs/node.hpp"

namespace matriarch::specs {

/// What reading found: errors, and where each field stands ("web.memory" -> place).
class Findings {
 public:
    void add(const Place& place, std::string message, std::string hint = {});
    void remember(const std::string& path, const Place& place) { places_[path] = place; }

    /// The place of a field, or of the nearest section around it that is written down.
    [[nodiscard]] Place place_of(std::string_view path) const;
    [[nodiscard]] bool is_written(const std::string& path) const { return places_.contains(path); }
    [[nodiscard]] const std::vector<Error>& errors() const { return errors_; }

 private:
    std::vector<Error> errors_{};
    std::map<std::string, Place, std::less<>> places_{};
};

}  // namespace matriarch::specs
