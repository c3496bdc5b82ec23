"""Whole sorties through bytes: the fleet service against the simulated autopilots of all kinds, in virtual time."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from fleet.authority import Authority
from fleet.commands import Ack, AckResult, Command, Lease, Route, RoutePoint, Verb
from fleet.drivers.registry import DRIVERS, PX4_DRIVERS
from fleet.guard import LIMITS, Fence, Guard, GuardedVehicle, Site
from fleet.model import CameraLens, FlightMode, ImageCaptured, LinkState, VehicleKind, VehicleState
from fleet.roster import Roster, RosterEntry
from fleet.service import FleetService
from fleet.switchboard import Switchboard
from fleet.wire.enums import CopterMode, PlaneMode, RoverMode, SubMode
from fleet.wire.px4_modes import Px4Mode
from sim.engine.weather import Weather
from sim.service import Failure, SimService
from sim.vehicles.spec import Kind, VehicleSpec
from tests.sim.support import FRAME, flat_terrain, spec
from tests.support.fleet_bench import APPROVED, COMMANDER, PILOT, RecordingBus, run_virtual
from tests.support.virtual_time import VirtualClock
from world.ids import CommandId, OperatorId, VehicleId
from world.position import Enu, Geodetic, LocalFrame
from world.terrain import Terrain

U01, G01, W01, P01, B01 = (VehicleId(name) for name in ("U01", "G01", "W01", "P01", "B01"))
STILL = Weather()
WIND = Weather(wind_m_s=6.0, wind_from_deg=250.0, gust_m_s=1.0, current_m_s=0.25, current_toward_deg=30.0)


def at(east_m: float, north_m: float, up_m: float) -> Geodetic:
    return FRAME.to_geodetic(Enu(east_m=east_m, north_m=north_m, up_m=up_m))


def way(*places: tuple[float, float, float], speed_m_s: float, **rest: Any) -> Route:
    return Route(points=tuple(RoutePoint(position=at(*place), speed_m_s=speed_m_s) for place in places), **rest)


@dataclass(slots=True)
class Field:
    """Fleet and simulator, with nothing but bytes between them."""

    clock: VirtualClock
    bus: RecordingBus
    fleet: FleetService
    sim: SimService
    guard: Guard
    commands: int = 0

    def state(self, vehicle: VehicleId) -> VehicleState:
        return next(state for state in self.fleet.state().vehicles if state.vehicle == vehicle)

    async def give(
        self, vehicle: VehicleId, verb: Verb, *, in_s: float = 60.0, by: OperatorId = PILOT, **rest: Any
    ) -> Ack:
        """Give a command and wait for its end."""
        self.commands += 1
        command = Command(
            id=CommandId(f"c{self.commands}"), vehicle=vehicle, verb=verb, issued_by=by,
            deadline=self.clock.now().plus_s(in_s), plan_digest=APPROVED, **rest,
        )
        self.bus.publish("fleet/command", command)
        await self.until(lambda: self._acks(command) != [], in_s + 1.0)
        return self._acks(command)[0]

    def _acks(self, command: Command) -> list[Ack]:
        return [ack for ack in self.bus.of("fleet/ack") if ack.command == command.id]

    async def done(self, vehicle: VehicleId, verb: Verb, **rest: Any) -> None:
        ack = await self.give(vehicle, verb, **rest)
        assert ack.result is AckResult.ACCEPTED, ack

    async def until(self, shows: Callable[[], bool], within_s: float) -> None:
        end = self.clock.now().plus_s(within_s)
        while not shows():
            assert self.clock.now().mono_ns < end.mono_ns, f"not so within {within_s} s"
            await self.clock.sleep(0.1)

    def apart_m(self, vehicle: VehicleId, place: tuple[float, float, float]) -> float:
        """True distance from a place."""
        truth = self.sim.truth()
        row = truth.vehicles.index(vehicle)
        return math.dist(tuple(float(value) for value in truth.position[row]), place)


@asynccontextmanager
async def field(
    specs: Sequence[VehicleSpec], weather: Weather = STILL, *, terrain: Terrain | None = None,
    frame: LocalFrame = FRAME, half_m: float = 900.0, **simulation: Any,
) -> AsyncIterator[Field]:
    """Flat ground, or a lake's where there are boats. `simulation`: more arguments of SimService."""
    loop = asyncio.get_running_loop()
    is_lake = any(made.kind is Kind.BOAT for made in specs)
    clock, bus, terrain = VirtualClock(loop), RecordingBus(), terrain or flat_terrain(-20.0 if is_lake else 0.0)
    ways_down: list[SimService] = []
    authority = Authority(commanders=[COMMANDER])
    corners = tuple(
        frame.to_geodetic(Enu(east_m=east * half_m, north_m=north * half_m, up_m=0.0))
        for east, north in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    )
    board = Switchboard(lambda link, peer, data: ways_down[0].receive(VehicleId(link), data))
    guard = Guard(
        send=board.carry,
        authority=authority,
        vehicles={
            made.id: GuardedVehicle(sysid=made.sysid, limits=LIMITS[VehicleKind(made.kind.value)]) for made in specs
        },
        site=Site(frame=frame, terrain=terrain, fence=Fence(inclusion=corners)),
    )
    guard.approve(APPROVED)
    roster = Roster([
        RosterEntry(vehicle=made.id, kind=VehicleKind(made.kind.value), sysid=made.sysid) for made in specs
    ])
    fleet = FleetService(bus=bus, clock=clock, roster=roster, guard=guard, board=board, authority=authority)

    def upward(vehicle: VehicleId, data: bytes) -> None:
        loop.call_soon(partial(fleet.receive, vehicle, data))

    sim = SimService(
        clock=clock, specs=specs, terrain=terrain, frame=frame, seed=5, send=upward, weather=weather, **simulation
    )
    ways_down.append(sim)
    for made in specs:
        bus.publish("fleet/lease", Lease(vehicle=made.id, holder=PILOT, expires=clock.now().plus_s(7200.0)))
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(fleet.run()), tasks.create_task(sim.run())]
        yield Field(clock, bus, fleet, sim, guard)
        for task in running:
            task.cancel()


