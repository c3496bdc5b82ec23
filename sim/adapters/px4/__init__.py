"""PX4's software in the loop as the brain: the server of its simulator_mavlink module, and how it is started."""
