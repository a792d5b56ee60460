# Shared by build, registry and check: messages, the cache folder, and a private Docker Engine that is
# started beside (never instead of) the machine's own and leaves nothing behind when it is stopped.
# Sourced, not run. Needs bash with `set -euo pipefail` from the caller.

cache=${MATRIARCH_TEST_CACHE:-/var/cache/matriarch-tests}
registry=${REGISTRY:-127.0.0.1:5000}

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# need COMMAND=PACKAGE...  installs what is missing; says nothing when all is there.
need() {
    local pair missing=()
    for pair; do
        command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "installing ${missing[*]}"
    # The packages' own services must not start: tests never touch the machine's engine or registry.
    local policy=/usr/sbin/policy-rc.d mine=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && mine=yes
    fi
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 || {
        [ -z "$mine" ] || rm -f $policy
        die "cannot install ${missing[*]}"
    }
    [ -z "$mine" ] || rm -f $policy
}

# engine_start FOLDER  starts a dockerd of our own there and points DOCKER_HOST at it.
# The folder's path should be short: containerd's sockets below it have a limit of 107 bytes.
engine_start() {
    local folder=$1 tries
    mkdir -p "$folder"
    # --bridge=none and --iptables=false: with them on, this daemon would wipe the other one's rules.
    setsid dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" \
        --host "unix://$folder/sock" --bridge=none --iptables=false </dev/null >"$folder/log" 2>&1 &
    echo $! >"$folder/started"
    export DOCKER_HOST=unix://$folder/sock
    for ((tries = 0; tries < 1200; tries++)); do
        docker version >/dev/null 2>&1 && return
        kill -0 "$(<"$folder/started")" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$folder/log" >&2
    die "the private engine did not start"
}

# engine_stop FOLDER  ends it by the pid we got at its start, then removes every trace.
engine_stop() {
    local folder=$1 pid tries where
    [ -s "$folder/started" ] || return 0
    pid=$(<"$folder/started")
    kill "$pid" 2>/dev/null || true
    for ((tries = 0; tries < 600; tries++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    # exec/netns/default stays mounted after dockerd has gone; deepest first.
    awk -v at="$folder/" 'index($2, at) == 1 {print $2}' /proc/self/mounts | sort -r |
        while read -r where; do umount "$where" 2>/dev/null || umount -l "$where" || true; done
    rm -rf "$folder"
}
