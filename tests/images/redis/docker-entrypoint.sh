#!/bin/sh
# Entry point of the tests' Redis image: options or a .conf alone mean redis-server, which runs as `redis`.
# The official image is compiled with protected mode off, Debian's binary is not: switch it off here,
# unless the caller speaks of it, else no other container could connect.
set -eu

case "${1:-}" in
-* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis {} +
    exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
fi

if [ "${1:-}" = redis-server ]; then
    umask 0077
    spoken_of=no
    case "$*" in *protected-mode* | *--version* | *--help* | *" -v"*) spoken_of=yes ;; esac
    if [ -f "${2:-}" ] && grep -q '^ *protected-mode' "$2"; then spoken_of=yes; fi
    [ $spoken_of = yes ] || set -- "$@" --protected-mode no
fi
exec "$@"
