"""ArduRover boats."""
