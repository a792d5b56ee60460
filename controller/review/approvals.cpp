// A direct push among merges is seen: each commit on the way from the one in force is asked for.
#include "controller/review/approvals.hpp"

#include <algorithm>
#include <map>
#include <sstream>

namespace matriarch::controller {

namespace {

/// Forges and mail do not tell Ada from ada.
std::string in_lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

std::set<std::string> who_counts(const specs::ReviewRule& rule) {
    std::set<std::string> people;
    for (const std::string& name : rule.by) people.insert(in_lower_case(name));
    return people;
}

Error not_reviewed(const std::string& commit, const std::string& why) {
    return {.kind = ErrorKind::refused,
            .message = "commit " + commit + " is not in force: " + why,
            .hint =
                "This host's policy (reviews) takes only what people it names have approved "
                "of; it is asked again at each look."};
}

std::string count_of(std::size_t given, int asked) {
    return "it has " + std::to_string(given) + " of " + std::to_string(asked) +
           (asked == 1 ? " approval" : " approvals");
}

/// The last paragraph of a commit's message, where such lines stand.
std::string last_paragraph(const std::string& bytes) {
    const auto begin = bytes.find("\n\n");
    if (begin == std::string::npos) return "";
    std::string message = bytes.substr(begin + 2);
    while (message.ends_with('\n')) message.pop_back();
    const auto last = message.rfind("\n\n");
    // A first paragraph is the subject.
    return last == std::string::npos ? std::string() : message.substr(last + 2);
}

}  // namespace

std::set<std::string> approvers_of(const specs::ReviewRule& rule, const Merged& merged) {
    const std::set<std::string> counts = who_counts(rule);
    std::map<std::string, bool> words;
    for (const Approval& one : merged.approvals) {
        const bool is_of_head = one.head.empty() || one.head == merged.pull.head;
        words[in_lower_case(one.by)] = one.is_given && is_of_head;
    }
    words.erase(in_lower_case(merged.pull.author));
    std::set<std::string> approvers;
    for (const auto& [who, is_given] : words) {
        if (is_given && counts.contains(who)) approvers.insert(who);
    }
    return approvers;
}

Result<void> approved_at_forge(const specs::ReviewRule& rule, Forge& forge,
                               const git::Revision& revision, const std::string& branch,
                               std::stop_token stop) {
    if (revision.since.size() > git::since_max) {
        return fail(not_reviewed(
            revision.id, "it brings more than " + std::to_string(git::since_max) + " commits"));
    }
    for (const std::string& commit : revision.since) {
        const auto merged = forge.merged_with(commit, branch, stop);
        if (!merged) {
            return fail(ErrorKind::unavailable,
                        "commit " + revision.id + " waits: cannot ask the forge who approved of " +
                            commit + ": " + merged.error().message,
                        merged.error().hint);
        }
        const std::string what = commit == revision.id ? "it" : "commit " + commit + " below it";
        if (!*merged) {
            return fail(not_reviewed(revision.id, what + " came with no pull request"));
        }
        const std::size_t given = approvers_of(rule, **merged).size();
        if (given >= static_cast<std::size_t>(rule.approvals)) continue;
        return fail(not_reviewed(revision.id, what + " came with pull request " +
                                                  std::to_string((*merged)->pull.number) +
                                                  ", and " + count_of(given, rule.approvals)));
    }
    return {};
}

Result<void> approved_in_message(const specs::ReviewRule& rule, const git::Revision& revision) {
    std::set<std::string> counts = who_counts(rule);
    counts.erase(in_lower_case(revision.email));
    std::set<std::string> approvers;
    std::istringstream lines(last_paragraph(revision.signed_bytes));
    for (std::string line; std::getline(lines, line);) {
        line = in_lower_case(line);
        const auto begin = line.find('<');
        const auto end = line.find('>', begin == std::string::npos ? 0 : begin);
        if (!line.starts_with("reviewed-by:") || begin == std::string::npos ||
            end == std::string::npos) {
            continue;
        }
        const std::string who = line.substr(begin + 1, end - begin - 1);
        if (counts.contains(who)) approvers.insert(who);
    }
    if (approvers.size() >= static_cast<std::size_t>(rule.approvals)) return {};
    return fail(not_reviewed(revision.id, count_of(approvers.size(), rule.approvals) +
                                              " in Reviewed-by lines of its message"));
}

}  // namespace matriarch::controller
