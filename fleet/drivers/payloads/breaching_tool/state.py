"""What the breaching tool says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState, status_of
from fleet.wire.readings import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachingToolState(ToolState):
    """The tool as it works now; depth from first contact."""

    force_n: float | None = None
    depth_m: float | None = None
    feed_m_s: float | None = None


UNKNOWN = BreachingToolState()
FOLD: Mapping[str, Fold[BreachingToolState]] = {"TUNNEL": status_of(Payload.BREACHING_TOOL)}
