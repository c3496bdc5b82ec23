#!/bin/sh
# Writes both hashed lock files from pyproject.toml, for every supported Python and platform; names no index.
set -eu
cd "$(dirname -- "$0")/.."
compile() { .venv/bin/python -m uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 --no-header -q "$@"; }
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet uv
compile -o requirements.lock
compile --extra dev --extra dronekit -o requirements-dev.lock
# A client of its own environment: what it asks for itself (OpenCV with windows, VTK) does not go beside ours.
printf '%s\n' MAVProxy==1.8.75 pynmeagps==1.1.8 defusedxml==0.7.1 pymavlink==2.4.50 pyserial==3.5 numpy fastcrc==0.5.0 lxml |
    .venv/bin/python -m uv pip compile - --no-deps --universal --generate-hashes --python-version 3.11 --no-header \
        --no-annotate -q -o requirements-mavproxy.lock
