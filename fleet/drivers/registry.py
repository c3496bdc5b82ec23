"""The one table of drivers, by kind of vehicle."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.commands import Verb
from fleet.drivers.copter import control as copter_control
from fleet.drivers.copter import state as copter_state
from fleet.drivers.copter.values import COPTER
from fleet.drivers.mavlink.fold import Handler
from fleet.drivers.mavlink.kind import Kind
from fleet.drivers.mavlink.programmes import MakeProgramme
from fleet.drivers.rover import control as rover_control
from fleet.drivers.rover import state as rover_state
from fleet.drivers.rover.values import ROVER
from fleet.drivers.sub import control as sub_control
from fleet.drivers.sub import state as sub_state
from fleet.drivers.sub.values import SUB
from fleet.model import VehicleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """One kind: its values, what it says (by message name), what it can be told (by verb)."""

    kind: Kind
    fold: Mapping[str, Handler]
    programmes: Mapping[Verb, MakeProgramme]


DRIVERS: Mapping[VehicleKind, Driver] = {
    VehicleKind.COPTER: Driver(kind=COPTER, fold=copter_state.FOLD, programmes=copter_control.PROGRAMMES),
    VehicleKind.ROVER: Driver(kind=ROVER, fold=rover_state.FOLD, programmes=rover_control.PROGRAMMES),
    VehicleKind.SUB: Driver(kind=SUB, fold=sub_state.FOLD, programmes=sub_control.PROGRAMMES),
}
