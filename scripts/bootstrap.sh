# Sourced by ./taihang and ./check: a virtual environment from a hashed lock, made once per lock file.

taihang_say() { printf '%s\n' "$*" >&2; }

taihang_find_python() {
    for name in "${TAIHANG_PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
        "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue
        command -v "$name"
        return 0
    done
    taihang_say "Taihang needs Python 3.11, 3.12 or 3.13: apt-get install python3 (or set TAIHANG_PYTHON)."
    return 1
}

taihang_apt() {
    # Installs Debian packages when root can; otherwise says in one sentence what to install.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >&2
    else
        taihang_say "Missing system packages: run 'sudo apt-get install $*' and call this again."
        return 1
    fi
}

taihang_bootstrap() {
    # $1 repository root, $2 lock file name. Safe to call twice at once: a lock directory serialises builders.
    root=$1 lock=$1/$2 venv=$1/.venv
    export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
    want=$(cksum <"$lock")
    stamp=$venv/.taihang-$2
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && [ -x "$venv/bin/python" ] && return 0
    python=$(taihang_find_python) || exit 3
    "$python" -c 'import ensurepip, venv' 2>/dev/null || taihang_apt python3-venv || exit 3
    exec 9>"$root/.venv.lock" || { taihang_say "Cannot write to $root: copy the repository to a folder of yours."; exit 3; }
    command -v flock >/dev/null 2>&1 && flock 9
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && { exec 9>&-; return 0; }
    taihang_say "Building $venv from $2 (once; some minutes on a slow line) ..."
    [ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || exit 3
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" >&2 || {
        taihang_say "Packages could not be installed: the package index must be reachable once; see above for the first error."
        exit 3
    }
    "$venv/bin/python" -c 'import sys, sysconfig, pathlib
pathlib.Path(sysconfig.get_paths()["purelib"], "taihang.pth").write_text(sys.argv[1] + "\n")' "$root"
    printf '%s' "$want" >"$stamp"
    exec 9>&-
}

taihang_mavproxy() {
    # A client for the tests, in an environment of its own: it wants packages that clash with ours. $1 repository root.
    root=$1 lock=$1/requirements-mavproxy.lock venv=$1/.venv-mavproxy
    want=$(cksum <"$lock")
    stamp=$venv/.taihang-lock
    if ! { [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && [ -x "$venv/bin/python" ]; }; then
        taihang_say "Building $venv (once) ..."
        "$1/.venv/bin/python" -m venv "$venv" &&
            "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock" >&2 ||
            { taihang_say "Going on without MAVProxy: its test is skipped and named."; return 0; }
        printf '%s' "$want" >"$stamp"
    fi
    MAVPROXY_PYTHON=$venv/bin/python
    export MAVPROXY_PYTHON
}
