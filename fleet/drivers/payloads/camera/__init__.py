"""A camera that speaks MAVLink camera protocol v2."""
