#!/usr/bin/env bash
# What `make demo`, `make test` and `make setup` begin with: .venv, the locked packages, the front-end files.
# Usage: ops/setup.sh [runtime|dev]. Each part leaves a stamp with the checksum of what went into it, so that a
# second run only compares. Needs no root. PYTHON=… chooses the interpreter of a new .venv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
what=${1:-runtime}
venv=.venv
python=$venv/bin/python

say() { printf 'setup: %s\n' "$*"; }
sum() { cat "$@" | cksum; }
fits() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

newest_python() {  # a name on the path proves nothing (pyenv shims): it has to run and to have venv
    local name
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if fits "$name"; then echo "$name"; return; fi
    done
    if [ -n "${PYTHON:-}" ]; then say "PYTHON=$PYTHON is no Python 3.11 or newer with venv" >&2
    else say "no Python 3.11 or newer with venv found; on Debian and Ubuntu: apt install python3-venv" >&2; fi
    exit 2
}

is_whole() {  # making a .venv ends with pip's RECORD: one without it was interrupted
    "$python" -c 'import sys, importlib.metadata as known
sys.exit(sys.version_info < (3, 11) or not known.distribution("pip").read_text("RECORD"))' >/dev/null 2>&1
}

make_venv() {
    if ! is_whole; then
        local chosen
        chosen=$(newest_python)
        say "new $venv with $("$chosen" --version)"
        "$chosen" -m venv --clear "$venv"
    fi
}

install() {  # LOCK: install it, unless its stamp says that just this file went in
    local lock=$1 stamp=$venv/.$1.installed
    if [ "$(cat "$stamp" 2>/dev/null)" != "$(sum "$lock")" ]; then
        say "installing $(grep -c '^[a-z]' "$lock") Python packages from $lock"
        "$python" -m pip install -qq --no-input --disable-pip-version-check --require-hashes -r "$lock"
        sum "$lock" >"$stamp"
    fi
}

install_python() {
    # the larger lock holds every pin of the smaller one
    if [ "$what" = dev ]; then install requirements-dev.lock; sum requirements.lock >$venv/.requirements.lock.installed
    else install requirements.lock; fi
}

install_front_end() {
    local stamp=node_modules/.installed
    [ "$(cat "$stamp" 2>/dev/null)" != "$(sum package.json package-lock.json)" ] || return 0
    if ! { node --version && npm --version; } >/dev/null 2>&1; then
        install requirements-node.lock  # no node here: the wheel brings one into .venv
        PATH=$PWD/$venv/bin:$PATH
    fi
    say "installing the front-end files with node $(node --version)"
    npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
    sum package.json package-lock.json >"$stamp"
}

static_state() {  # of what goes in, and of what came out
    sum pages/static/* pages/web/assets.py pages/web/icons.py ops/build_assets.py node_modules/.installed
    { ls var/static 2>/dev/null || true; } | cksum
}

precompress() {
    local stamp=$venv/.static.written
    [ "$(cat "$stamp" 2>/dev/null)" != "$(static_state)" ] || return 0
    "$python" -m ops.build_assets
    static_state >"$stamp"
}

make_venv
install_python
install_front_end
precompress
