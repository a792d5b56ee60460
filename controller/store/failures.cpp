// One failure a line: its key, a space, what happened.
#include "controller/store/failures.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

#include "controller/base/files.hpp"

namespace matriarch::controller {
namespace {

constexpr std::size_t bytes_max = 65'536;
constexpr std::size_t failures_max = 20;

Result<std::vector<std::string>> lines_of(const InstanceFolder& folder) {
    const auto text = TRY(read_file(folder.failures(), bytes_max));
    std::vector<std::string> lines;
    std::istringstream stream(text.value_or(""));
    for (std::string line; std::getline(stream, line);) {
        if (line.find(' ') != std::string::npos) lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace

Result<reconcilers::Failures> load_failures(const InstanceFolder& folder) {
    reconcilers::Failures failures;
    for (const std::string& line : TRY(lines_of(folder))) {
        const auto space = line.find(' ');
        failures[line.substr(0, space)] = line.substr(space + 1);
    }
    return failures;
}

Result<void> remember_failure(const InstanceFolder& folder, const std::string& key,
                              const std::string& what) {
    std::vector<std::string> lines = TRY(lines_of(folder));
    std::erase_if(lines, [&](const std::string& line) { return line.starts_with(key + " "); });
    std::string said = what;
    std::replace_if(
        said.begin(), said.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    lines.push_back(key + " " + said);
    if (lines.size() > failures_max) lines.erase(lines.begin());
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return write_file(folder.failures(), text);
}

Result<void> forget_failures(const InstanceFolder& folder) {
    return remove_file(folder.failures());
}

}  // namespace matriarch::controller
