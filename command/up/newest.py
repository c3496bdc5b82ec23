"""The newest of what comes again and again, for those who come later: states, links, profiles, alarms that hold."""

from typing import Any

from fleet.model import Alarm, FleetState, LinkReport, VehicleProfile
from world.bus import Bus
from world.ids import VehicleId


class Newest:
    """Fills itself from a bus."""

    def __init__(self, bus: Bus) -> None:
        self._state: FleetState | None = None
        self._links: dict[VehicleId, LinkReport] = {}
        self._profiles: dict[VehicleId, VehicleProfile] = {}
        self._alarms: dict[str, Alarm] = {}
        for topic in ("fleet/state", "fleet/links", "fleet/profile", "alarm"):
            bus.subscribe(topic, self._keep)

    def all(self) -> list[tuple[str, Any]]:
        """Topic and value; alarms and profiles before states."""
        kept: list[tuple[str, Any]] = [("alarm", alarm) for alarm in self._alarms.values()]
        kept += [("fleet/profile", profile) for profile in self._profiles.values()]
        kept += [("fleet/links", report) for report in self._links.values()]
        return kept if self._state is None else [*kept, ("fleet/state", self._state)]

    def _keep(self, value: object) -> None:
        match value:
            case FleetState():
                self._state = value
            case LinkReport():
                self._links[value.vehicle] = value
            case VehicleProfile():
                self._profiles[value.vehicle] = value
            case Alarm() if value.is_active:
                self._alarms[value.key] = value
            case Alarm():
                self._alarms.pop(value.key, None)
            case _:
                pass
