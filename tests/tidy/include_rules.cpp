// Who may include whom (styles.md 2.2), as two tables: folders, and the files that may include what
// is heavy to compile.
#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "tests/tidy/rules.hpp"

namespace matriarch::tidy {

namespace {

/// A folder of ours: what of ours and of others it may include. The longest matching folder
/// decides.
struct Layer {
    std::string folder{};
    std::vector<std::string> ours{};
    std::vector<std::string> others{};  ///< prefixes of <...> that are not the standard library
    bool is_pure{false};                ///< no threads, clock, files or system calls
};

/// A controller part that stands beside the others and knows none of them.
Layer part(const std::string& name, std::vector<std::string> others) {
    const std::string folder = "controller/" + name + "/";
    return {.folder = folder,
            .ours = {"controller/base/", "specs/", "reconcilers/", folder},
            .others = std::move(others)};
}

const std::vector<Layer>& layers() {
    static const std::vector<Layer> table = {
        {.folder = "specs/values/",
         .ours = {"specs/values/"},
         .others = {"tl/expected.hpp", "openssl/evp.h"},
         .is_pure = true},
        {.folder = "specs/",
         .ours = {"specs/"},
         .others = {"fmt/", "yaml-cpp/", "tl/"},
         .is_pure = true},
        {.folder = "reconcilers/",
         .ours = {"specs/", "reconcilers/"},
         .others = {"fmt/"},
         .is_pure = true},
        {.folder = "controller/base/",
         .ours = {"specs/values/", "controller/base/"},
         .others = {"fmt/", "spdlog/", "openssl/", "sys/"}},
        part("engine", {"boost/", "fmt/", "sys/", "openssl/"}),
        part("git", {"git2", "fmt/", "sys/", "openssl/"}),
        part("store", {"sqlite3.h", "fmt/"}),
        part("secrets", {"openssl/", "fmt/", "sys/"}),
        part("probes", {"boost/", "fmt/"}),
        part("http", {"boost/", "fmt/", "openssl/"}),
        {.folder = "controller/loop/",
         .ours = {"specs/", "reconcilers/", "controller/base/", "controller/engine/",
                  "controller/git/", "controller/store/", "controller/secrets/",
                  "controller/probes/", "controller/http/", "controller/loop/"},
         .others = {"fmt/", "sys/", "boost/json", "date/"}},
        {.folder = "controller/review/",
         .ours = {"specs/", "reconcilers/", "controller/base/", "controller/git/",
                  "controller/store/", "controller/secrets/", "controller/loop/",
                  "controller/review/"},
         .others = {"boost/json"}},
        {.folder = "controller/",
         .ours = {"specs/", "reconcilers/", "controller/"},
         .others = {"fmt/", "CLI/", "boost/json", "sys/", "openssl/"}},
        {.folder = "tests/",
         .ours = {"specs/", "reconcilers/", "controller/", "tests/"},
         .others = {""}},
    };
    return table;
}

/// Headers that cost seconds, and the production files that may include them: a name without ending
/// is a .cpp file; a header that carries them on is named as such, and only its neighbours know it.
struct Heavy {
    std::string header{};
    std::vector<std::string> files{};
};

const std::vector<Heavy>& heavies() {
    static const std::vector<std::string> network = {
        "controller/engine/transport",   "controller/engine/connection",
        "controller/engine/talk.hpp",    "controller/engine/events",
        "controller/http/server",        "controller/http/connection",
        "controller/http/connection.hpp"};
    static const std::vector<Heavy> table = {
        {"boost/beast", network},
        {"boost/asio", network},
        {"boost/json",
         {"controller/engine/json", "controller/engine/wire", "controller/engine/wire_container",
          "controller/engine/wire_create", "controller/engine/wire_fields",
          "controller/engine/wire_fields.hpp", "controller/http/routes",
          "controller/loop/observe_backups", "controller/loop/report_json",
          "controller/loop/report_text", "controller/loop/report_drift", "controller/loop/notifier",
          "controller/review/forge_dialect", "controller/review/proposal_report",
          "controller/review/registry", "controller/review/update_check"}},
        {"date/", {"controller/loop/calendar"}},
        {"spdlog/", {"controller/base/log"}},
        {"yaml-cpp/", {"specs/yaml"}},
        {"sqlite3.h", {"controller/store/database"}},
        {"git2", {"controller/git/libgit2.hpp"}},
        {"CLI/",
         {"controller/cli/arguments", "controller/cli/arguments_run", "controller/cli/completion"}},
    };
    return table;
}

const std::vector<std::string> impure = {
    "thread",    "mutex",      "shared_mutex", "condition_variable", "future",   "atomic",
    "semaphore", "filesystem", "fstream",      "iostream",           "unistd.h", "fcntl.h",
    "pthread.h", "ctime"};

const Layer* layer_of(const std::string& path) {
    const Layer* best = nullptr;
    for (const Layer& layer : layers()) {
        if (starts_with(path, layer.folder) &&
            (best == nullptr || layer.folder.size() > best->folder.size())) {
            best = &layer;
        }
    }
    return best;
}

bool allows(const std::vector<std::string>& prefixes, const std::string& header) {
    return std::ranges::any_of(prefixes, [&](const auto& one) { return starts_with(header, one); });
}

/// A name without slash and ending is the standard library's; `x.h` is the system's or C's.
bool is_standard(const std::string& header) {
    return header.find('/') == std::string::npos && header.find('.') == std::string::npos;
}

bool is_system(const std::string& header) {
    static const std::vector<std::string> names = {
        "unistd.h",    "fcntl.h",      "poll.h",        "signal.h", "errno.h", "time.h",
        "spawn.h",     "netdb.h",      "termios.h",     "pwd.h",    "grp.h",   "dirent.h",
        "arpa/inet.h", "netinet/in.h", "netinet/tcp.h", "sched.h",  "linux/",  "string.h"};
    return allows(names, header) || starts_with(header, "sys/");
}

std::string broken_rule(const Source& file, const Layer& layer, const std::string& header,
                        bool quoted) {
    // A neighbour, or a file that the build makes for this folder.
    if (quoted && header.find('/') == std::string::npos) return "";
    if (quoted) return allows(layer.ours, header) ? "" : "may not know " + header;
    const bool in_tests = starts_with(file.path, "tests/");
    for (const Heavy& heavy : heavies()) {
        if (in_tests || !starts_with(header, heavy.header)) continue;
        const bool is_header = ends_with(file.path, ".hpp");
        const std::string name = is_header ? file.path : file.path.substr(0, file.path.rfind('.'));
        const bool at_home = std::ranges::find(heavy.files, name) != heavy.files.end();
        if (!at_home) return header + " is private to other files";
    }
    if (layer.is_pure && std::ranges::find(impure, header) != impure.end()) {
        return header + " in a folder that must stay pure";
    }
    if (is_standard(header) || allows(layer.others, header)) return "";
    if (!layer.is_pure && is_system(header)) return "";
    return header + " is not in the table";
}

}  // namespace

Findings forbidden_includes(const Tree& tree) {
    static const std::regex include(R"re(^\s*#\s*include\s+([<"])([^>"]+)[>"])re");
    Findings found;
    for (const Source& file : tree) {
        const Layer* layer = layer_of(file.path);
        if (!is_cpp(file) || layer == nullptr) continue;
        int number = 0;
        for (const std::string& line : lines_of(file.text)) {
            ++number;
            std::smatch match;
            if (!std::regex_search(line, match, include)) continue;
            const std::string broken = broken_rule(file, *layer, match[2], match[1] == "\"");
            if (!broken.empty()) found.push_back({file.path, number, broken});
        }
    }
    return found;
}

}  // namespace matriarch::tidy
