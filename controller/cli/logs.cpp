// logs: what the containers of one role print, with their names in front where there are several.
#include <cstdio>

#include "controller/cli/commands.hpp"
#include "reconcilers/labels.hpp"

namespace matriarch::controller {

namespace label = reconcilers::label;

namespace {

struct Source {
    std::string id{};
    std::string name{};
};

Result<std::vector<Source>> containers_of(Engine& engine, const LogOptions& options,
                                          std::stop_token stop) {
    std::vector<Source> found;
    const std::string mine = label::instance + "=" + options.instance;
    for (const auto& summary : TRY(engine.list_containers(mine, {.stop = stop}))) {
        const auto role = summary.labels.find(label::role);
        if (role != summary.labels.end() && role->second == options.role) {
            found.push_back({summary.id, summary.name});
        }
    }
    if (found.empty()) {
        return fail(
            ErrorKind::invalid,
            "cannot find a container of " + options.instance + " with role " + options.role,
            "Roles are web, streaming, sidekiq, postgres, redis, search, edge and jobs such as "
            "migrate.");
    }
    return found;
}

void write_lines(const std::string& prefix, std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        std::fprintf(stdout, "%s%.*s\n", prefix.c_str(), static_cast<int>(line.size()),
                     line.data());
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    std::fflush(stdout);
}

}  // namespace

int logs_command(const CommonOptions&, const LogOptions& options, std::stop_token stop) {
    const auto engine = connect_engine(stop);
    if (!engine) return failed_with(engine.error());
    const auto sources = containers_of(**engine, options, stop);
    if (!sources) return failed_with(sources.error());
    for (const Source& source : *sources) {
        const std::string prefix = sources->size() == 1 ? "" : source.name + "  ";
        if (options.follow && sources->size() == 1) {
            const auto each = [&](bool, std::string_view piece) { write_lines(prefix, piece); };
            const auto ended =
                (*engine)->follow_logs(source.id, options.lines, each, {.stop = stop});
            if (!ended && ended.error().kind != ErrorKind::stopped)
                return failed_with(ended.error());
            continue;
        }
        const auto output = (*engine)->logs(source.id, options.lines, {.stop = stop});
        if (!output) return failed_with(output.error());
        write_lines(prefix, output->out);
        write_lines(prefix, output->err);
    }
    return 0;
}

}  // namespace matriarch::controller
