"""What a boat on ArduRover says is what a rover says: it never leaves the water, whatever its landed state."""

from fleet.drivers.rover.state import FOLD

__all__ = ["FOLD"]
