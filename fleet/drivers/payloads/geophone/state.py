"""The arrivals a geophone picked, newest last."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState, status_of, tunnelled
from fleet.wire.message import Message
from fleet.wire.readings import GeophoneArrival, Payload
from world.time import Instant

KEPT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class GeophoneState(ToolState):
    """Onsets in the order of their own time, each once."""

    rate_hz: float | None = None
    arrivals: tuple[GeophoneArrival, ...] = ()


_STATUS: Fold[GeophoneState] = status_of(Payload.GEOPHONE)


def _tunnel(state: GeophoneState, message: Message, now: Instant) -> GeophoneState:
    said = tunnelled(message)
    if not isinstance(said, GeophoneArrival):
        return _STATUS(state, message, now)
    if said.instance != state.instance or said in state.arrivals:
        return state
    arrivals = sorted((*state.arrivals, said), key=lambda arrival: arrival.arrival_utc_us)
    return replace(state, at=now, arrivals=tuple(arrivals[-KEPT:]))


UNKNOWN = GeophoneState()
FOLD: Mapping[str, Fold[GeophoneState]] = {"TUNNEL": _tunnel}
