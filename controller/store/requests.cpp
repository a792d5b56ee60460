// One line each: "backup 2026-11-22T06:00:00Z".
#include "controller/store/requests.hpp"

#include <sstream>

#include "controller/base/files.hpp"
#include "reconcilers/snapshots.hpp"

namespace matriarch::controller {

Result<Requests> load_requests(const InstanceFolder& folder) {
    const auto text = TRY(read_file(folder.requests(), 4096));
    Requests requests;
    std::istringstream lines(text.value_or(""));
    for (std::string line; std::getline(lines, line);) {
        const auto space = line.find(' ');
        if (space == std::string::npos) continue;
        const auto time = reconcilers::parse_slot(line.substr(space + 1));
        if (!time) continue;
        if (line.starts_with("backup ")) requests.backup = *time;
        if (line.starts_with("drill ")) requests.drill = *time;
        if (line.starts_with("resumed ")) requests.resumed = *time;
    }
    return requests;
}

Result<void> save_requests(const InstanceFolder& folder, const Requests& requests) {
    std::string text;
    if (requests.backup) text += "backup " + reconcilers::slot_text(*requests.backup) + "\n";
    if (requests.drill) text += "drill " + reconcilers::slot_text(*requests.drill) + "\n";
    if (requests.resumed) text += "resumed " + reconcilers::slot_text(*requests.resumed) + "\n";
    return write_file(folder.requests(), text);
}

}  // namespace matriarch::controller
