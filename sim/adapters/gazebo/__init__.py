"""Gazebo: our places as its worlds, and its physics and cameras under our autopilots."""