def fly(
    specs: Sequence[VehicleSpec], scene: Callable[[Field], Any], *, weather: Weather = STILL, has_pilot: bool = False
) -> None:
    """Whatever autopilots do by themselves meanwhile, nobody with a radio is seen where there is none."""
    async def main() -> None:
        async with field(specs, weather) as place:
            await scene(place)
            held = [alarm.key for alarm in place.bus.of("alarm") if alarm.key.endswith("/safety_pilot")]
            assert bool(held) is has_pilot, held

    run_virtual(main())


def test_a_copter_searches_and_comes_home() -> None:
    async def scene(place: Field) -> None:
        assert not place.state(U01).is_ready
        await place.until(lambda: place.state(U01).is_ready, 60.0)
        await place.done(U01, Verb.SET_RETURN_HEIGHT, height_m=35.0)
        points = way((12, 60, 40), (60, 120, 40), (12, 160, 40), speed_m_s=8.0).points
        shooting = RoutePoint(position=points[1].position, speed_m_s=8.0, trigger_distance_m=6.0)
        done = RoutePoint(position=points[2].position, speed_m_s=8.0, trigger_distance_m=0.0)
        route = Route(points=(points[0], shooting, done), take_off_height_m=20.0)
        await place.done(U01, Verb.UPLOAD_ROUTE, route=route)
        assert place.state(U01).mission_count == 3
        await place.done(U01, Verb.START_ROUTE)
        assert place.state(U01).mode is FlightMode.AUTO
        items: list[int | None] = []
        passed = 0

        def is_home() -> bool:
            nonlocal passed
            state = place.state(U01)
            if items[-1:] != [state.mission_item]:
                items.append(state.mission_item)
            passed += place.apart_m(U01, (60, 120, 40)) < 6.0
            return state.is_armed is False

        await place.until(is_home, 240.0)
        assert items[:4] == [0, 1, 2, 3]
        assert passed > 0
        assert place.apart_m(U01, (12, 0, 0)) < 4.0
        images: list[ImageCaptured] = place.bus.of("fleet/image")
        assert 8 <= len(images) <= 14
        assert {image.mission_item for image in images} <= {1, 2}
        lenses: list[CameraLens] = place.bus.of("fleet/lens")
        assert sorted(lens.stream for lens in lenses) == ["U01/rgb", "U01/thermal"]
        assert place.bus.of("alarm") == []

    fly([spec(booted_s=20.0, refuses_first_arm=1.0)], scene)


