"""What `taihang up` says at its terminal: links as they open and fall, vehicles as they come and go, alarms."""

from collections.abc import Callable, Mapping

from fleet.links.address import LinkSpec
from fleet.model import Alarm, FleetState, LinkState, Severity, VehicleState
from world.bus import Bus
from world.ids import VehicleId

TOLD = frozenset({Severity.WARNING, Severity.CAUTION, Severity.ADVISORY})


class Teller:
    """One line per change, nothing that repeats."""

    def __init__(self, bus: Bus, links: Mapping[str, LinkSpec], say: Callable[[str], None]) -> None:
        self._links, self._say = links, say
        self._reasons: dict[str, str | None] = {}
        self._heard: dict[VehicleId, bool] = {}
        bus.subscribe("fleet/state", self._on_state)
        bus.subscribe("alarm", self._on_alarm)

    def link_changed(self, link: str, reason: str | None) -> None:
        if link in self._reasons and self._reasons[link] == reason:
            return
        self._reasons[link] = reason
        self._say(f"link {link}: open ({self._links[link].address})" if reason is None else f"link {link}: {reason}; "
                  "it is tried again every second")

    def _on_state(self, state: FleetState) -> None:
        for vehicle in state.vehicles:
            is_heard = vehicle.link is not LinkState.LOST
            if is_heard and not self._heard.get(vehicle.vehicle, False):
                self._say(f"{vehicle.vehicle}: {_words(vehicle)}")
            self._heard[vehicle.vehicle] = is_heard

    def _on_alarm(self, alarm: Alarm) -> None:
        if alarm.severity in TOLD and not alarm.key.endswith("/link_down"):
            self._say(f"{alarm.severity}: {alarm.text}" if alarm.is_active else f"over: {alarm.text}")


def _words(vehicle: VehicleState) -> str:
    battery = "" if vehicle.battery_pct is None else f", battery {vehicle.battery_pct:.0f} %"
    armed = {True: "armed", False: "disarmed", None: "armed or not is unknown yet"}[vehicle.is_armed]
    return f"heard, {vehicle.kind}, {armed}{battery}"
