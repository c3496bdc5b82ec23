"""What the searchlight says. ILLUMINATOR_STATUS is not in the ardupilotmega dialect: it comes by TUNNEL."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState, status_of
from fleet.wire.readings import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class LightState(ToolState):
    """What it shines with now."""

    intensity_pct: float | None = None
    strobe_hz: float | None = None


UNKNOWN = LightState()
FOLD: Mapping[str, Fold[LightState]] = {"TUNNEL": status_of(Payload.LIGHT)}
