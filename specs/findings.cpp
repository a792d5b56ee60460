// Places by path: "web.memory" lies in "web", which lies in the file "".
#include "specs/findings.hpp"

#include <utility>

namespace matriarch::specs {

void Findings::add(const Place& place, std::string message, std::string hint) {
    errors_.push_back({ErrorKind::invalid, std::move(message), std::move(hint), to_text(place)});
}

Place Findings::place_of(std::string_view path) const {
    while (true) {
        if (const auto at = places_.find(path); at != places_.end()) return at->second;
        if (path.empty()) return {};
        const auto dot = path.rfind('.');
        path = path.substr(0, dot == std::string_view::npos ? 0 : dot);
    }
}

}  // namespace matriarch::specs
