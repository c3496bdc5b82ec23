"""What a vehicle is and how it is set, gathered by chores, and whether it is news."""

from fleet.drivers.mavlink.discovery import Discovery
from fleet.drivers.mavlink.failsafes import FailsafeReadback, Undeclared, undeclared
from fleet.drivers.mavlink.step import Outgoing, Talk
from fleet.model import VehicleKind, VehicleProfile
from fleet.wire.message import Message
from world.ids import VehicleId
from world.time import Instant


class Profiler:
    """Asks a vehicle who it is and what it does by itself; `news` gives the profile when it has changed."""

    def __init__(self, vehicle: VehicleId, kind: VehicleKind, talk: Talk) -> None:
        self._vehicle, self._kind = vehicle, kind
        self.discovery = Discovery(talk)
        self.failsafes = FailsafeReadback(talk)
        self._told: tuple[object, ...] = ()

    def hear_of(self, compid: int, message: Message) -> None:
        """A HEARTBEAT of any component."""
        self.discovery.hear_of(compid, message)

    def hear(self, message: Message, now: Instant) -> None:
        """A message of the autopilot."""
        self.discovery.hear(message, now)
        self.failsafes.hear(message, now)

    def begin_anew(self) -> None:
        """The vehicle is back after long: it may be set otherwise now."""
        self.discovery.refresh()
        self.failsafes.refresh()

    def requests(self, now: Instant) -> list[Outgoing]:
        return [*self.discovery.requests(now), *self.failsafes.requests(now)]

    def profile(self, now: Instant) -> VehicleProfile:
        """What is known by now."""
        found = self.discovery
        return VehicleProfile(
            vehicle=self._vehicle, kind=self._kind, at=now, autopilot=found.autopilot, firmware=found.firmware,
            uid=found.uid, capabilities=found.capabilities, components=found.components,
            failsafes=self.failsafes.settings(),
        )

    def missing(self) -> tuple[Undeclared, ...]:
        """Causes that the vehicle does not answer by itself; none before it was asked for all."""
        if not self.failsafes.is_complete:
            return ()
        return undeclared(self._vehicle, self._kind, self.discovery.autopilot, self.failsafes.settings())

    def news(self, now: Instant) -> VehicleProfile | None:
        """The profile when it says something new; not before the vehicle has said who it is."""
        if self.discovery.autopilot is None or not self.failsafes.is_complete:
            return None
        profile = self.profile(now)
        says = (
            profile.autopilot, profile.firmware, profile.uid, profile.capabilities, profile.components,
            profile.failsafes,
        )
        if says == self._told:
            return None
        self._told = says
        return profile
