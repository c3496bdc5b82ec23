"""What a vehicle's messages say of who flies it: its modes by kind, its sticks, and its own words for what it does."""

import re
from collections.abc import Iterable, Mapping

from fleet.guard import limits_of
from fleet.model import AutopilotKind, VehicleKind
from fleet.safety_pilot import ModeHabits
from fleet.wire.enums import PlaneMode, SubMode
from fleet.wire.message import Message
from fleet.wire.px4_modes import Px4Mode

CENTRE_US, MOVED_US = 1500, 150
"""Sticks rest at 1500 us and reach 1000 and 2000 (RCn_TRIM, RCn_MIN, RCn_MAX as delivered): 30 % of the way is a hand.
The channel of the throttle, 3, is left out: on copters it rests anywhere."""
MOVED_SHARE = 300
"""The same of MANUAL_CONTROL's -1000 to 1000."""
STICKS_LAST_S = 3.0
"""Three looks at a stream of 1 Hz."""
_CHANNELS = ("chan1_raw", "chan2_raw", "chan4_raw")
_AXES = ("x", "y", "r")
_ABSENT = frozenset({0, 65535})
_STEERED: Mapping[VehicleKind, frozenset[int]] = {
    VehicleKind.SUB: frozenset({SubMode.ALT_HOLD, SubMode.POSHOLD}), VehicleKind.PLANE: frozenset({PlaneMode.QLOITER}),
}
_PX4_RESTLESS = frozenset({Px4Mode.AUTO_LOITER})
"""PX4 holds by itself after a take-off, at the end of a mission and before it acts on a failsafe (COM_FAIL_ACT_T)."""
_OWN_WORDS = re.compile(
    r"failsafe|breach|violation|batter|crash|leak|depth sensor|ekf variance|glitch|(link|control) (loss|lost)"
    r"|mission (complete|end|finish)", re.IGNORECASE,
)
"""Texts with which ArduPilot 4.5 and PX4 1.14 tell that they act by themselves."""


def habits_of(kind: VehicleKind, autopilot: AutopilotKind | None) -> ModeHabits:
    """ArduPilot's until a heartbeat says otherwise."""
    modes = limits_of(kind, autopilot).modes
    if autopilot is AutopilotKind.PX4:
        return ModeHabits(orderable=modes, restless=_PX4_RESTLESS)
    return ModeHabits(orderable=modes, steered=_STEERED.get(kind, frozenset()))


def are_moved(message: Message) -> bool:
    """Whether the sticks in RC_CHANNELS or MANUAL_CONTROL are away from their rest; no receiver, no sticks."""
    if message.SPEC.name == "MANUAL_CONTROL":
        values = [getattr(message, axis) for axis in _AXES]
        return any(MOVED_SHARE <= abs(value) <= 1000 for value in values)
    values = [getattr(message, channel) for channel in _CHANNELS]
    return message.chancount > 0 and any(
        value not in _ABSENT and abs(value - CENTRE_US) >= MOVED_US for value in values
    )


def explain(texts: Iterable[str]) -> bool:
    """Whether one of these texts says that the autopilot acts by itself."""
    return any(_OWN_WORDS.search(text) is not None for text in texts)
