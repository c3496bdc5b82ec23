"""What the pump says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState, status_of
from fleet.wire.readings import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class PumpState(ToolState):
    """The pump as it runs now."""

    flow_m3_h: float | None = None


UNKNOWN = PumpState()
FOLD: Mapping[str, Fold[PumpState]] = {"TUNNEL": status_of(Payload.PUMP)}
