// A repository that is far away is reached with what the secrets called restic-... hold. By sftp
// that is a key and the server's own: a server that is not known is never trusted at first sight,
// since whoever poses as it would be given every backup from then on.
#include "reconcilers/repository.hpp"

#include <algorithm>

namespace matriarch::reconcilers {
namespace {

constexpr std::string_view prefix = "restic-";
/// The private key of the user of sftp, and the lines of a known_hosts file.
constexpr const char* ssh_key = "restic-ssh-key";
constexpr const char* ssh_known_hosts = "restic-ssh-known-hosts";

bool has_secret(const Wanted& wanted, const char* name) {
    const auto found = wanted.secrets.find(name);
    return found != wanted.secrets.end() && !found->second.is_empty();
}

/// user@host:/path and //user@host:port//path, as ssh-keyscan wants it.
std::string keyscan(const specs::Instance& instance) {
    std::string rest = instance.backups.repository.substr(5);
    const bool is_url = rest.starts_with("//");
    if (is_url) rest.erase(0, 2);
    rest = rest.substr(0, rest.find('/'));
    if (const auto at = rest.find('@'); at != std::string::npos) rest.erase(0, at + 1);
    const auto colon = rest.rfind(':');
    const std::string host = rest.substr(0, colon);
    const bool has_port = is_url && colon != std::string::npos;
    return "ssh-keyscan " + (has_port ? "-p " + rest.substr(colon + 1) + " " : "") + host;
}

/// A server that shows another key than the known one is given nothing.
constexpr const char* keys_text = R"sh(set -eu
ionice -c 2 -n 7 -p $$ 2> /dev/null || :
umask 077
if [ -n "${SSH_KEY:-}" ]; then
  mkdir -p ~/.ssh
  printf '%s\n' "$SSH_KEY" > ~/.ssh/key
  printf '%s\n' "$SSH_KNOWN_HOSTS" > ~/.ssh/known_hosts
  printf '%s\n' 'IdentityFile ~/.ssh/key' 'IdentitiesOnly yes' 'BatchMode yes' \
    'StrictHostKeyChecking yes' 'ConnectTimeout 20' 'ServerAliveInterval 15' > ~/.ssh/config
fi
)sh";

/// Says who the repository is, and refuses one that is not ours. Made only where there was none
/// yet: `restic init` fails where anything is. It may be gone before its ssh has said what is
/// wrong, so ssh is then asked itself.
constexpr const char* open_text = R"sh(r() { restic --no-cache "$@"; }
say() { printf '%s\n' "$*" >&2; }
who() {
  r --no-lock cat config 2> /tmp/why | tr -d ' \n' | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p'
}
refuse() {
  cat /tmp/why >&2
  say "$1"
  exit 1
}
ask_ssh() {
  server=${RESTIC_REPOSITORY#sftp:}
  case $server in
    //*) server=${server#//} server=ssh://${server%%/*} ;;
    *) server=${server%%:*} ;;
  esac
  ssh -s "$server" sftp < /dev/null > /dev/null 2>> /tmp/why || :
}
id=$(who)
if [ -z "$id" ]; then
  if [ -n "${SSH_KEY:-}" ]; then ask_ssh; fi
  if grep -q 'Host key verification failed' /tmp/why; then
    refuse "the server shows another host key than restic-ssh-known-hosts has; it was given nothing"
  elif grep -q 'Permission denied (' /tmp/why; then
    refuse "the server does not take the key in restic-ssh-key"
  elif [ -n "$REPOSITORY_ID$ONLY_OPEN" ]; then
    refuse "the repository that has the backups cannot be opened; it is not made anew"
  fi
  if ! r init --quiet; then
    cat /tmp/why >&2
    exit 1
  fi
  id=$(who)
fi
if [ -n "$REPOSITORY_ID" ]; then
  if [ "$id" != "$REPOSITORY_ID" ]; then
    say "this is another repository ($id) than the one that has the backups ($REPOSITORY_ID)"
    exit 1
  fi
elif r --no-lock snapshots --json | tr ',' '\n' | sed -n 's/.*"hostname":"\([^"]*\)".*/\1/p' |
  grep -qvxF "$NAME"; then
  say "this repository has backups of somebody else: each instance needs its own"
  exit 1
fi
list() {
  printf 'repository %s\nsnapshots ' "$id"
  r --no-lock snapshots --json --host "$NAME"
  echo
}
)sh";

/// By its tags: each mark gives a snapshot another id, and who was killed did not tell which.
constexpr const char* find_text = R"sh(
SNAPSHOT=$(r --no-lock snapshots --json --host "$NAME" --tag "$SET" |
  sed 's/},{"time"/}\n{"time"/g' | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p' | tail -n 1)
if [ -z "$SNAPSHOT" ]; then
  say "the repository does not have $SET"
  exit 1
fi
)sh";

}  // namespace

void check_keys(const Wanted& wanted, Steps& steps) {
    if (!wanted.instance.backups.repository.starts_with("sftp:")) return;
    for (const char* name : {ssh_key, ssh_known_hosts}) {
        if (has_secret(wanted, name)) continue;
        const std::string& given = wanted.instance.secrets;
        const bool is_key = std::string_view(name) == ssh_key;
        steps.block({.code = "backup-keys-missing",
                     .message = "the secret " + std::string(name) + ", without which " +
                                wanted.instance.backups.repository + " is not used, is not given",
                     .hint = "Write " + std::string(name) + "=\"...\" into " +
                             (given.empty() ? "the file that secrets: names" : given) + ": " +
                             (is_key ? "a private key without a passphrase, that only this is for."
                                     : "what " + keyscan(wanted.instance) +
                                           " prints, once its fingerprint was compared.")});
        return;
    }
}

/// A secret called restic-X is the variable X of the jobs with restic: keys of S3 and the like.
void add_credentials(const Wanted& wanted, ContainerSpec& job) {
    for (const auto& [name, value] : wanted.secrets) {
        if (!name.starts_with(prefix)) continue;
        const std::string variable = name.substr(prefix.size());
        const bool is_variable = std::all_of(variable.begin(), variable.end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
        if (is_variable && !variable.empty()) job.environment[variable] = hidden(value);
    }
    const auto add = [&](const char* variable, const std::string& secret) {
        const auto found = wanted.secrets.find(secret);
        if (found != wanted.secrets.end()) job.environment[variable] = hidden(found->second);
    };
    add("RESTIC_PASSWORD", wanted.instance.backups.password);
    if (!wanted.instance.backups.repository.starts_with("sftp:")) return;
    add("SSH_KEY", ssh_key);
    add("SSH_KNOWN_HOSTS", ssh_known_hosts);
}

std::string open_repository() {
    return std::string(keys_text) + open_text;
}

EnvironmentValue tags_of(const Snapshot* snapshot) {
    if (snapshot == nullptr) return shown("no backup");
    return shown(snapshot->kind + ",slot=" + slot_text(snapshot->slot) + ",complete");
}

std::string find_snapshot() {
    return find_text;
}

bool opens_repository(const Wanted& wanted, const std::string& secret) {
    return secret == wanted.instance.backups.password || secret.starts_with(prefix);
}

}  // namespace matriarch::reconcilers
