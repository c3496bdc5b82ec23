"""Commands as ArduRover understands them in a boat."""

from fleet.drivers.boat.values import BOAT
from fleet.drivers.mavlink.programmes import standard

PROGRAMMES = dict(standard(BOAT))
