"""What a vehicle is asked without anybody's order: its streams, the time, who it is, images that did not come."""

from collections.abc import Callable

from fleet.drivers.mavlink.step import Outgoing, Talk
from fleet.drivers.mavlink.streams import Streams
from fleet.drivers.mavlink.timesync import TimeSync
from fleet.drivers.payloads.camera.image import ImageGaps
from fleet.path import Path, Paths
from fleet.profile import PROFILED, Profiler
from fleet.switchboard import Heard
from fleet.wire.dialect import number_of
from world.time import Instant

_HEARTBEAT = number_of("HEARTBEAT")
_TIMESYNC = number_of("TIMESYNC")
_IDLE_NS = 300_000_000


class Chores:
    """Who has nothing to ask is looked at less often, until the vehicle answers something."""

    def __init__(
        self, talk: Talk, paths: Paths, profiler: Profiler, gaps: ImageGaps, new_streams: Callable[[], Streams]
    ) -> None:
        """`new_streams`: those of the firmware that is known now."""
        self._paths, self._profiler, self._gaps, self._new_streams = paths, profiler, gaps, new_streams
        self._streams = {path.number: new_streams() for path in paths}
        self._time_syncs = {path.number: TimeSync(talk) for path in paths}
        self._due_ns = 0

    def renew(self) -> None:
        """The firmware is known to be another: other streams."""
        self._streams = {path.number: self._new_streams() for path in self._paths}

    def begin_anew(self) -> None:
        """The vehicle is back after long, and may have been switched off meanwhile."""
        self._profiler.begin_anew()
        for streams in self._streams.values():
            streams.begin_anew()

    def hear(self, heard: Heard, now: Instant) -> list[Outgoing]:
        """A message of the autopilot; what to answer by the same path, at once."""
        self._streams[heard.path.number].hear(heard.message, now)
        if heard.msgid in PROFILED:
            self._profiler.hear(heard.message, now)
            if heard.msgid != _HEARTBEAT:
                self._due_ns = 0
        elif heard.msgid == _TIMESYNC:
            time_sync = self._time_syncs[heard.path.number]
            time_sync.hear(heard.message, now)
            return time_sync.answers()
        return []

    def is_due(self, now: Instant) -> bool:
        return now.mono_ns >= self._due_ns

    def requests(self, now: Instant) -> list[tuple[Path, Outgoing]]:
        """What to ask now, and by which path."""
        primary = self._paths.primary
        asked = [(primary, outgoing) for outgoing in self._profiler.requests(now)]
        asked += [(primary, outgoing) for outgoing in self._gaps.requests(now)]
        for path in self._paths:
            asked += [(path, outgoing) for outgoing in self._streams[path.number].requests(now)]
        self._due_ns = 0 if asked else now.mono_ns + _IDLE_NS
        for path in self._paths:
            asked += [(path, outgoing) for outgoing in self._time_syncs[path.number].requests(now)]
        return asked

    def rtt_s(self, path: Path) -> float | None:
        """The newest round trip by a path."""
        return self._time_syncs[path.number].rtt_s
