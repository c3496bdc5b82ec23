"""Bytes <-> messages. No I/O, no clock: MAVLink frames, field tables, enums and Taihang's own TUNNEL payloads."""
