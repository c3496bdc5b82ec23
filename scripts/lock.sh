#!/bin/sh
# Writes both hashed lock files from pyproject.toml, for every supported Python and platform; names no index.
set -eu
cd "$(dirname -- "$0")/.."
compile() { .venv/bin/python -m uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-header -q "$@"; }
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet uv
compile -o requirements.lock
compile --extra dev --extra dronekit -o requirements-dev.lock