def test_guided_work_and_replanning_in_the_air() -> None:
    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(U01).is_ready, 30.0)
        await place.done(U01, Verb.TAKE_OFF, height_m=30.0)
        await place.until(lambda: (place.state(U01).height_above_home_m or 0.0) > 28.0, 30.0)
        await place.done(U01, Verb.GO_TO, position=at(12, 40, 30), speed_m_s=5.0, heading_deg=90.0)
        await place.until(lambda: place.apart_m(U01, (12, 40, 30)) < 3.0, 30.0)
        await place.done(U01, Verb.LOOK_AT, position=at(12, -300, 0))
        await place.done(U01, Verb.CAPTURE)
        first = way((12, 300, 40), (100, 300, 40), speed_m_s=8.0)
        await place.done(U01, Verb.UPLOAD_ROUTE, route=first)
        await place.done(U01, Verb.START_ROUTE)
        await place.clock.sleep(5.0)
        second = way((12, 300, 40), (0, -100, 40), (50, -100, 40), speed_m_s=8.0, start_index=1)
        await place.done(U01, Verb.UPLOAD_ROUTE, route=second)
        assert place.state(U01).mode is FlightMode.AUTO
        await place.until(lambda: place.apart_m(U01, (0, -100, 40)) < 6.0, 60.0)
        assert place.state(U01).mission_item in (1, 2)
        await place.done(U01, Verb.STOP)
        assert place.state(U01).mode is FlightMode.HOLD
        await place.done(U01, Verb.START_ROUTE)
        await place.until(lambda: place.state(U01).is_armed is False, 120.0)
        assert place.apart_m(U01, (12, 0, 0)) < 4.0

    fly([spec()], scene)


def test_a_rover_drives_its_route_and_comes_back() -> None:
    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(G01).is_ready, 30.0)
        await place.done(G01, Verb.UPLOAD_ROUTE, route=way((32, 0, 0), (32, 15, 0), speed_m_s=1.5))
        await place.done(G01, Verb.START_ROUTE)
        await place.until(lambda: place.apart_m(G01, (32, 15, 0)) < 4.0, 60.0)
        await place.done(G01, Verb.HOLD)
        assert place.state(G01).mode is FlightMode.HOLD
        await place.done(G01, Verb.GO_TO, position=at(32, 30, 0))
        await place.done(G01, Verb.RETURN)
        await place.until(lambda: place.apart_m(G01, (12, 0, 0)) < 4.0, 90.0)
        await place.done(G01, Verb.DISARM)
        assert (await place.give(G01, Verb.TAKE_OFF, height_m=20.0)).result is AckResult.REFUSED_BY_GUARD
        assert (await place.give(G01, Verb.LOOK_AT, heading_deg=20.0)).result is AckResult.REFUSED_BY_VEHICLE

    fly([spec(Kind.ROVER)], scene)


def test_a_sub_dives_its_route_and_surfaces() -> None:
    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(W01).is_ready, 30.0)
        await place.done(W01, Verb.UPLOAD_ROUTE, route=way((22, 0, 14), (22, 6, 12), speed_m_s=0.5))
        await place.done(W01, Verb.START_ROUTE)
        await place.until(lambda: place.apart_m(W01, (22, 6, 12)) < 3.0, 120.0)
        assert place.state(W01).is_armed, "our heartbeats keep it alive"
        await place.done(W01, Verb.HOLD)
        await place.done(W01, Verb.RETURN)
        assert place.state(W01).mode is FlightMode.SURFACE
        await place.until(lambda: abs(place.sim.truth().position[0][2] - 20.0) < 1.5, 90.0)

    fly([spec(Kind.SUB)], scene)


