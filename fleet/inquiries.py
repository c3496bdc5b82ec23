"""Questions to a vehicle that change nothing there: what is asked, and what is answered, in parts when it is long."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fleet.commands import AckResult
from world.ids import CommandId, OperatorId, VehicleId
from world.time import Instant


class Question(StrEnum):
    """What can be asked; the comment says what `Answer.value` holds."""

    PROFILE = "profile"  # autopilot, firmware, uid, capabilities, components, failsafes
    PARAMETERS = "parameters"  # {name: value}, of `names` or all
    MISSION = "mission"  # {"items": [...]}
    FENCE = "fence"  # {"areas": [...], "hash": n}
    RALLY = "rally"  # {"points": [...], "hash": n}
    LOGS = "logs"  # {"logs": [{"number", "size", "utc_s"}]}
    LOG = "log"  # its bytes in parts; `number` says which
    FILES = "files"  # {"entries": [{"name", "is_folder", "size"}]} of folder `path`
    FILE = "file"  # its bytes in parts, of `path`


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One question to one vehicle."""

    id: CommandId
    vehicle: VehicleId
    question: Question
    asked_by: OperatorId
    deadline: Instant
    names: tuple[str, ...] = ()
    path: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A part of an answer, or with `is_final` its end. `result` ACCEPTED means the whole was got and is true."""

    inquiry: CommandId
    vehicle: VehicleId
    question: Question
    is_final: bool
    at: Instant
    result: AckResult | None = None
    """Of the end only."""
    reason: str = ""
    value: dict[str, Any] = field(default_factory=dict)
    data: bytes = b""
    """Bytes from `offset` on, of a file or log."""
    offset: int = 0
    progress: float | None = None
    """Share got so far, 0 to 1; None unknown."""
