"""What the water monitor says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState, status_of
from fleet.wire.readings import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterMonitorState(ToolState):
    """The jet as it is now; azimuth from the vehicle's nose, clockwise."""

    flow_l_s: float | None = None
    azimuth_deg: float | None = None
    elevation_deg: float | None = None
    spread_deg: float | None = None


UNKNOWN = WaterMonitorState()
FOLD: Mapping[str, Fold[WaterMonitorState]] = {"TUNNEL": status_of(Payload.WATER_MONITOR)}
