"""Keeps one camera connected in live time: tries again with growing pauses. Simulated time never needs it."""

import asyncio

from perception.ingest.dialogue import RtspRefused
from perception.ingest.sdp import NoVideoTrack
from perception.ingest.source import CameraUnreachable, RtspSource
from world.time import Clock

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 8.0
_KEEP_ALIVE_S = 20.0
"""A third of the usual session time-out of 60 s (RFC 2326, 12.37)."""


async def keep_connected(source: RtspSource, clock: Clock, *, look_every_s: float = 0.5) -> None:
    """Runs until cancelled. The handshake blocks a thread of its own, so that other cameras go on."""
    pause_s = _FIRST_PAUSE_S
    alive = clock.now()
    try:
        while True:
            if source.is_connected:
                pause_s = _FIRST_PAUSE_S
                if alive.age_s(clock.now()) >= _KEEP_ALIVE_S:
                    source.keep_alive()
                    alive = clock.now()
                await clock.sleep(look_every_s)
                continue
            try:
                await asyncio.to_thread(source.connect)
                source.join()
            except (CameraUnreachable, RtspRefused, NoVideoTrack):
                await clock.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
    finally:
        source.close()
