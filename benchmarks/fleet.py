"""A thousand vehicles on one fleet link: connected, none silent, commanded together; 10 and 50 beside others' tools.

The vehicles are simulated autopilots in a process of their own, each with its own UDP socket and its own streams:
ten messages a second as asked for. Every side runs in a fresh process that does nothing else; `cores` is its CPU
time over wall time. A network holds 250 system ids, so a thousand vehicles come by four links.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.machine import free_ports

ROOT: Final = Path(__file__).resolve().parent.parent
VEHICLES: Final = 1000
A_LINK: Final = 250
BESIDE: Final = (10, 50)
WITHIN_S: Final = 180.0


class SideFailed(RuntimeError):
    """One side of the comparison ended without its figures; says which, and its last words."""


def run(seed: int, quick: bool = False) -> dict[str, float | int | str | bool | None]:
    """Ours at 1,000 (100 with `quick`), then ours, pymavlink's reader and MAVSDK at 10 and 50."""
    steady_s = 5 if quick else 20
    vehicles = 100 if quick else VEHICLES
    result: dict[str, Any] = {"vehicles": vehicles, "seed": seed}
    result |= measure("benchmarks.fleet_ours", vehicles, steady_s)
    for count in BESIDE:
        for name, module in (
            ("ours", "benchmarks.fleet_ours"), ("pymavlink", "benchmarks.fleet_pymavlink"),
            ("mavsdk", "benchmarks.fleet_mavsdk"),
        ):
            figures = measure(module, count, steady_s)
            result |= {f"{name}_{count}_{key}": value for key, value in figures.items()}
    return result


def measure(module: str, vehicles: int, steady_s: int) -> dict[str, Any]:
    """One side against a fresh swarm."""
    links = -(-vehicles // A_LINK)
    # others' tools tell vehicles apart by port or by system id; ours by either
    ports = free_ports(links)
    with swarm(vehicles, ports) as child:
        side = subprocess.run(
            [sys.executable, "-m", module, str(vehicles), str(steady_s), *map(str, ports)], cwd=ROOT,
            capture_output=True, text=True, timeout=WITHIN_S, check=False,
        )
        child.terminate()
        end = json.loads(child.communicate(timeout=30)[0].splitlines()[-1])
    if side.returncode != 0:
        raise SideFailed(f"{module} with {vehicles} vehicles: {side.stderr.strip().splitlines()[-1:]}")
    figures: dict[str, Any] = json.loads(side.stdout.splitlines()[-1])
    return figures | {"swarm_behind_s": end["behind_s"]}


@contextmanager
def swarm(vehicles: int, ports: list[int]) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fleet_swarm", str(vehicles), str(A_LINK), *map(str, ports)], cwd=ROOT,
        stdout=subprocess.PIPE, text=True,
    )
    try:
        assert child.stdout is not None
        child.stdout.readline()
        yield child
    finally:
        child.kill()
        child.wait()
