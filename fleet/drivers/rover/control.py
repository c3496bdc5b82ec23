"""Commands as ArduRover understands them."""

from fleet.drivers.mavlink.programmes import standard
from fleet.drivers.rover.values import ROVER

PROGRAMMES = dict(standard(ROVER))
