"""What outlives a restart beside the missions' own events: leases, the fleet's stop, safety pilots, parameters."""

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from command.store.record import Event
from fleet.authority import Authority, LeaseTaken
from fleet.drivers.mavlink.parameter_cache import CachedList, CacheKey, ParameterCache
from fleet.group import StopNote
from fleet.guard import Guard
from fleet.health import SAFETY_PILOT
from fleet.model import Alarm
from world.ids import OperatorId, VehicleId
from world.time import Instant


class ToldLatch:
    """The guard's latch for Together; what it does is an event of the record, so that a restart finds it again."""

    def __init__(self, guard: Guard, publish: Callable[[str, Any], None]) -> None:
        self._guard, self._publish = guard, publish

    def latch(self, scope: Iterable[VehicleId] | None, by: OperatorId, now: Instant) -> str | None:
        """Scope is never None here: Together names everybody."""
        vehicles = tuple(scope or ())
        fault = self._guard.latch(vehicles, by, now)
        held = tuple(vehicle for vehicle in vehicles if self._guard.is_latched(vehicle))
        self._publish("fleet/stop", StopNote(vehicles=held, by=by, at=now, is_over=False))
        return fault

    def release(self, by: OperatorId, now: Instant, scope: Iterable[VehicleId] | None = None) -> str | None:
        vehicles = None if scope is None else tuple(scope)
        fault = self._guard.release(by, now, vehicles)
        if fault is None:
            self._publish("fleet/stop", StopNote(vehicles=vehicles, by=by, at=now, is_over=True))
        return fault


@dataclass(slots=True)
class Memory:
    """Folds a record, oldest first."""

    authority: Authority
    """Hears again what was asked and granted, each at its own time; nobody is told of it twice."""
    stopped: dict[VehicleId, tuple[OperatorId, Instant]] = field(default_factory=dict)
    held_by_radio: set[VehicleId] = field(default_factory=set)

    def fold(self, event: Event) -> None:
        match event.topic:
            case "fleet/lease_request":
                self.authority.request(event.value(), event.at)
            case "fleet/lease":
                with suppress(LeaseTaken):
                    self.authority.grant(event.value(), event.at)
            case "fleet/stop":
                self._stop(event.value())
            case "alarm":
                self._alarm(event.value())

    def _stop(self, note: StopNote) -> None:
        if not note.is_over:
            for vehicle in note.vehicles or ():
                self.stopped.setdefault(vehicle, (note.by, note.at))
            return
        for vehicle in list(self.stopped) if note.vehicles is None else note.vehicles:
            self.stopped.pop(vehicle, None)

    def _alarm(self, alarm: Alarm) -> None:
        if alarm.vehicle is None or alarm.key != f"{alarm.vehicle}/{SAFETY_PILOT}":
            return
        if alarm.is_active:
            self.held_by_radio.add(alarm.vehicle)
        else:
            self.held_by_radio.discard(alarm.vehicle)


class KeptParameters(ParameterCache):
    """Parameter lists in a folder, a file for each board. What cannot be read or written is asked of the vehicle."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        for path in sorted(folder.glob("*.json")):
            with suppress(OSError):
                for key, read in ParameterCache.from_bytes(path.read_bytes()).lists():
                    super().put(key, read)

    def put(self, key: CacheKey, read: CachedList) -> None:
        is_known = self.get(key) == read
        super().put(key, read)
        if not is_known:
            with suppress(OSError):
                self._write(key, read)

    def _write(self, key: CacheKey, read: CachedList) -> None:
        """Whole or not at all; a machine that loses its power may lose the newest, whose digest then does not fit."""
        one = ParameterCache()
        one.put(key, read)
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{hashlib.sha256(key.board.encode()).hexdigest()[:16]}.json"
        new = path.with_suffix(".new")
        new.write_bytes(one.to_bytes())
        os.replace(new, path)
