"""A gimbal behind a MAVLink gimbal manager v2."""
