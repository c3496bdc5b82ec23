"""What really happened, as only the simulator knows it. Written by the simulator's process, read by the report."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from world.ids import VehicleId
from world.position import Enu

FILE = "truth.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Where people were, and how close airborne vehicles really came."""

    people: tuple[Enu, ...]
    min_separation_m: float | None
    """Over all pairs of airborne vehicles and all 100 ms steps; None while fewer than two flew."""
    closest_pair: tuple[VehicleId, VehicleId] | None
    landed: tuple[VehicleId, ...]
    """On their home ground and disarmed at the end."""
    lost: tuple[VehicleId, ...]
    state_hash: str
    """Of the engine's whole history: equal for equal seeds."""


def write(folder: Path, truth: Truth) -> None:
    """Whole or not at all."""
    temporary = folder / (FILE + ".new")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(truth)))
    temporary.replace(folder / FILE)


def read(folder: Path) -> Truth:
    return msgspec.json.decode((folder / FILE).read_bytes(), type=Truth)
