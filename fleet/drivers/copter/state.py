"""What ArduCopter says, folded into what is known."""

from fleet.drivers.copter.values import MODES
from fleet.drivers.mavlink.fold import COMMON, heartbeat

FOLD = COMMON | {"HEARTBEAT": heartbeat(MODES)}
