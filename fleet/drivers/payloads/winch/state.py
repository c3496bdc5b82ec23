"""What the winch says: WINCH_STATUS, and by TUNNEL which order it obeys and what is broken."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState, is_older, status_of
from fleet.wire.enums import WinchStatus
from fleet.wire.message import Message
from fleet.wire.readings import Payload
from world.time import Instant

N_PER_KG = 9.80665


@dataclass(frozen=True, slots=True, kw_only=True)
class WinchState(ToolState):
    """`length_m` and `rate_m_s` by TUNNEL; the rest by WINCH_STATUS, which speaks of the first winch only."""

    length_m: float | None = None
    rate_m_s: float | None = None
    status_us: int | None = None
    speed_m_s: float | None = None
    """Positive out."""
    tension_n: float | None = None
    flags: WinchStatus | None = None


def _winch_status(state: WinchState, message: Message, now: Instant) -> WinchState:
    if state.instance != 0 or is_older(message.time_usec, state.status_us):
        return state
    return replace(
        state, at=now, status_us=message.time_usec, length_m=_known(message.line_length),
        speed_m_s=_known(message.speed), flags=WinchStatus(message.status & 0xF),
        tension_n=_known(message.tension * N_PER_KG),
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


UNKNOWN = WinchState()
FOLD: Mapping[str, Fold[WinchState]] = {"WINCH_STATUS": _winch_status, "TUNNEL": status_of(Payload.WINCH)}
