// Callbacks of a connection. Each returns 0 or an error code, and leaves the reason behind.
#include "controller/git/credentials.hpp"

#include <string_view>

#include "controller/git/known_hosts.hpp"
#include "specs/values/shown.hpp"

namespace matriarch::git {
namespace {

/// A fleet's history is text: a hundred commits a day for ten years stay below this.
constexpr std::size_t received_bytes_max = 200 * std::size_t{1024} * 1024;

int refuse(Conversation& conversation, ErrorKind kind, std::string message, std::string hint = {}) {
    conversation.refusal =
        Error{.kind = kind, .message = std::move(message), .hint = std::move(hint)};
    return GIT_EUSER;
}

/// "cannot fetch from git.example.org"
std::string cannot(const Conversation& conversation) {
    return std::string("cannot ") + conversation.doing + " " + conversation.errand.address.host;
}

/// What a credential must allow.
std::string may(const Conversation& conversation) {
    return conversation.errand.request.task == Task::write ? "write to" : "read";
}

std::string host_of(const Conversation& conversation) {
    return conversation.errand.address.host;
}

int give_token(Conversation& conversation, git_credential** out) {
    const Request& request = conversation.errand.request;
    const Address& address = conversation.errand.address;
    if (address.transport != Transport::https || request.token.is_empty()) {
        return refuse(conversation, ErrorKind::refused,
                      cannot(conversation) + ": it asks for a credential",
                      "Name a file with a token that may " + may(conversation) +
                          " this repository, or check the URL.");
    }
    if (conversation.credentials_asked > 1) {
        return refuse(
            conversation, ErrorKind::refused,
            cannot(conversation) + ": it does not accept the token",
            "Check that the token is current and may " + may(conversation) + " this repository.");
    }
    // GitHub, GitLab, Gitea and Forgejo take a token as the password of any user name.
    const std::string user = address.user.empty() ? "x-access-token" : address.user;
    return git_credential_userpass_plaintext_new(out, user.c_str(), request.token.reveal().c_str());
}

int give_key(Conversation& conversation, git_credential** out) {
    const Source& source = conversation.errand.request.source;
    const Address& address = conversation.errand.address;
    const std::string user = address.user.empty() ? "git" : address.user;
    if (source.ssh_key_file.empty()) {
        return refuse(conversation, ErrorKind::refused,
                      cannot(conversation) + ": there is no ssh key",
                      "Name a private key without passphrase that may " + may(conversation) +
                          " this repository.");
    }
    if (conversation.credentials_asked > 1) {
        return refuse(conversation, ErrorKind::refused,
                      cannot(conversation) + ": it does not accept the key " + source.ssh_key_file +
                          " for user " + user,
                      "Add its public half to the repository as a deploy key that may " +
                          may(conversation) +
                          " it; it must be ed25519 or ecdsa, without passphrase.");
    }
    return git_credential_ssh_key_new(out, user.c_str(), nullptr, source.ssh_key_file.c_str(),
                                      nullptr);
}

int give_credential(git_credential** out, const char* url, const char*, unsigned int allowed,
                    void* payload) {
    Conversation& conversation = *static_cast<Conversation*>(payload);
    const Address& address = conversation.errand.address;
    const Result<Address> asking = parse_address(url == nullptr ? "" : url, true);
    if (!asking || !asking->is_same_host(address)) {
        return refuse(conversation, ErrorKind::refused,
                      cannot(conversation) + ": another host asks for its credential");
    }
    if ((allowed & GIT_CREDENTIAL_USERNAME) != 0 && (allowed & GIT_CREDENTIAL_SSH_KEY) == 0) {
        return git_credential_username_new(out,
                                           address.user.empty() ? "git" : address.user.c_str());
    }
    ++conversation.credentials_asked;
    if (address.transport == Transport::ssh) return give_key(conversation, out);
    return give_token(conversation, out);
}

int check_host_key(Conversation& conversation, const git_cert_hostkey& shown) {
    const Address& address = conversation.errand.address;
    const std::string file = conversation.errand.request.source.known_hosts_file;
    const bool has_all =
        (shown.type & GIT_CERT_SSH_RAW) != 0 && (shown.type & GIT_CERT_SSH_SHA256) != 0;
    if (!has_all) {
        return refuse(conversation, ErrorKind::refused,
                      "cannot trust " + address.host + ": libgit2 does not show its key");
    }
    const HostKey answer = find_host_key(
        conversation.errand.known_hosts,
        {.host = address.host, .port = address.port, .key = {shown.hostkey, shown.hostkey_len}});
    if (answer == HostKey::matches) return 0;
    const std::string name = known_hosts_name(address.host, address.port);
    const std::string print = fingerprint_text(
        {reinterpret_cast<const char*>(shown.hash_sha256), sizeof shown.hash_sha256});
    const std::string where = file.empty() ? "a known_hosts file" : file;
    const std::string scan = "ssh-keyscan -p " + std::to_string(address.port) + " " + address.host;
    if (answer == HostKey::unknown) {
        return refuse(
            conversation, ErrorKind::refused,
            "cannot trust " + name + ": " + where + " does not name it; it shows the key " + print,
            "Compare that fingerprint with the one its operator publishes, then run: " + scan +
                " >> " + (file.empty() ? "FILE" : file) + ".");
    }
    return refuse(conversation, ErrorKind::refused,
                  "cannot trust " + name + ": it shows the key " + print + ", which is " +
                      (answer == HostKey::revoked ? "revoked in " : "not the one in ") + where,
                  "If its operator announced a new key, remove the old line (ssh-keygen -R '" +
                      name + "' -f " + (file.empty() ? "FILE" : file) + ") and add the new one (" +
                      scan + "); if not, somebody may be in between.");
}

int check_certificate(git_cert* certificate, int is_valid, const char*, void* payload) {
    Conversation& conversation = *static_cast<Conversation*>(payload);
    if (certificate->cert_type == GIT_CERT_HOSTKEY_LIBSSH2) {
        return check_host_key(conversation, *reinterpret_cast<git_cert_hostkey*>(certificate));
    }
    if (is_valid != 0) return 0;
    return refuse(conversation, ErrorKind::refused,
                  "cannot trust the certificate of " + host_of(conversation) + ": " + last_words(),
                  "Name the file of the authority that signed it, or correct the URL.");
}

/// What the server says of one branch that was pushed; nothing: it took it.
int watch_push(const char*, const char* status, void* payload) {
    if (status == nullptr) return 0;
    Conversation& conversation = *static_cast<Conversation*>(payload);
    return refuse(conversation, ErrorKind::refused,
                  cannot(conversation) + ": it does not take the branch " +
                      conversation.errand.request.source.branch + ": " + shown(status, 200),
                  "Allow this credential to write that branch, and no other.");
}

int watch_progress(const git_indexer_progress* progress, void* payload) {
    Conversation& conversation = *static_cast<Conversation*>(payload);
    if (progress->received_bytes <= received_bytes_max) return 0;
    return refuse(conversation, ErrorKind::invalid,
                  "cannot fetch from the repository: it has more than " +
                      std::to_string(received_bytes_max / 1024 / 1024) + " MiB",
                  "Keep the fleet in a repository of its own.");
}

}  // namespace

git_remote_callbacks callbacks_for(Conversation& conversation) {
    git_remote_callbacks callbacks = GIT_REMOTE_CALLBACKS_INIT;
    callbacks.credentials = give_credential;
    callbacks.certificate_check = check_certificate;
    callbacks.transfer_progress = watch_progress;
    callbacks.push_update_reference = watch_push;
    callbacks.payload = &conversation;
    return callbacks;
}

}  // namespace matriarch::git
