"""What ArduRover says, folded into what is known. It never leaves the ground, whatever its landed state."""

from fleet.drivers.mavlink.fold import COMMON, heartbeat
from fleet.drivers.mavlink.known import Known
from fleet.drivers.rover.values import MODES
from fleet.wire.message import Message
from world.records import replace
from world.time import Instant

_HEARTBEAT = heartbeat(MODES)


def _heartbeat(known: Known, message: Message, now: Instant) -> Known:
    """`is_landed` means standing safely: true while disarmed."""
    known = _HEARTBEAT(known, message, now)
    return replace(known, state=replace(known.state, is_landed=known.state.is_armed is False))


FOLD = {name: handler for name, handler in COMMON.items() if name != "EXTENDED_SYS_STATE"} | {"HEARTBEAT": _heartbeat}
