"""What PX4 says, folded into what is known: its estimator tells by ESTIMATOR_STATUS, with the flags of ArduPilot's."""

from collections.abc import Mapping
from dataclasses import replace

from fleet.drivers.mavlink.fold import COMMON, Handler, heartbeat
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.streams import RATES_HZ
from fleet.drivers.px4.values import MODES
from fleet.wire.message import Message
from world.time import Instant

_HEARTBEAT = heartbeat(MODES)


def _never_off_the_ground(known: Known, message: Message, now: Instant) -> Known:
    """`is_landed` means at rest: true while disarmed."""
    known = _HEARTBEAT(known, message, now)
    return replace(known, state=replace(known.state, is_landed=known.state.is_armed is False))


# MAVLink: ESTIMATOR_STATUS_FLAGS has the bits of EKF_STATUS_FLAGS up to PRED_POS_HORIZ_ABS
_ESTIMATOR = {"ESTIMATOR_STATUS": COMMON["EKF_STATUS_REPORT"]}
AIRBORNE_FOLD: Mapping[str, Handler] = COMMON | _ESTIMATOR | {"HEARTBEAT": _HEARTBEAT}
SURFACE_FOLD: Mapping[str, Handler] = {
    name: handler for name, handler in AIRBORNE_FOLD.items() if name != "EXTENDED_SYS_STATE"
} | {"HEARTBEAT": _never_off_the_ground}

PX4_RATES_HZ: Mapping[str, float] = {
    name: rate for name, rate in RATES_HZ.items() if name != "EKF_STATUS_REPORT"
} | {"ESTIMATOR_STATUS": 1.0}
"""Much of it comes unasked; the rates are asked for anyway, since they depend on the link's MAVLink profile."""
