"""Plays a film file over RTSP as if it were a camera, over and over, at the film's own pace."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sim.video.encoder import AccessUnit, transcode
from sim.video.server import RtspServer
from world.time import NS_PER_S, Clock

_PAUSE_S: Final = 0.1
"""Between the last picture and the first of the next round."""


async def serve_file(server: RtspServer, clock: Clock, path: Path, mount: str, *, rounds: int | None = None) -> None:
    """Mounts the film and plays it `rounds` times, for ever by default. Raises av.FFmpegError for what is no film.

    The film is encoded once, while it plays for the first time; every round starts with a key frame.
    """
    server.mount(mount, fps=10)
    kept: list[tuple[float, AccessUnit]] = []
    played = 0
    while rounds is None or played < rounds:
        units: Iterable[tuple[float, AccessUnit]] = kept if played else transcode(path)
        start = clock.now()
        for at_s, unit in units:
            if played == 0:
                kept.append((at_s, unit))
            offset_ns = round(at_s * NS_PER_S)
            await clock.sleep_until(start.mono_ns + offset_ns)
            server.push(mount, unit.data, start.utc_ns + offset_ns, unit.is_key)
        await clock.sleep(_PAUSE_S)
        played += 1
