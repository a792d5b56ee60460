// What containers print and we believe: PostgreSQL's health check, the list of migrations, what
// came of a rehearsal; and the status that was published for other processes.
#include <algorithm>

#include "controller/loop/observe.hpp"
#include "controller/loop/report.hpp"
#include "reconcilers/schema.hpp"
#include "specs/values/check.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

void check_versions(const std::map<std::string, std::string>& migrations) {
    for (const auto& [version, name] : migrations) {
        CHECK(!version.empty() && std::all_of(version.begin(), version.end(),
                                              [](char c) { return c >= '0' && c <= '9'; }),
              "a migration's version is a number");
    }
}

}  // namespace

void try_input(std::string_view input) {
    const std::string text(input);
    const auto migrations = controller::parse_migrations(text);
    check_versions(migrations.regular);
    check_versions(migrations.post_deployment);
    const auto answer = controller::parse_database_answer(text);
    CHECK(!answer || (!answer->system.empty() && !answer->schema.empty()), "both or nothing");
    if (const auto rehearsal = reconcilers::parse_rehearsal(text)) {
        CHECK(rehearsal->took().count() >= 0, "nothing takes less than no time");
        const std::string words = controller::rehearsal_text(*rehearsal);
        for (std::size_t at = 0; at < words.size();) {
            const std::size_t end = std::min(words.find('\n', at), words.size());
            check_shown(std::string_view(words).substr(at, end - at));
            at = end + 1;
        }
        CHECK(!controller::rehearsal_json(*rehearsal).empty(), "it can be told");
    }
    const std::string status = controller::status_text(controller::status_document({text}, text));
    for (std::size_t at = 0; at < status.size();) {
        const std::size_t end = std::min(status.find('\n', at), status.size());
        check_shown(std::string_view(status).substr(at, end - at));
        at = end + 1;
    }
}

}  // namespace matriarch::fuzz
