"""Built-in autopilots that behave on the wire as ArduPilot 4.5.7 was measured to behave."""
