"""What tells one kind of MAVLink vehicle from another, as values: mode numbers, frames, limits."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.link_class import LinkClass
from fleet.model import AutopilotKind, FlightMode, VehicleKind
from fleet.wire.enums import MavFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a vehicle of this kind can do unless its own entry says otherwise."""

    cruise_m_s: float
    max_speed_m_s: float
    climb_m_s: float
    endurance_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Numbers and habits of one kind. Modes are the autopilot's own numbers; `hold` lists what to try, best first."""

    kind: VehicleKind
    modes: Mapping[int, FlightMode]
    arming: int
    guided: int
    auto: int
    hold: tuple[int, ...]
    comes_back: int
    land: int
    route_frame: MavFrame
    takes_off: bool
    limits: Limits
    link: LinkClass
    autopilot: AutopilotKind = AutopilotKind.ARDUPILOT
    speed_type: float = 1.0
    """What DO_CHANGE_SPEED sets: 0 airspeed, 1 ground speed."""
    has_home_item: bool = True
    """Mission item 0 is the vehicle's home (ArduPilot); otherwise it is the first item that counts."""
    mission_start: tuple[float, ...] = ()
    """Params of MISSION_START that go on with the current item."""
    under_way_within_s: float = 20.0
    """By then a vehicle sent somewhere must have come nearer."""
