// Addresses, branches, watched folders and known_hosts: text that says where a repository is and
// whom to trust. The first part is the address, the second known_hosts.
#include "controller/git/address.hpp"
#include "controller/git/known_hosts.hpp"
#include "specs/text_rules.hpp"
#include "specs/values/check.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

void try_address(std::string_view text) {
    const auto address = git::parse_address(text, false);
    if (!address) return check_error(address.error());
    // A path may have any byte that is no control character.
    if (!specs::find_bad_text(text)) check_shown(address->path);
    const bool is_open =
        address->transport == git::Transport::http || address->transport == git::Transport::git;
    CHECK(!is_open || git::is_loopback(address->host), "unencrypted only on this host");
    const auto again = git::parse_address(address->url, false);
    CHECK(again && again->url == address->url && again->is_same_host(*address),
          "an address reads back the same");
}

void try_folder(std::string_view text) {
    const auto path = git::parse_watched_path(text);
    if (!path) return check_error(path.error());
    CHECK(!path->starts_with('/') && ("/" + *path + "/").find("/../") == std::string::npos,
          "a watched folder lies inside");
    const auto again = git::parse_watched_path(*path);
    CHECK(again && *again == *path, "a watched folder reads back the same");
}

void try_hosts(std::string_view known_hosts, std::string_view key) {
    using git::HostKey;
    const git::ShownKey shown{.host = "git.example", .key = key};
    const HostKey answer = git::find_host_key(known_hosts, shown);
    CHECK(answer == HostKey::unknown || !known_hosts.empty(), "an empty file knows nobody");
    // A file that also revokes everything trusts nobody.
    static_cast<void>(git::lines_for_host(known_hosts, "git.example", 22));
    check_shown(git::fingerprint_text(key.substr(0, 32)));
}

}  // namespace

void try_input(std::string_view input) {
    const auto parts = parts_of(input);
    try_address(parts.front());
    try_folder(parts.front());
    const auto branch = git::check_branch(parts.front());
    if (!branch) check_error(branch.error());
    const std::string_view known_hosts = parts.size() > 1 ? parts[1] : std::string_view();
    try_hosts(known_hosts, "\0\0\0\x0bssh-ed25519 and a key of a server");
}

}  // namespace matriarch::fuzz
