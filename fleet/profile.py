"""What a vehicle is and how it is set, gathered by chores, and whether it is news."""

from fleet.drivers.mavlink.discovery import Discovery
from fleet.drivers.mavlink.failsafes import FailsafeReadback, undeclared
from fleet.drivers.mavlink.step import Outgoing, Talk
from fleet.model import Undeclared, VehicleKind, VehicleProfile
from fleet.wire.dialect import number_of
from fleet.wire.message import Message
from world.ids import VehicleId
from world.time import Instant

PROFILED = frozenset(map(number_of, ("HEARTBEAT", "AUTOPILOT_VERSION", "COMMAND_ACK", "PARAM_VALUE")))
"""Messages of the autopilot that a profile is made of."""


_LOOK_EVERY_NS = 1_000_000_000
"""A profile that is whole is looked at again after this."""


class Profiler:
    """Asks a vehicle who it is and what it does by itself; `news` gives the profile when it has changed."""

    def __init__(self, vehicle: VehicleId, kind: VehicleKind, talk: Talk) -> None:
        self._vehicle, self._kind = vehicle, kind
        self.discovery = Discovery(talk)
        self.failsafes = FailsafeReadback(talk)
        self._told: tuple[object, ...] = ()
        self._may_be_new = True
        self._quiet_until_ns = 0

    def hear_of(self, compid: int, message: Message) -> None:
        """A HEARTBEAT of any component."""
        self._may_be_new |= self.discovery.hear_of(compid, message)

    def hear(self, message: Message, now: Instant) -> None:
        """A message of the autopilot."""
        autopilot = self.discovery.autopilot
        self.discovery.hear(message, now)
        self.failsafes.hear(message, now)
        if message.SPEC.name in ("AUTOPILOT_VERSION", "PARAM_VALUE") or self.discovery.autopilot is not autopilot:
            self._may_be_new = True

    def begin_anew(self) -> None:
        """The vehicle is back after long: it may be set otherwise now."""
        self.discovery.refresh()
        self.failsafes.refresh()
        self._may_be_new, self._quiet_until_ns = True, 0

    def failsafes_changed(self) -> None:
        """Somebody changed what they depend on: read them again."""
        self.failsafes.refresh()
        self._may_be_new, self._quiet_until_ns = True, 0

    def requests(self, now: Instant) -> list[Outgoing]:
        if now.mono_ns < self._quiet_until_ns:
            return []
        sent = [*self.discovery.requests(now), *self.failsafes.requests(now)]
        if not sent and self.failsafes.is_complete:
            self._quiet_until_ns = now.mono_ns + _LOOK_EVERY_NS
        return sent

    def profile(self, now: Instant) -> VehicleProfile:
        """What is known by now."""
        found = self.discovery
        return VehicleProfile(
            vehicle=self._vehicle, kind=self._kind, at=now, autopilot=found.autopilot, firmware=found.firmware,
            uid=found.uid, capabilities=found.capabilities, components=found.components,
            failsafes=self.failsafes.settings(), undeclared=self.missing(),
        )

    def missing(self) -> tuple[Undeclared, ...]:
        """Causes that the vehicle does not answer by itself; none before it was asked for all."""
        if not self.failsafes.is_complete:
            return ()
        return undeclared(self._vehicle, self._kind, self.discovery.autopilot, self.failsafes.settings())

    def news(self, now: Instant) -> VehicleProfile | None:
        """The profile when it says something new; not before the vehicle has said who it is."""
        if not self._may_be_new or self.discovery.autopilot is None or not self.failsafes.is_complete:
            return None
        self._may_be_new = False
        profile = self.profile(now)
        says = (
            profile.autopilot, profile.firmware, profile.uid, profile.capabilities, profile.components,
            profile.failsafes,
        )
        if says == self._told:
            return None
        self._told = says
        return profile
