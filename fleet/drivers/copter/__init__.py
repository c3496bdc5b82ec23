"""Multicopters with ArduCopter."""
