// One line each: "backup 2026-11-22T06:00:00Z", "restore SLOT ASKED saved archive", "scratch SLOT
// NAME", "rehearsal ASKED VERSION".
#include "controller/store/requests.hpp"

#include <sstream>

#include "controller/base/files.hpp"

namespace matriarch::controller {
namespace {

void read_line(const std::string& line, Requests& requests) {
    std::istringstream words(line);
    std::string kind;
    std::string first;
    std::string second;
    std::string third;
    std::string fourth;
    words >> kind >> first >> second >> third >> fourth;
    const auto time = reconcilers::parse_slot(first);
    if (!time) return;
    if (kind == "backup") requests.backup = *time;
    if (kind == "drill") requests.drill = *time;
    if (kind == "resumed") requests.resumed = *time;
    if (kind == "scratch" && !second.empty()) requests.scratches[second] = *time;
    const auto version = specs::parse_version(second);
    if (kind == "rehearsal" && version) {
        requests.rehearsal = {.version = *version, .asked = *time};
    }
    const auto asked = reconcilers::parse_slot(second);
    if (kind == "restore" && asked && (third == "saved" || third == "unsaved")) {
        requests.restore = {.slot = *time,
                            .asked = *asked,
                            .is_saved = third == "saved",
                            .from_archive = fourth == "archive"};
    }
}

}  // namespace

Result<Requests> load_requests(const InstanceFolder& folder) {
    const auto text = TRY(read_file(folder.requests(), 65'536));
    Requests requests;
    std::istringstream lines(text.value_or(""));
    for (std::string line; std::getline(lines, line);) read_line(line, requests);
    return requests;
}

Result<void> save_requests(const InstanceFolder& folder, const Requests& requests) {
    using reconcilers::slot_text;
    std::string text;
    if (requests.backup) text += "backup " + slot_text(*requests.backup) + "\n";
    if (requests.drill) text += "drill " + slot_text(*requests.drill) + "\n";
    if (requests.resumed) text += "resumed " + slot_text(*requests.resumed) + "\n";
    if (const auto& wish = requests.restore) {
        text += "restore " + slot_text(wish->slot) + " " + slot_text(wish->asked) +
                (wish->is_saved ? " saved" : " unsaved") +
                (wish->from_archive ? " archive\n" : "\n");
    }
    if (const auto& wish = requests.rehearsal) {
        text += "rehearsal " + slot_text(wish->asked) + " " + to_text(wish->version) + "\n";
    }
    for (const auto& [name, slot] : requests.scratches) {
        text += "scratch " + slot_text(slot) + " " + name + "\n";
    }
    return write_file(folder.requests(), text);
}

}  // namespace matriarch::controller
