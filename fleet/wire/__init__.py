"""Bytes <-> messages. No I/O, no clock: MAVLink frames, field tables, enums and Taihang's own TUNNEL payloads.

In: `frame` (DatagramParser, FrameSplitter) then `decode`, or `bulk` for both in large reads. Out: `encode` for one
message, `batch` for one of each vehicle. `signing` proves who speaks. `tunnel` holds what MAVLink itself cannot say.
"""
