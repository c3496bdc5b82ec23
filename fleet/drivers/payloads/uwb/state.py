"""The newest range to each tag."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fleet.drivers.payloads.shape import Fold
from fleet.drivers.payloads.tool import ToolState, is_older, status_of, tunnelled
from fleet.wire.message import Message
from fleet.wire.readings import Payload, UwbRange
from world.time import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class UwbState(ToolState):
    """Ranges by tag; one that is likely not in line of sight is too long, never too short."""

    rate_hz: float | None = None
    ranges: Mapping[int, UwbRange] = field(default_factory=dict)


_STATUS: Fold[UwbState] = status_of(Payload.UWB)


def _tunnel(state: UwbState, message: Message, now: Instant) -> UwbState:
    said = tunnelled(message)
    if not isinstance(said, UwbRange):
        return _STATUS(state, message, now)
    newest = state.ranges.get(said.tag_id)
    if said.instance != state.instance or (newest is not None and is_older(said.time_utc_us, newest.time_utc_us)):
        return state
    return replace(state, at=now, ranges={**state.ranges, said.tag_id: said})


UNKNOWN = UwbState()
FOLD: Mapping[str, Fold[UwbState]] = {"TUNNEL": _tunnel}