def test_a_crashed_copter_is_lost_and_the_others_fly_on() -> None:
    async def scene(place: Field) -> None:
        second = VehicleId("U02")

        def is_ready(vehicle: VehicleId) -> bool:
            return place.state(vehicle).is_ready

        for vehicle in (U01, second):
            await place.until(partial(is_ready, vehicle), 30.0)
            await place.done(vehicle, Verb.TAKE_OFF, height_m=30.0)
        await place.clock.sleep(15.0)
        place.sim.fail(U01, Failure.MOTOR)
        await place.until(lambda: place.state(U01).link is LinkState.LOST, 20.0)
        await place.clock.sleep(1.1)
        assert place.state(second).link is LinkState.FRESH
        active = {alarm.key for alarm in place.bus.of("alarm") if alarm.is_active}
        assert "U01/link_lost" in active
        ack = await place.give(U01, Verb.RETURN, in_s=5.0)
        assert ack.result is AckResult.LINK_LOST
        await place.done(second, Verb.RETURN)

    fly([spec(), spec(number=2)], scene)


def test_a_fixed_wing_takes_off_circles_flies_its_route_and_comes_back_over_home() -> None:
    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(P01).is_ready, 30.0)
        await place.done(P01, Verb.SET_RETURN_HEIGHT, height_m=70.0)
        await place.done(P01, Verb.TAKE_OFF, height_m=50.0)
        assert place.state(P01).mode is FlightMode.GUIDED
        await place.until(lambda: (place.state(P01).height_above_home_m or 0.0) > 45.0, 60.0)
        await place.done(P01, Verb.HOLD)
        assert place.state(P01).mode is FlightMode.HOLD
        speeds = []
        for _ in range(30):
            await place.clock.sleep(1.0)
            speeds.append(math.hypot(*place.sim.truth().velocity[0][:2]))
        assert min(speeds) > 10.0, "wings that stand still fall"
        await place.done(P01, Verb.GO_TO, position=at(-200, 300, 60), speed_m_s=16.0)
        await place.until(lambda: place.apart_m(P01, (-200, 300, 60)) < 80.0, 60.0)
        assert (await place.give(P01, Verb.LOOK_AT, heading_deg=20.0)).result is AckResult.REFUSED_BY_VEHICLE
        await place.done(P01, Verb.UPLOAD_ROUTE, route=way((300, 300, 60), (300, -300, 60), speed_m_s=18.0))
        await place.done(P01, Verb.START_ROUTE)
        await place.until(lambda: place.apart_m(P01, (300, -300, 60)) < 75.0, 120.0)
        await place.until(lambda: place.state(P01).mode is FlightMode.RETURN, 30.0)
        await place.done(P01, Verb.SET_SPEED, speed_m_s=15.0)
        await place.done(P01, Verb.RETURN)
        await place.until(lambda: place.apart_m(P01, (12, 0, 70)) < 75.0, 90.0)
        await place.clock.sleep(30.0)
        assert place.apart_m(P01, (12, 0, 70)) < 75.0, "it circles there"
        assert place.state(P01).is_armed

    fly([spec(Kind.PLANE)], scene)


def test_a_fixed_wing_without_a_landing_says_so_and_comes_back() -> None:
    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(P01).is_ready, 30.0)
        await place.done(P01, Verb.UPLOAD_ROUTE, route=way((12, 400, 60), speed_m_s=18.0, take_off_height_m=60.0))
        await place.done(P01, Verb.START_ROUTE)
        await place.until(lambda: (place.state(P01).height_above_home_m or 0.0) > 40.0, 60.0)
        ack = await place.give(P01, Verb.LAND, in_s=15.0)
        assert ack.result is AckResult.REFUSED_BY_VEHICLE
        assert "it returns and circles" in ack.reason
        assert place.state(P01).mode is FlightMode.RETURN
        assert (await place.give(P01, Verb.DISARM, in_s=5.0)).result is not AckResult.ACCEPTED
        await place.done(P01, Verb.STOP)
        assert place.state(P01).mode is FlightMode.HOLD

    fly([spec(Kind.PLANE)], scene)


