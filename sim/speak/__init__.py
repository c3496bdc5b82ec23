"""How simulated vehicles talk: MAVLink ports, streams that must be asked for, and what each message says."""
