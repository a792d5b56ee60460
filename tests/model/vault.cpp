// As the jobs' scripts behave (reconcilers/backup_scripts.cpp): each either does all of it or
// nothing that counts.
#include "tests/model/vault.hpp"

#include <algorithm>

#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/rehearsal.hpp"

namespace matriarch::model {

using reconcilers::Time;

int Vault::work(const std::string& role, const std::string& slot, Time now) {
    is_made = true;
    const bool is_database = role == reconcilers::snapshot_role;
    if (is_database || role == reconcilers::media_role) {
        const std::string kind = is_database ? "database" : "media";
        const auto is_it = [&](const Stored& one) {
            return one.kind == kind && one.dump.slot == slot;
        };
        if (std::any_of(snapshots.begin(), snapshots.end(), is_it)) return 0;
        if (is_database && (!staged || staged->slot != slot)) return 3;
        const Staged media{.slot = slot, .begun = now};
        snapshots.push_back({.dump = is_database ? *staged : media, .kind = kind});
    } else if (role == reconcilers::fetch_role) {
        fetched.reset();
        is_counted = false;
        for (std::size_t i = 0; i < snapshots.size(); ++i) {
            if (snapshots[i].kind == "database") fetched = i;
        }
        return fetched ? 0 : 1;
    } else if (role == reconcilers::restore_fetch_role) {
        to_restore.reset();
        for (std::size_t i = 0; i < snapshots.size(); ++i) {
            const bool is_it = slot.starts_with(snapshots[i].dump.slot + " ");
            if (is_it && snapshots[i].kind == "database") to_restore = i;
        }
        return to_restore ? 0 : 1;
    } else if (role == reconcilers::rehearsal_fetch_role) {
        to_rehearse.reset();
        for (std::size_t i = 0; i < snapshots.size(); ++i) {
            const bool is_it = slot.find(" " + snapshots[i].dump.slot + " ") != std::string::npos;
            if (is_it && snapshots[i].kind == "database") to_rehearse = i;
        }
        return to_rehearse ? 0 : 1;
    } else if (role == reconcilers::mark_role) {
        if (!fetched || !is_counted) return 1;
        snapshots[*fetched].drill = slot;
        fetched.reset();
    }
    return 0;
}

std::string Vault::description() const {
    if (!to_restore) return "";
    return "set slot " + snapshots[*to_restore].dump.slot +
           "\nset domain alpha.test\nset postgres 15\nset size 1\nset image "
           "ghcr.io/mastodon/mastodon:v4.5.0\n";
}

std::string Vault::list() const {
    std::string text = "repository 0827abcd\nsnapshots [";
    for (std::size_t i = 0; i < snapshots.size(); ++i) {
        const Stored& one = snapshots[i];
        text += std::string(i == 0 ? "" : ",") + R"({"id":"id)" + std::to_string(i) +
                R"(","tags":["complete","slot=)" + one.dump.slot + R"(","taken=)" +
                reconcilers::slot_text(one.dump.begun) + R"(","system=)" + one.dump.system +
                R"(",")" + one.kind + "\"";
        if (!one.drill.empty()) text += R"(,"verified","drill=)" + one.drill + "\"";
        text += "]}";
    }
    return text + "]\n";
}

}  // namespace matriarch::model
