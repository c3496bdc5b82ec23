"""A radio relay that the vehicle carries or has dropped, powered by a relay of the autopilot."""
