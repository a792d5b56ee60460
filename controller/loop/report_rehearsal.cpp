// What came of a rehearsal: for a terminal, for a comment, for scripts.
#include <cstdio>

#include "controller/base/text.hpp"
#include "controller/loop/report.hpp"
#include "specs/values/units.hpp"

namespace matriarch::controller {

using namespace reconcilers;

namespace {

std::string in_seconds(std::chrono::milliseconds took) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.1f s", static_cast<double>(took.count()) / 1000);
    return text;
}

std::string mebibytes(Bytes bytes) {
    return std::to_string((bytes.count + mib(1).count - 1) / mib(1).count) + " MiB";
}

std::string phase_words(const RehearsedPhase& phase) {
    return (phase.name == "all" ? "all" : "the " + phase.name) + " migrations " +
           (phase.exit_code == 0 ? "took " : "failed after ") + in_seconds(phase.took);
}

std::string phases_of(const Rehearsal& rehearsal) {
    std::string text;
    for (const RehearsedPhase& phase : rehearsal.phases) {
        text += (text.empty() ? "" : ", ") + phase_words(phase);
    }
    return text.empty() ? "they ended before anything was migrated" : text;
}

std::string took_of(const Rehearsal& rehearsal) {
    std::string text;
    if (rehearsal.disk_peak.count > 0) {
        text += "on disk " + mebibytes(rehearsal.disk_before) + " before, at most " +
                mebibytes(rehearsal.disk_peak) + " on the way";
    }
    if (rehearsal.memory_peak.count > 0) {
        text += (text.empty() ? "" : "; ") +
                ("memory of the job at most " + mebibytes(rehearsal.memory_peak));
    }
    return text;
}

std::string calls_of(const Rehearsal& rehearsal) {
    if (rehearsal.calls_out == 0) return "";
    return "it tried to call out (" + std::to_string(rehearsal.calls_out) +
           " packets); nothing was reached";
}

}  // namespace

std::string rehearsal_headline(const Rehearsal& rehearsal) {
    const bool has_passed = rehearsal.has_passed();
    return std::string("rehearsal ") + (has_passed ? "passed" : "failed") + ": " +
           phases_of(rehearsal) + ", on a copy of the backup of " + slot_text(rehearsal.slot);
}

std::string rehearsal_text(const Rehearsal& rehearsal) {
    std::string text = to_text(rehearsal.version) + ", " + rehearsal_headline(rehearsal) + "\n";
    const auto line = [&](const std::string& words) {
        if (!words.empty()) text += "  " + printable(words) + "\n";
    };
    line(rehearsal.has_passed() ? "" : rehearsal.last_words);
    for (const RehearsedMigration& one : rehearsal.migrations) {
        line(one.version + " " + one.name + " " + in_seconds(one.took));
    }
    for (const HeldLock& lock : rehearsal.locks) {
        line("lock " + lock.mode + " on " + lock.table + ", at most " + in_seconds(lock.held));
    }
    line(took_of(rehearsal));
    line(calls_of(rehearsal));
    text.pop_back();
    return text;
}

std::string rehearsal_markdown(const Rehearsal& rehearsal) {
    std::string text;
    if (!rehearsal.has_passed()) text += "> " + in_markdown(rehearsal.last_words) + "\n\n";
    if (!rehearsal.migrations.empty()) text += "| migration | took |\n| --- | --- |\n";
    for (const RehearsedMigration& one : rehearsal.migrations) {
        text += "| " + in_markdown(one.version + " " + one.name) + " | " + in_seconds(one.took) +
                " |\n";
    }
    if (!rehearsal.locks.empty())
        text += "\n| table | lock | held at most |\n| --- | --- | --- |\n";
    for (const HeldLock& lock : rehearsal.locks) {
        text += "| " + in_markdown(lock.table) + " | " + in_markdown(lock.mode) + " | " +
                in_seconds(lock.held) + " |\n";
    }
    for (const std::string& words : {took_of(rehearsal), calls_of(rehearsal)}) {
        if (!words.empty()) text += "\n- " + in_markdown(words) + ".";
    }
    return text + "\n";
}

}  // namespace matriarch::controller
