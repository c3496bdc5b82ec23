"""What the guard was told of each vehicle beside its commands, and which payload a command is for."""

from dataclasses import dataclass, field

from fleet.commands import Command, Verb
from fleet.guard.energy import WindBook
from fleet.model import AutopilotKind, FailsafeSetting
from world.ids import VehicleId
from world.position import Enu
from world.time import Instant

CAMERA = "camera"
"""Payload whose lease CAPTURE needs when somebody holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Failsafes of a vehicle, and when they were read back."""

    settings: tuple[FailsafeSetting, ...]
    at: Instant


@dataclass(slots=True, kw_only=True)
class Notes:
    """By vehicle; what is not here is not known. `rally`: points that were read back from on board."""

    winds: WindBook = field(default_factory=WindBook)
    inside_c: dict[VehicleId, float] = field(default_factory=dict)
    autopilots: dict[VehicleId, AutopilotKind | None] = field(default_factory=dict)
    failsafes: dict[VehicleId, Declared] = field(default_factory=dict)
    rally: dict[VehicleId, tuple[Enu, ...]] = field(default_factory=dict)
    by_radio: dict[VehicleId, bool] = field(default_factory=dict)


def payload_of(command: Command) -> str | None:
    """Whose lease a command needs: a payload's, or with None the vehicle's. Instances of one payload go together."""
    if command.verb is Verb.CAPTURE:
        return CAMERA
    if command.verb is Verb.OPERATE and command.order is not None:
        return command.order.payload
    return None
