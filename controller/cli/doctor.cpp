// doctor: looks at this host before anything is entrusted to it, and says what to do about it.
#include <sys/statvfs.h>
#include <unistd.h>

#include "controller/base/program.hpp"
#include "controller/cli/commands.hpp"

namespace matriarch::controller {

namespace {

enum class Verdict { good, warning, bad };

struct Finding {
    Verdict verdict{Verdict::good};
    std::string what{};
    std::string hint{};
};

std::string line(const Finding& finding) {
    const char* mark = finding.verdict == Verdict::good      ? "ok    "
                       : finding.verdict == Verdict::warning ? "warn  "
                                                             : "FAIL  ";
    return mark + finding.what + (finding.hint.empty() ? "" : "\n      HINT: " + finding.hint);
}

Finding check_age(std::stop_token stop) {
    const auto ran = run_program({.arguments = {"age", "--version"}, .stop = stop});
    if (ran) return {.what = "age is installed"};
    return {Verdict::warning, "age is not installed",
            "apt-get install age, to keep secrets in git."};
}

Finding check_state(const CommonOptions& common) {
    const auto state = state_of(common);
    if (!state) return {Verdict::bad, to_text(state.error()), ""};
    std::filesystem::path existing = state->root();
    while (!std::filesystem::exists(existing)) existing = existing.parent_path();
    if (access(existing.c_str(), W_OK) != 0) {
        return {Verdict::bad, "state folder " + state->root().string() + " cannot be written",
                "Run as a user who may, or choose another with --state-dir."};
    }
    return {.what = "state folder " + state->root().string()};
}

std::vector<Finding> check_engine(const EngineFacts& facts) {
    std::vector<Finding> findings{{.what = "Engine " + facts.version + ", API " + facts.api + ", " +
                                           std::to_string(facts.cpus) + " cpus, " +
                                           std::to_string(facts.memory.count / mib(1).count) +
                                           " MiB memory"}};
    if (facts.memory < mib(1800)) {
        findings.push_back({Verdict::warning, "less than 2 GB of memory",
                            "See examples/small-server for limits that fit."});
    }
    if (!facts.live_restore) {
        findings.push_back({Verdict::warning,
                            "live-restore is off: an Engine crash stops containers",
                            "Put {\"live-restore\": true} into /etc/docker/daemon.json."});
    }
    struct statvfs disk {};
    if (statvfs(facts.data_root.c_str(), &disk) == 0) {
        const Bytes free{static_cast<std::int64_t>(disk.f_bavail) *
                         static_cast<std::int64_t>(disk.f_frsize)};
        findings.push_back(
            {free < gib(10) ? Verdict::warning : Verdict::good,
             std::to_string(free.count / mib(1).count) + " MiB free at " + facts.data_root,
             free < gib(10) ? "Mastodon's images need about 2 GiB, its media far more." : ""});
    }
    return findings;
}

}  // namespace

int doctor_command(const CommonOptions& common, std::stop_token stop) {
    std::vector<Finding> findings{check_state(common), check_age(stop)};
    int code = 0;
    const auto engine = connect_engine(stop);
    const auto facts = engine ? (*engine)->facts({.stop = stop}) : fail(engine.error());
    if (facts) {
        for (Finding& finding : check_engine(*facts)) findings.push_back(std::move(finding));
    } else {
        findings.push_back({Verdict::bad, facts.error().message, facts.error().hint});
        code = exit_code(facts.error().kind);
    }
    for (const Finding& finding : findings) {
        print(line(finding));
        if (finding.verdict == Verdict::bad && code == 0) code = 1;
    }
    return code;
}

}  // namespace matriarch::controller
