"""What every MAVLink autopilot has in common: folding of messages, programmes of steps, streams. No I/O, no clock."""
