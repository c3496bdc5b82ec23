"""The one table of drivers, by kind of vehicle and whose firmware flies it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fleet.commands import Verb
from fleet.drivers.boat import control as boat_control
from fleet.drivers.boat import state as boat_state
from fleet.drivers.boat.values import BOAT
from fleet.drivers.copter import control as copter_control
from fleet.drivers.copter import state as copter_state
from fleet.drivers.copter.values import COPTER
from fleet.drivers.mavlink.fold import COMMON, Handler, heartbeat
from fleet.drivers.mavlink.kind import Kind
from fleet.drivers.mavlink.programmes import MakeProgramme
from fleet.drivers.mavlink.streams import RATES_HZ
from fleet.drivers.plane import control as plane_control
from fleet.drivers.plane import state as plane_state
from fleet.drivers.plane.values import PLANE
from fleet.drivers.px4 import control as px4_control
from fleet.drivers.px4 import state as px4_state
from fleet.drivers.px4.values import KINDS as PX4_KINDS
from fleet.drivers.rover import control as rover_control
from fleet.drivers.rover import state as rover_state
from fleet.drivers.rover.values import ROVER
from fleet.drivers.sub import control as sub_control
from fleet.drivers.sub import state as sub_state
from fleet.drivers.sub.values import SUB
from fleet.model import DOMAIN_OF, AutopilotKind, Domain, VehicleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """One kind: its values, what it says (by message name), what it can be told (by verb), what to ask of it."""

    kind: Kind
    fold: Mapping[str, Handler]
    programmes: Mapping[Verb, MakeProgramme]
    rates_hz: Mapping[str, float] = field(default_factory=lambda: RATES_HZ)


def _px4(kind: Kind) -> Driver:
    is_airborne = DOMAIN_OF[kind.kind] is Domain.AIR
    return Driver(
        kind=kind,
        fold=px4_state.AIRBORNE_FOLD if is_airborne else px4_state.SURFACE_FOLD,
        programmes=px4_control.programmes(kind),
        rates_hz=px4_state.PX4_RATES_HZ,
    )


DRIVERS: Mapping[VehicleKind, Driver] = {
    VehicleKind.COPTER: Driver(kind=COPTER, fold=copter_state.FOLD, programmes=copter_control.PROGRAMMES),
    VehicleKind.ROVER: Driver(kind=ROVER, fold=rover_state.FOLD, programmes=rover_control.PROGRAMMES),
    VehicleKind.SUB: Driver(kind=SUB, fold=sub_state.FOLD, programmes=sub_control.PROGRAMMES),
    VehicleKind.PLANE: Driver(kind=PLANE, fold=plane_state.FOLD, programmes=plane_control.PROGRAMMES),
    VehicleKind.BOAT: Driver(kind=BOAT, fold=boat_state.FOLD, programmes=boat_control.PROGRAMMES),
}
"""ArduPilot's."""
PX4_DRIVERS: Mapping[VehicleKind, Driver] = {kind: _px4(values) for kind, values in PX4_KINDS.items()}


def driver(kind: VehicleKind, autopilot: AutopilotKind | None = None) -> Driver:
    """ArduPilot's until a heartbeat says otherwise. One that no driver is written for is heard, not commanded."""
    if autopilot in (None, AutopilotKind.ARDUPILOT):
        return DRIVERS[kind]
    known = PX4_DRIVERS.get(kind) if autopilot is AutopilotKind.PX4 else None
    return known or Driver(kind=DRIVERS[kind].kind, fold=COMMON | {"HEARTBEAT": heartbeat({})}, programmes={})
