"""Commands as ArduSub understands them."""

from fleet.drivers.mavlink.programmes import standard
from fleet.drivers.sub.values import SUB

PROGRAMMES = dict(standard(SUB))
