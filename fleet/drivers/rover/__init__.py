"""Wheeled and tracked robots with ArduRover."""
