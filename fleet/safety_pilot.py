"""Sees when a person with a radio has taken a vehicle, and when it is given back: what was ordered against what is."""

from dataclasses import dataclass

from fleet.model import FlightMode
from world.time import Instant

_GIVEN_BACK = frozenset({FlightMode.GUIDED, FlightMode.AUTO, FlightMode.HOLD})
"""Into one of these a pilot switches on purpose; into a return or landing also the autopilot that lost his radio."""
_CHOSEN = frozenset({FlightMode.AUTO, FlightMode.HOLD})
"""A change into one of these that nobody here ordered is a person's, unless the autopilot has a reason of its own."""
_COMES_HOME = frozenset({FlightMode.RETURN, FlightMode.LAND, FlightMode.SURFACE})
"""What follows one of these is the autopilot's: ArduSub holds its depth at the surface, ArduPlane lands in AUTO."""
SILENT_S = 3.0
"""Who was not heard for longer may have changed its mode by a failsafe that is over by now."""
EXPLAINED_WITHIN_S = 5.0
"""A failsafe is told within this of the mode that it chose: by a text, or in the next heartbeats."""
ORDERED_LASTS_S = 10.0
"""So long after it was sent an order may still be carried out, once, also when another one followed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotSigns:
    """What one look at a vehicle shows. `is_overridden`: sticks or a joystick are moved, whatever its mode says."""

    at: Instant
    mode: FlightMode
    raw_mode: int | None
    is_armed: bool | None
    is_overridden: bool = False
    is_explained: bool = False
    """It has said within EXPLAINED_WITHIN_S that it acts by itself: a failsafe, its fence, a crash."""
    is_mission_over: bool = False
    """Its mission has come to its last item: what it does next follows from that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeHabits:
    """Modes of one kind and firmware, by number."""

    orderable: frozenset[int]
    """Those that this fleet may order (VehicleLimits.modes)."""
    steered: frozenset[int] = frozenset()
    """Of these, modes that sticks fly: to switch into one gives nothing back."""
    restless: frozenset[int] = frozenset()
    """Modes that the autopilot also enters by itself, in the ordinary course."""


class SafetyPilotWatch:
    """Of one vehicle.

    A pilot has it when it is armed in a mode of sticks that we did not order: MANUAL, or one of holding or of no name
    here that this fleet never orders (ArduCopter's LOITER, POSHOLD, DRIFT); when it changes into a mode of holding or
    into AUTO that nobody here ordered and that the autopilot has no reason for; and when sticks are moved. Returns and
    landings are no sign: autopilots choose those themselves.
    """

    def __init__(self, habits: ModeHabits) -> None:
        self._habits = habits
        self._ordered: int | None = None
        self._ordered_since = False
        self._orders: dict[int, Instant] = {}
        self._is_held = False
        self._is_kept = False
        self._taken_in: int | None = None
        self._by_change_at: Instant | None = None
        self._left: int | None = None
        self._signs: PilotSigns | None = None

    @property
    def is_held(self) -> bool:
        return self._is_held

    def rebound(self, habits: ModeHabits) -> None:
        """The vehicle turned out to have another firmware, which has other modes."""
        self._habits = habits

    def keep_hold(self) -> None:
        """A pilot had it when an earlier run of this service ended; he gives it back as ever."""
        self._is_held = self._is_kept = True

    def ordered(self, raw_mode: int, at: Instant) -> None:
        """A mode change was sent: what follows from it is no sign of a pilot, nor of one who gives back."""
        self._ordered, self._ordered_since = raw_mode, True
        self._orders = {mode: sent for mode, sent in self._orders.items() if sent.age_s(at) < ORDERED_LASTS_S}
        self._orders[raw_mode] = at

    def see(self, signs: PilotSigns) -> bool:
        """One look, as often as heartbeats come. True while a pilot has the vehicle."""
        before, self._signs = self._signs, signs
        if before is not None and before.raw_mode is not None and before.raw_mode != signs.raw_mode:
            self._orders.pop(before.raw_mode, None)  # it was carried out, and is spent
        if signs.is_armed is None:
            return self._is_held
        if not signs.is_armed:
            self._let_go()  # on the ground at rest, whatever mode its radio is switched to
        elif self._shows_pilot(signs):
            self._take(signs)
        elif self._is_held:
            self._look_held(signs)
        elif before is not None and before.is_armed and before.raw_mode != signs.raw_mode:
            self._look_changed(before, signs)
        return self._is_held

    def take_back(self) -> bool:
        """A commander takes the vehicle back. False while the pilot's mode or sticks are still in force."""
        if self._signs is not None and self._signs.is_armed is not False and self._shows_pilot(self._signs):
            return False
        self._let_go()
        return True

    def _take(self, signs: PilotSigns) -> None:
        if not self._is_held:
            self._ordered_since = False
        self._is_held, self._is_kept, self._taken_in, self._by_change_at = True, False, signs.raw_mode, None

    def _let_go(self) -> None:
        self._is_held, self._is_kept, self._taken_in, self._by_change_at = False, False, None, None

    def _look_held(self, signs: PilotSigns) -> None:
        """Given back by another mode than he took it in; not his at all if the autopilot explains the change late."""
        if self._is_kept:
            self._is_kept, self._taken_in = False, signs.raw_mode  # what he did while nobody looked is not known
        is_late = self._by_change_at is not None and self._by_change_at.age_s(signs.at) <= EXPLAINED_WITHIN_S
        if (is_late and signs.is_explained) or self._gives_back(signs):
            self._let_go()

    def _gives_back(self, signs: PilotSigns) -> bool:
        is_other = signs.raw_mode not in {self._taken_in, *self._habits.steered}
        is_ours = self._ordered_since and signs.raw_mode == self._ordered
        return signs.mode in _GIVEN_BACK and is_other and not is_ours

    def _look_changed(self, before: PilotSigns, signs: PilotSigns) -> None:
        is_ours = signs.raw_mode == self._ordered or self._was_ordered(signs)
        if is_ours or self._is_its_own(before, signs):
            self._left = None if is_ours else before.raw_mode
            return
        self._take(signs)
        self._left, self._by_change_at = before.raw_mode, signs.at

    def _was_ordered(self, signs: PilotSigns) -> bool:
        sent = None if signs.raw_mode is None else self._orders.get(signs.raw_mode)
        return sent is not None and sent.age_s(signs.at) < ORDERED_LASTS_S

    def _is_its_own(self, before: PilotSigns, signs: PilotSigns) -> bool:
        """The autopilot may have changed it by itself. It goes back by itself to what a failsafe made it leave."""
        ends_mission = before.mode is FlightMode.AUTO and (before.is_mission_over or signs.is_mission_over)
        return (
            signs.mode not in _CHOSEN
            or signs.raw_mode in {None, self._left, *self._habits.restless}
            or before.raw_mode is None
            or before.mode in _COMES_HOME
            or ends_mission
            or signs.is_explained
            or before.at.age_s(signs.at) > SILENT_S
        )

    def _shows_pilot(self, signs: PilotSigns) -> bool:
        if signs.is_overridden:
            return True
        if signs.raw_mode is None or signs.raw_mode == self._ordered:
            return False
        if signs.mode in (FlightMode.HOLD, FlightMode.UNKNOWN):
            return signs.raw_mode not in self._habits.orderable
        return signs.mode is FlightMode.MANUAL
