#!/usr/bin/env bash
# What the tests need beside Python: Chromium, a Chinese font, a PostgreSQL server, a Redis server.
# Where they are missing, root on a machine with apt gets them; anybody else is told what will be skipped.
# With CI=true nothing may be skipped, so there a missing one ends the run.
set -euo pipefail

has_chromium() { [ -n "${CHROMIUM:-}" ] || command -v chromium chromium-browser google-chrome >/dev/null; }
has_font() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn 2>/dev/null)" ]; }
has_postgres() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_redis() { command -v redis-server >/dev/null; }

missing() {
    has_chromium || echo chromium
    has_font || echo fonts-noto-cjk fontconfig
    has_postgres || echo postgresql
    has_redis || echo redis-server
}

packages=$(missing | tr '\n' ' ')
[ -n "${packages// /}" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "tests: installing ${packages% }"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # a list of package names
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages; } </dev/null >/dev/null || true
fi
packages=$(missing | tr '\n' ' ')
[ -n "${packages// /}" ] || exit 0
echo "tests: not on this machine: ${packages% }. What needs them is skipped and listed at the end."
[ "${CI:-}" != true ] || { echo "tests: CI=true, so nothing may be skipped" >&2; exit 1; }
