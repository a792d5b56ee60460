// Where each forge's API has what, and how it gives a long list.
#include "controller/base/text.hpp"
#include "controller/review/forge_dialect.hpp"

namespace matriarch::controller {
namespace {

/// As many to a page as the forge gives: of Gitea's 50 is the usual ceiling.
constexpr int page_size(ForgeKind kind) {
    return kind == ForgeKind::gitea ? 50 : 100;
}

std::string page_of(ForgeKind kind, int page) {
    return std::string(kind == ForgeKind::gitea ? "limit=" : "per_page=") +
           std::to_string(page_size(kind)) + "&page=" + std::to_string(page);
}

}  // namespace

std::string api_of(const ForgeSettings& forge) {
    switch (forge.kind) {
        case ForgeKind::github:
            return forge.url + "/repos/" + forge.repository;
        case ForgeKind::gitea:
            return forge.url + "/api/v1/repos/" + forge.repository;
        case ForgeKind::gitlab:
            break;
    }
    return forge.url + "/api/v4/projects/" + percent_encoded(forge.repository);
}

std::string pulls_path(ForgeKind kind, const std::string& branch, int page) {
    const std::string base = percent_encoded(branch);
    if (kind == ForgeKind::gitlab) {
        return "/merge_requests?state=opened&target_branch=" + base + "&" + page_of(kind, page);
    }
    // Not every Gitea knows a parameter for the base.
    const std::string of_base = kind == ForgeKind::github ? "&base=" + base : "";
    return "/pulls?state=open" + of_base + "&" + page_of(kind, page);
}

std::string pulls_from_path(const ForgeSettings& forge, const std::string& base,
                            const std::string& from, int page) {
    const std::string target = percent_encoded(base);
    const std::string source = percent_encoded(from);
    const std::string pages = "&" + page_of(forge.kind, page);
    switch (forge.kind) {
        case ForgeKind::github: {
            const std::string owner = forge.repository.substr(0, forge.repository.find('/'));
            return "/pulls?state=all&base=" + target + "&head=" + percent_encoded(owner + ":") +
                   source + pages;
        }
        case ForgeKind::gitea:
            return "/pulls?state=all" + pages;
        case ForgeKind::gitlab:
            break;
    }
    return "/merge_requests?state=all&target_branch=" + target + "&source_branch=" + source + pages;
}

std::string new_pull_path(ForgeKind kind) {
    return kind == ForgeKind::gitlab ? "/merge_requests" : "/pulls";
}

std::string pull_path(ForgeKind kind, int number) {
    return new_pull_path(kind) + "/" + std::to_string(number);
}

std::string comments_path(ForgeKind kind, int number) {
    if (kind == ForgeKind::gitlab) return "/merge_requests/" + std::to_string(number) + "/notes";
    return "/issues/" + std::to_string(number) + "/comments";
}

std::string comments_page(ForgeKind kind, int number, int page) {
    // Gitea gives all of them at once.
    if (kind == ForgeKind::gitea) return comments_path(kind, number);
    return comments_path(kind, number) + "?" + page_of(kind, page);
}

std::string comment_path(ForgeKind kind, int number, const std::string& id) {
    if (kind == ForgeKind::gitlab) return comments_path(kind, number) + "/" + id;
    return "/issues/comments/" + id;
}

std::string merged_path(ForgeKind kind, const std::string& commit) {
    switch (kind) {
        case ForgeKind::github:
            return "/commits/" + commit + "/pulls";
        case ForgeKind::gitea:
            return "/commits/" + commit + "/pull";
        case ForgeKind::gitlab:
            break;
    }
    return "/repository/commits/" + commit + "/merge_requests";
}

std::string approvals_page(ForgeKind kind, int number, int page) {
    const std::string of = std::to_string(number);
    if (kind == ForgeKind::gitlab) return "/merge_requests/" + of + "/approvals";
    return "/pulls/" + of + "/reviews?" + page_of(kind, page);
}

std::string status_path(const std::string& commit) {
    return "/statuses/" + commit;
}

bool has_next_page(ForgeKind kind, const WebAnswer& answer, int page) {
    switch (kind) {
        case ForgeKind::github:
            return answer.header("link").find("rel=\"next\"") != std::string::npos;
        case ForgeKind::gitea:
            return page * page_size(kind) < number_in(answer.header("x-total-count"));
        case ForgeKind::gitlab:
            break;
    }
    return !answer.header("x-next-page").empty();
}

}  // namespace matriarch::controller
