"""What the gripper says: RUNNING is closed, OFF is open, in between it moves."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState, status_of
from fleet.wire.readings import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class GripperState(ToolState):
    """A force says that something is held. MAVLink has no status of grippers: it comes by TUNNEL."""

    opening_pct: float | None = None
    force_n: float | None = None


UNKNOWN = GripperState()
FOLD: Mapping[str, Fold[GripperState]] = {"TUNNEL": status_of(Payload.GRIPPER)}
