"""The replay source: the same picture, folded from a record up to any moment, at any speed."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from command.bus.codec import BadFrame
from command.store.record import Event, Record, RecordBroken
from command.survey import Survey
from command.views import Picture
from command.views.columns import Snapshot, utc_ms
from command.web.feed import BEAT_S
from command.web.orders import Refused, ReplayAction, ReplayRequest, Request
from world.ids import VehicleId
from world.time import NS_PER_S, Clock, Instant

_FASTEST = 60.0


def load_events(events_path: Path) -> list[Event]:
    """Events and samples in order of UTC; raises RecordUnavailable and RecordBroken."""
    record = Record(events_path, read_only=True)
    try:
        events = list(record.events())
    finally:
        record.close()
    samples_path = events_path.with_name("telemetry.db")
    if samples_path.is_file():
        events.extend(_samples(samples_path))
    if not events:
        raise RecordBroken(f"{events_path} holds no events: there is nothing to replay")
    return sorted(events, key=lambda event: event.at.utc_ns)


def _samples(path: Path) -> Iterator[Event]:
    """Read only, unlike the writer's own reader: a record under replay is never touched."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        for seq, utc_ns, mono_ns, topic, payload in db.execute(
            "SELECT seq, utc_ns, mono_ns, topic, payload FROM samples ORDER BY seq"
        ):
            yield Event(seq=seq, at=Instant(utc_ns=utc_ns, mono_ns=mono_ns), topic=topic, payload=payload, hash=b"")
    except sqlite3.DatabaseError as error:
        raise RecordBroken(f"{path} holds no samples: {error}") from error
    finally:
        db.close()


class ReplaySource:
    """A record with a playhead. Going back folds again from the start."""

    is_replay = True

    def __init__(self, events: list[Event], *, survey: Survey | None, clock: Clock) -> None:
        self._events = events
        self._survey = survey
        self._clock = clock
        self._epoch = 0
        self._next = 0
        self._picture = self._empty()
        self._start_ns = events[0].at.utc_ns
        self._end_ns = events[-1].at.utc_ns
        self._position_ns = self._start_ns
        self._speed = 1.0
        self._is_playing = True
        self.bad_events = 0
        self._fold()

    @property
    def vehicle_ids(self) -> tuple[VehicleId, ...]:
        return self._picture.vehicle_ids

    @property
    def length_s(self) -> float:
        return (self._end_ns - self._start_ns) / NS_PER_S

    async def run(self) -> None:
        """Move the playhead with this process's clock."""
        last = self._clock.now()
        while True:
            await self._clock.sleep(BEAT_S / 2)
            now = self._clock.now()
            if self._is_playing:
                self.advance(last.age_s(now) * self._speed)
            last = now

    def advance(self, seconds: float) -> None:
        self._position_ns = min(self._end_ns, self._position_ns + round(seconds * NS_PER_S))
        self._fold()

    def seek(self, position_s: float) -> None:
        target_ns = min(self._end_ns, self._start_ns + round(position_s * NS_PER_S))
        if target_ns < self._position_ns:
            self._epoch += 1
            self._next = 0
            self._picture = self._empty()
        self._position_ns = target_ns
        self._fold()

    def health(self) -> Snapshot:
        return {"is_well": True, "hub_connected": None, "bad_frames": self.bad_events}

    def act(self, request: Request) -> None:
        """Raises Refused for everything but the playhead's controls."""
        if not isinstance(request, ReplayRequest):
            raise Refused("This is a replay; nothing can be ordered.")
        if request.action is ReplayAction.PLAY:
            self._is_playing = True
        elif request.action is ReplayAction.PAUSE:
            self._is_playing = False
        elif request.value is None:
            raise Refused(f"The action {request.action} needs a value.")
        elif request.action is ReplayAction.SEEK:
            self.seek(request.value)
        else:
            self._speed = min(max(request.value, 0.1), _FASTEST)

    def scene(self) -> Snapshot:
        return {**self._picture.scene.snapshot(), "version": self._version()}

    def snapshot(self) -> Snapshot:
        heard_ns = self._picture.now.utc_ns or self._position_ns
        silent_s = max(0.0, (self._position_ns - heard_ns) / NS_PER_S)
        return {
            **self._picture.snapshot(silent_s),
            "utc_ms": utc_ms(self._position_ns),
            "scene_version": self._version(),
            "hub": {"is_connected": True, "lost_s": 0.0},
            "replay": {
                "position_s": (self._position_ns - self._start_ns) / NS_PER_S,
                "length_s": self.length_s,
                "speed": self._speed,
                "is_playing": self._is_playing,
            },
        }

    def _empty(self) -> Picture:
        return Picture() if self._survey is None else Picture(self._survey.frame, self._survey.terrain)

    def _version(self) -> str:
        return f"{self._epoch}.{self._picture.scene.version}"

    def _fold(self) -> None:
        while self._next < len(self._events) and self._events[self._next].at.utc_ns <= self._position_ns:
            event = self._events[self._next]
            self._next += 1
            try:
                self._picture.apply(event.topic, event.value())
            except BadFrame:
                self.bad_events += 1
