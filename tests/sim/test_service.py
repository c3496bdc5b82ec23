"""The service: events, losses on purpose, walls between vehicles, and a clock it obeys."""

import asyncio
from contextlib import suppress

import numpy as np
import pytest

from sim.engine.backends import Backend
from sim.machine import VehicleFailed, VehicleWrecked
from sim.pace import FasterClock
from sim.service import Failure, SimService, StateHash
from sim.vehicles.spec import Kind
from tests.sim.support import FRAME, Place, StillClock, flat_terrain, fly_off, spec
from world.time import Instant


class GrantedClock:
    """Lets a test grant time, as the time owner does."""

    def __init__(self) -> None:
        self.mono_ns = 5_000_000_000
        self._waiters: list[tuple[int, asyncio.Event]] = []

    def now(self) -> Instant:
        return Instant(mono_ns=self.mono_ns, utc_ns=self.mono_ns + 10**18)

    async def sleep(self, seconds: float) -> None:
        await self.sleep_until(self.mono_ns + round(seconds * 1e9))

    async def sleep_until(self, mono_ns: int) -> None:
        if mono_ns <= self.mono_ns:
            await asyncio.sleep(0)
            return
        event = asyncio.Event()
        self._waiters.append((mono_ns, event))
        await event.wait()

    async def grant(self, to_ns: int) -> None:
        self.mono_ns = to_ns
        for due_ns, event in self._waiters:
            if due_ns <= to_ns:
                event.set()
        for _ in range(50):
            await asyncio.sleep(0)


def test_it_steps_on_the_grid_of_its_clock_and_catches_up() -> None:
    async def main() -> None:
        clock = GrantedClock()
        service = SimService(
            clock=clock, specs=[spec()], terrain=flat_terrain(), frame=FRAME, seed=1, send=lambda vehicle, data: None,
        )
        task = asyncio.ensure_future(service.run())
        await asyncio.sleep(0)
        for grant_ms, tick in ((19, 0), (20, 5), (40, 10), (150, 35)):
            await clock.grant(5_000_000_000 + grant_ms * 1_000_000)
            assert service.engine.tick == tick
        assert service.now().mono_ns == 5_000_000_000 + 140_000_000
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_a_hash_comes_every_second() -> None:
    place = Place([spec(), spec(Kind.ROVER, 2), spec(Kind.SUB, 3)])
    place.pass_time(3)
    hashes = [event for event in place.events if isinstance(event, StateHash)]
    assert [event.tick for event in hashes] == [250, 500, 750]
    assert len({event.digest for event in hashes}) == 3


def test_whole_flights_hash_alike_on_both_engines() -> None:
    def history(backend: Backend) -> list[str]:
        place = Place([spec(), spec(Kind.ROVER, 2), spec(Kind.SUB, 3)], backend=backend)
        fly_off(place.stations[spec().id], 12)
        place.pass_time(5)
        return [event.digest for event in place.events if isinstance(event, StateHash)]

    assert history(Backend.COMPILED) == history(Backend.ARRAYS)


def test_a_lost_motor_falls_and_is_silent_after_the_impact() -> None:
    place = Place([spec(), spec(number=2)])
    station, other = place.stations.values()
    fly_off(station, 30)
    station.stream(33, 10)
    place.service.fail(station.spec.id, Failure.MOTOR)
    place.pass_time(1)
    assert station.last("GLOBAL_POSITION_INT").vz > 300, "falling, and still talking"
    place.pass_time(4)
    wrecks = [event for event in place.events if isinstance(event, VehicleWrecked)]
    assert [event.vehicle for event in wrecks] == [station.spec.id]
    assert place.service.truth().is_alive.tolist() == [False, True]
    assert place.service.truth().position[0, 2] == 0.0
    station.heard.clear()
    other.heard.clear()
    place.pass_time(5)
    assert not station.heard
    assert other.heard


def test_a_dead_radio_is_silent_both_ways_and_flies_on() -> None:
    place = Place([spec(parameters={"FS_GCS_ENABLE": 1.0})])
    (station,) = place.stations.values()
    station.beat()
    fly_off(station)
    station.beat()
    place.service.fail(station.spec.id, Failure.LINK)
    station.heard.clear()
    place.pass_time(30)
    assert not station.heard
    assert place.service.machines[0].mind()[0] == 6, "its own failsafe brings it home"


def test_one_broken_model_does_not_stop_the_others() -> None:
    place = Place([spec(), spec(number=2)])
    place.service.engine.columns.pos[0] = np.nan
    place.pass_time(2)
    failed = [event for event in place.events if isinstance(event, VehicleFailed)]
    assert [event.vehicle for event in failed] == ["U01"]
    assert "no longer a number" in failed[0].reason
    assert place.service.truth().is_alive.tolist() == [False, True]


def test_truth_is_a_copy() -> None:
    place = Place([spec()])
    before = place.service.truth()
    place.service.engine.columns.pos[0] += 100
    assert before.position[0, 0] == 12.0


def test_a_faster_clock() -> None:
    inner = GrantedClock()
    fast = FasterClock(inner, 10.0)
    inner.mono_ns += 100
    assert fast.now().mono_ns == 5_000_000_000 + 1000
    with pytest.raises(ValueError, match="positive"):
        FasterClock(StillClock(), 0.0)
