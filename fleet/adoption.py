"""Vehicles that nobody named: taken in under a name made of link and system id, if their kind is known."""

from collections.abc import Mapping

from fleet.guard import LIMITS, Guard, GuardedVehicle
from fleet.model import UNANSWERED, VehicleKind
from fleet.roster import PathSpec, RosterEntry
from fleet.service import FleetService
from fleet.switchboard import Stranger
from fleet.wire.enums import MavType
from world.ids import VehicleId
from world.time import Instant

KIND_OF: Mapping[int, VehicleKind] = {
    MavType.QUADROTOR: VehicleKind.COPTER,
    MavType.COAXIAL: VehicleKind.COPTER,
    MavType.HELICOPTER: VehicleKind.COPTER,
    MavType.HEXAROTOR: VehicleKind.COPTER,
    MavType.OCTOROTOR: VehicleKind.COPTER,
    MavType.TRICOPTER: VehicleKind.COPTER,
    MavType.DODECAROTOR: VehicleKind.COPTER,
    MavType.DECAROTOR: VehicleKind.COPTER,
    MavType.GENERIC_MULTIROTOR: VehicleKind.COPTER,
    MavType.GROUND_ROVER: VehicleKind.ROVER,
    MavType.SURFACE_BOAT: VehicleKind.BOAT,
    MavType.SUBMARINE: VehicleKind.SUB,
    MavType.FIXED_WING: VehicleKind.PLANE,
    MavType.VTOL_DUOROTOR: VehicleKind.PLANE,
    MavType.VTOL_QUADROTOR: VehicleKind.PLANE,
    MavType.VTOL_TILTROTOR: VehicleKind.PLANE,
    **dict.fromkeys((MavType.FIXED_WING, *range(MavType.VTOL_DUOROTOR, MavType.GIMBAL)), VehicleKind.PLANE),
}


class Adoption:
    """Wire it to `Switchboard.on_stranger`. Autopilots of a kind nobody drives here stay strangers, counted by type."""

    def __init__(self, service: FleetService, guard: Guard, *, needs_failsafes: bool = False) -> None:
        self._service, self._guard, self._needs_failsafes = service, guard, needs_failsafes
        self.refused_types: dict[int, int] = {}

    def meet(self, stranger: Stranger, now: Instant) -> None:
        kind = KIND_OF.get(stranger.type)
        if kind is None:
            self.refused_types[stranger.type] = self.refused_types.get(stranger.type, 0) + 1
            return
        vehicle = VehicleId(f"{stranger.link}-{stranger.sysid}")
        self._guard.enrol(vehicle, GuardedVehicle(
            sysid=stranger.sysid, limits=LIMITS[kind], needs_failsafes=self._needs_failsafes,
            accepts_none=UNANSWERED.get(kind, frozenset()),
        ))
        self._service.take_in(RosterEntry(
            vehicle=vehicle, kind=kind, sysid=stranger.sysid, paths=(PathSpec(link=stranger.link),)
        ))
