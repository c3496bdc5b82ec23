"""Sees when a person with a radio has taken a vehicle, and when it is given back: what was ordered against what is."""

from collections.abc import Set
from dataclasses import dataclass

from fleet.model import FlightMode

_GIVEN_BACK = frozenset({FlightMode.GUIDED, FlightMode.AUTO, FlightMode.HOLD})
"""Into one of these a pilot switches on purpose; into a return or landing also the autopilot that lost his radio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotSigns:
    """What one look at a vehicle shows. `is_overridden`: sticks or a joystick steer it whatever its mode says."""

    mode: FlightMode
    raw_mode: int | None
    is_armed: bool | None
    is_overridden: bool = False


class SafetyPilotWatch:
    """Of one vehicle. `orderable`: modes that this fleet may order (VehicleLimits.modes).

    A pilot has it when it is armed in a mode of sticks that we did not order: MANUAL, or one of holding or of no name
    here that this fleet never orders (ArduCopter's LOITER, POSHOLD, DRIFT). Returns and landings are no sign:
    autopilots choose those themselves.
    """

    def __init__(self, orderable: Set[int]) -> None:
        self._orderable = frozenset(orderable)
        self._ordered: int | None = None
        self._ordered_since = False
        self._is_held = False
        self._signs: PilotSigns | None = None

    @property
    def is_held(self) -> bool:
        return self._is_held

    def rebound(self, orderable: Set[int]) -> None:
        """The vehicle turned out to have another firmware, which has other modes."""
        self._orderable = frozenset(orderable)

    def keep_hold(self) -> None:
        """A pilot had it when an earlier run of this service ended; he gives it back as ever."""
        self._is_held = True

    def ordered(self, raw_mode: int) -> None:
        """A mode change was sent: what follows from it is no sign of a pilot, nor of one who gives back."""
        self._ordered, self._ordered_since = raw_mode, True

    def see(self, signs: PilotSigns) -> bool:
        """One look, as often as heartbeats come. True while a pilot has the vehicle."""
        self._signs = signs
        if signs.is_armed is None:
            return self._is_held
        if not signs.is_armed:
            self._is_held = False  # on the ground at rest, whatever mode its radio is switched to
        elif self._shows_pilot(signs):
            if not self._is_held:
                self._ordered_since = False
            self._is_held = True
        elif signs.mode in _GIVEN_BACK and not (self._ordered_since and signs.raw_mode == self._ordered):
            self._is_held = False
        return self._is_held

    def take_back(self) -> bool:
        """A commander takes the vehicle back. False while the pilot's mode or sticks are still in force."""
        if self._signs is not None and self._signs.is_armed is not False and self._shows_pilot(self._signs):
            return False
        self._is_held = False
        return True

    def _shows_pilot(self, signs: PilotSigns) -> bool:
        if signs.is_overridden:
            return True
        if signs.raw_mode is None or signs.raw_mode == self._ordered:
            return False
        if signs.mode in (FlightMode.HOLD, FlightMode.UNKNOWN):
            return signs.raw_mode not in self._orderable
        return signs.mode is FlightMode.MANUAL