def test_a_plane_with_rotors_goes_straight_up_and_lands_upright() -> None:
    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(P01).is_ready, 30.0)
        await place.done(P01, Verb.SET_RETURN_HEIGHT, height_m=40.0)
        await place.done(P01, Verb.TAKE_OFF, height_m=40.0)
        await place.until(lambda: (place.state(P01).height_above_home_m or 0.0) > 38.0, 60.0)
        assert place.apart_m(P01, (12, 0, 39)) < 5.0
        await place.done(P01, Verb.GO_TO, position=at(200, 300, 60))
        await place.until(lambda: place.apart_m(P01, (200, 300, 60)) < 80.0, 90.0)
        await place.done(P01, Verb.HOLD)
        await place.clock.sleep(20.0)
        assert math.hypot(*place.sim.truth().velocity[0]) < 1.0, "it hovers"
        await place.done(P01, Verb.UPLOAD_ROUTE, route=way((300, 0, 60), (200, -200, 60), speed_m_s=18.0))
        await place.done(P01, Verb.START_ROUTE)
        await place.until(lambda: place.apart_m(P01, (300, 0, 60)) < 75.0, 90.0)
        await place.done(P01, Verb.RETURN)
        await place.until(lambda: place.state(P01).is_armed is False, 180.0)
        assert place.apart_m(P01, (12, 0, 0)) < 5.0
        await place.done(P01, Verb.TAKE_OFF, height_m=40.0)
        await place.until(lambda: (place.state(P01).height_above_home_m or 0.0) > 10.0, 60.0)
        await place.done(P01, Verb.LAND)
        assert place.state(P01).mode is FlightMode.LAND
        await place.until(lambda: place.state(P01).is_armed is False, 90.0)

    fly([spec(Kind.PLANE, parameters={"Q_ENABLE": 1})], scene)


def test_a_boat_keeps_its_place_against_wind_and_current_and_comes_back() -> None:
    async def scene(place: Field) -> None:
        await place.until(lambda: place.state(B01).is_ready, 30.0)
        out = way((60, 0, 1), (60, 40, 1), speed_m_s=2.0, returns_at_end=False)
        await place.done(B01, Verb.UPLOAD_ROUTE, route=out)
        await place.done(B01, Verb.START_ROUTE)
        await place.until(lambda: place.apart_m(B01, (60, 40, 1)) < 5.0, 90.0)
        await place.clock.sleep(30.0)
        assert place.apart_m(B01, (60, 40, 1)) < 6.0, "it loiters at the end"
        await place.done(B01, Verb.HOLD)
        assert place.state(B01).raw_mode == RoverMode.LOITER
        await place.done(B01, Verb.GO_TO, position=at(90, 40, 1), speed_m_s=1.5)
        await place.until(lambda: place.apart_m(B01, (90, 40, 1)) < 5.0, 60.0)
        await place.done(B01, Verb.SET_SPEED, speed_m_s=2.0)
        await place.done(B01, Verb.RETURN)
        await place.until(lambda: place.apart_m(B01, (12, 0, 1)) < 5.0, 120.0)
        await place.done(B01, Verb.LAND)
        left = place.sim.truth().position[0].copy()
        await place.clock.sleep(60.0)
        assert math.dist(left, place.sim.truth().position[0]) > 8.0, "in HOLD it drifts"
        await place.done(B01, Verb.STOP)
        assert (await place.give(B01, Verb.TAKE_OFF, height_m=20.0)).result is AckResult.REFUSED_BY_GUARD
        await place.done(B01, Verb.DISARM)
        await place.done(B01, Verb.ARM)
        await place.done(B01, Verb.KILL, held_s=3.0)

    fly([spec(Kind.BOAT)], scene, weather=WIND)


@pytest.mark.parametrize("kind", list(VehicleKind))
def test_every_mode_number_means_something_on_purpose(kind: VehicleKind) -> None:
    """Each mode of the firmware's enum is in the kind's table, be it as UNKNOWN."""
    numbers: dict[VehicleKind, set[int]] = {
        VehicleKind.COPTER: set(CopterMode), VehicleKind.ROVER: set(RoverMode), VehicleKind.SUB: set(SubMode),
        VehicleKind.PLANE: set(PlaneMode), VehicleKind.BOAT: set(RoverMode),
    }
    modes = DRIVERS[kind].kind.modes
    assert set(modes) == numbers[kind]
    assert all(px4.kind.modes.keys() == set(Px4Mode) for px4 in PX4_DRIVERS.values())
    own = DRIVERS[kind].kind
    assert {modes[number] for number in own.hold} <= {FlightMode.HOLD, FlightMode.GUIDED}
    assert modes[own.auto] is FlightMode.AUTO
