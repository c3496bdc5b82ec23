"""What the guard lets through, command by command, and the sentence it refuses with."""

import math
from dataclasses import replace
from typing import Any

import pytest

from fleet.authority import Authority
from fleet.commands import Command, Lease, Route, RoutePoint, Verb
from fleet.guard import LIMITS, Fence, Guard, GuardedVehicle, VehicleLimits
from fleet.model import LinkState, VehicleKind, VehicleState
from fleet.wire.encode import Encoder
from tests.support.fleet_bench import APPROVED, COMMANDER, PILOT, STRANGER, at, flat_site, route, square
from world.ids import CommandId, Digest, OperatorId, VehicleId
from world.position import HeightRef
from world.time import Instant

NOW = Instant(mono_ns=100_000_000_000, utc_ns=0)
KINDS = {"U01": VehicleKind.COPTER, "G01": VehicleKind.ROVER, "W01": VehicleKind.SUB}


def guard(fence: Fence | None = None, limits: VehicleLimits | None = None) -> Guard:
    authority = Authority(commanders=[COMMANDER])
    for name in KINDS:
        authority.grant(Lease(vehicle=VehicleId(name), holder=PILOT, expires=NOW.plus_s(60.0)), NOW)
    vehicles = {
        VehicleId(name): GuardedVehicle(sysid=k, limits=limits or LIMITS[kind])
        for k, (name, kind) in enumerate(KINDS.items(), 1)
    }
    made = Guard(send=lambda vehicle, data: None, authority=authority, vehicles=vehicles, site=flat_site(fence))
    made.approve(APPROVED)
    return made


def state(vehicle: str = "U01", **changes: Any) -> VehicleState:
    standing = VehicleState(
        vehicle=VehicleId(vehicle), kind=KINDS.get(vehicle, VehicleKind.COPTER), heard=NOW, link=LinkState.FRESH,
        position=at(0, 0, 0), home=at(0, 0, 0), is_armed=False, is_landed=True, battery_pct=90.0,
    )
    return replace(standing, **changes)


def flying(up_m: float = 40.0, **changes: Any) -> VehicleState:
    return replace(state(position=at(0, 0, up_m), is_armed=True, is_landed=False), **changes)


def command(verb: Verb, vehicle: str = "U01", by: OperatorId = PILOT, **rest: Any) -> Command:
    fields = {"plan_digest": APPROVED} | rest
    return Command(
        id=CommandId("c"), vehicle=VehicleId(vehicle), verb=verb, issued_by=by, deadline=NOW.plus_s(60.0), **fields
    )


def verdict(asked: Command, at_state: VehicleState | None = None, **made: Any) -> str | None:
    return guard(**made).admit(asked, at_state or state(asked.vehicle), NOW)


def refused(words: str, asked: Command, at_state: VehicleState | None = None, **made: Any) -> None:
    """The refusal is one sentence that names verb and vehicle and says why."""
    sentence = verdict(asked, at_state, **made)
    assert sentence is not None
    assert words in sentence
    assert sentence.endswith(".")
    assert asked.vehicle in sentence


def refused_as(reason: str, asked: Command, at_state: VehicleState | None = None, **made: Any) -> None:
    """Refused for this reason and nothing else."""
    assert verdict(asked, at_state, **made) == f"{asked.verb} of {asked.vehicle} is refused: {reason}."


def up(*points: tuple[float, float, float], **changes: Any) -> Route:
    return replace(Route(points=tuple(RoutePoint(position=at(*p)) for p in points), take_off_height_m=30.0), **changes)


# authority, approval, link


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.HOLD, Verb.RETURN, Verb.LAND, Verb.KILL, Verb.DISARM])
@pytest.mark.parametrize("by", [PILOT, COMMANDER])
def test_ending_motion_is_never_refused_to_those_in_charge(verb: Verb, by: OperatorId) -> None:
    dark = state(heard=NOW.plus_s(-500.0), position=None, home=None, battery_pct=None)
    assert verdict(command(verb, by=by, plan_digest=None, held_s=3.0), dark) is None


@pytest.mark.parametrize("verb", list(Verb))
def test_a_stranger_may_do_nothing(verb: Verb) -> None:
    refused("stranger does not hold the lease of U01; pilot does", command(verb, by=STRANGER))


def test_an_expired_lease_is_no_lease() -> None:
    later = NOW.plus_s(61.0)
    sentence = guard().admit(command(Verb.STOP), state(heard=later), later)
    assert sentence == "pilot does not hold the lease of U01; nobody does."
    assert guard().admit(command(Verb.STOP, by=COMMANDER), state(heard=later), later) is None


def test_only_vehicles_of_its_table() -> None:
    assert verdict(command(Verb.STOP, "X01"), state("X01")) == "X01 is not in the guard's table."
    assert verdict(command(Verb.ARM), state("G01")) == "arm of U01 is refused: the state is that of G01."
    assert verdict(command(Verb.STOP), state("G01")) is None


@pytest.mark.parametrize("verb", [Verb.UPLOAD_ROUTE, Verb.ARM, Verb.TAKE_OFF, Verb.START_ROUTE])
@pytest.mark.parametrize("digest", [None, Digest("b" * 64)])
def test_what_needs_a_plan_needs_an_approved_one(verb: Verb, digest: Digest | None) -> None:
    refused("its plan is not approved", command(verb, plan_digest=digest, route=route(), height_m=30.0))


def test_a_route_is_started_only_once_it_is_verified_on_board() -> None:
    refused("no route of this plan is verified on board", command(Verb.START_ROUTE))
    same = guard()
    same.close(VehicleId("U01"), is_done=True)
    for is_done in (True, False, True):
        assert same.admit(command(Verb.UPLOAD_ROUTE, route=route()), state(), NOW) is None
        assert "no route of this plan" in str(same.admit(command(Verb.START_ROUTE), state(), NOW))
        same.close(VehicleId("U01"), is_done=is_done)
        assert (same.admit(command(Verb.START_ROUTE), state(), NOW) is None) == is_done
        same.close(VehicleId("U01"), is_done=True)
    other = Digest("b" * 64)
    same.approve(other)
    assert "no route of this plan" in str(same.admit(command(Verb.START_ROUTE, plan_digest=other), state(), NOW))


def test_a_silent_vehicle_is_not_set_in_motion() -> None:
    silent = state(heard=NOW.plus_s(-6.0))
    refused("nothing was heard of the vehicle for 6 s; 5 s is the limit", command(Verb.ARM), silent)
    assert verdict(command(Verb.ARM), state(heard=NOW.plus_s(-5.0))) is None


# single verbs


def test_arming_needs_a_battery_above_its_reserve() -> None:
    assert verdict(command(Verb.ARM)) is None
    refused("battery of the vehicle is unknown", command(Verb.ARM), state(battery_pct=None))
    refused("no more than its reserve", command(Verb.ARM), state(battery_pct=15.0))


def test_take_off() -> None:
    assert verdict(command(Verb.TAKE_OFF, height_m=30.0)) is None
    for height in (9.0, 121.0, math.nan):
        refused("10 to 120 m is allowed", command(Verb.TAKE_OFF, height_m=height))
    refused("needs a height and a known position", command(Verb.TAKE_OFF))
    refused("needs a height and a known position", command(Verb.TAKE_OFF, height_m=30.0), state(position=None))
    refused("battery", command(Verb.TAKE_OFF, height_m=30.0), state(battery_pct=None))
    refused("the take-off leaves the fence", command(Verb.TAKE_OFF, height_m=30.0), state(position=at(900, 0, 0)))
    refused("does not take off", command(Verb.TAKE_OFF, "G01", height_m=30.0))


def test_go_to() -> None:
    def go(*place: float, **rest: Any) -> Command:
        return command(Verb.GO_TO, position=at(*place), plan_digest=None, **rest)

    assert verdict(go(100, 100, 40), flying()) is None
    assert verdict(go(100, 100, 40), flying(home=None)) is None
    refused("needs a target", command(Verb.GO_TO), flying())
    refused("known position", go(0, 50, 40), flying(position=None))
    refused("the way leaves the fence", go(0, 900, 40), flying())
    refused("speed 16 m/s; at most 15", go(0, 90, 40, speed_m_s=16.0), flying())
    refused("closer than the stopping distance of 45 m", go(0, 770, 40, speed_m_s=15.0), flying())
    refused("not AMSL", command(Verb.GO_TO, position=replace(at(0, 0, 40), height_ref=HeightRef.AGL)), flying())
    refused("no finite position", command(Verb.GO_TO, position=replace(at(0, 0, 40), lat_deg=math.nan)), flying())
    refused("comes down to 5 m", go(0, 90, 5), flying())
    refused("goes up to 150 m", go(0, 90, 150), flying())
    refused("battery lasts 0 s", go(0, 90, 40), flying(battery_pct=10.0))
    refused("battery of the vehicle is unknown", go(0, 90, 40), flying(battery_pct=None))


def test_a_vehicle_below_the_least_height_may_climb_out_but_not_go_lower() -> None:
    low = flying(6.0)
    assert verdict(command(Verb.GO_TO, position=at(0, 100, 40)), low) is None
    refused("comes down to 3 m", command(Verb.GO_TO, position=at(0, 100, 3)), low)


def test_outside_the_known_terrain_nothing_is_known() -> None:
    wide = Fence(inclusion=square(3000.0))
    refused("leaves the known terrain", command(Verb.GO_TO, position=at(0, 1500, 40)), flying(), fence=wide)
    outside = flying(position=at(0, 1200, 40), battery_pct=100.0)
    refused("leaves the known terrain", command(Verb.GO_TO, position=at(0, 500, 40)), outside, fence=wide)


def test_speeds_return_heights_and_looks() -> None:
    assert verdict(command(Verb.SET_SPEED, speed_m_s=15.0)) is None
    for speed in (None, 0.0, -1.0, 15.1, math.nan):
        refused("at most 15 is allowed", command(Verb.SET_SPEED, speed_m_s=speed))
    assert verdict(command(Verb.SET_RETURN_HEIGHT, height_m=60.0)) is None
    for height in (None, 5.0, 301.0, math.nan):
        refused("10 to 300 m is allowed", command(Verb.SET_RETURN_HEIGHT, height_m=height))
    refused("has no return height", command(Verb.SET_RETURN_HEIGHT, "G01", height_m=60.0))
    refused("has no return height", command(Verb.SET_RETURN_HEIGHT, "W01", height_m=60.0))
    assert verdict(command(Verb.LOOK_AT, heading_deg=360.0)) is None
    assert verdict(command(Verb.LOOK_AT, position=at(0, 0, 0))) is None
    refused("needs a heading or a position", command(Verb.LOOK_AT))
    for heading in (-1.0, 361.0, math.nan):
        refused("0 to 360 is allowed", command(Verb.LOOK_AT, heading_deg=heading))
    assert verdict(command(Verb.CAPTURE)) is None


# routes


def test_a_good_route_passes_on_the_ground_and_in_the_air() -> None:
    assert verdict(command(Verb.UPLOAD_ROUTE, route=route())) is None
    assert verdict(command(Verb.UPLOAD_ROUTE, route=route(take_off_height_m=None)), flying()) is None
    assert verdict(command(Verb.UPLOAD_ROUTE, route=route(6, start_index=3)), flying()) is None
    assert verdict(command(Verb.UPLOAD_ROUTE, route=route(returns_at_end=False))) is None


def test_the_form_of_a_route() -> None:
    def of(asked: Route | None) -> Command:
        return command(Verb.UPLOAD_ROUTE, route=asked)

    refused("there is no route", of(None))
    refused("0 points; 1 to 650", of(Route(points=())))
    refused("651 points", of(route(651)))
    refused("starts at point 4 of 4", of(route(start_index=4)))
    refused("starts at point -1 of 4", of(route(start_index=-1)))
    point = route().points[0]
    refused("point 0 is refused: its height is home", of(up((0, 0, 40), points=(
        replace(point, position=replace(point.position, height_ref=HeightRef.HOME)),
    ))))
    for hold in (-1.0, math.inf, math.nan):
        refused("point 0 holds", of(up((0, 0, 40), points=(replace(point, hold_s=hold),))))
    refused("a take-off to 5 m", of(route(take_off_height_m=5.0)))
    refused("position of the vehicle is unknown", of(route()), state(position=None))


def test_every_leg_is_checked() -> None:
    def of(*points: tuple[float, float, float], **changes: Any) -> Command:
        return command(Verb.UPLOAD_ROUTE, route=up(*points, **changes))

    refused("the leg to point 1 leaves the fence", of((0, 100, 40), (0, 900, 40)))
    refused("the leg to point 0 comes down to 4 m", of((0, 100, 4)))
    refused("the leg to point 1 goes up to 121 m", of((0, 100, 40), (0, 200, 121)))
    fence = Fence(inclusion=square(800.0), exclusions=(square(30.0, (0.0, 200.0)),))
    refused("the leg to point 1 passes an exclusion zone", of((0, 100, 40), (0, 300, 40)), fence=fence)
    refused("the way home passes an exclusion zone", of((-100, 100, 40), (-100, 300, 40), (0, 300, 40)), fence=fence)
    assert verdict(of((-100, 100, 40), (-100, 300, 40), (0, 300, 40), returns_at_end=False), fence=fence) is None
    slow, fast = (RoutePoint(position=at(0, 780, 40), speed_m_s=v) for v in (8.0, 12.0))
    assert verdict(of((0, 0, 40), points=(slow,), returns_at_end=False)) is None
    refused("stopping distance of 29 m", of((0, 0, 40), points=(fast,), returns_at_end=False))
    refused("speed 0 m/s", of((0, 0, 40), points=(replace(slow, speed_m_s=0.0),)))
    before = replace(slow, position=at(0, 0, 40), speed_m_s=12.0)
    refused("stopping distance of 29 m", of((0, 0, 40), points=(before, replace(slow, speed_m_s=None))))


def test_a_start_in_the_middle_checks_the_way_from_here() -> None:
    fence = Fence(inclusion=square(800.0), exclusions=(square(30.0, (0.0, 200.0)),))
    asked = up((100, 0, 40), (100, 300, 40), (0, 400, 40), start_index=2)
    refused("the leg to point 2 passes an exclusion", command(Verb.UPLOAD_ROUTE, route=asked), flying(), fence=fence)


def test_energy_covers_the_way_the_holds_and_the_return() -> None:
    far = command(Verb.UPLOAD_ROUTE, route=up((0, 700, 40), (0, 0, 40), (0, 700, 40)))
    assert verdict(far, state(battery_pct=90.0)) is None
    refused("the way and the return take 40", far, state(battery_pct=40.0))
    refused("battery of the vehicle is unknown", far, state(battery_pct=None))
    point = RoutePoint(position=at(0, 50, 40), hold_s=1200.0)
    refused("the battery lasts 1125 s", command(Verb.UPLOAD_ROUTE, route=up((0, 0, 40), points=(point,))))
    climb = command(Verb.UPLOAD_ROUTE, route=up((0, 0, 110), take_off_height_m=10.0))
    tight = LIMITS[VehicleKind.COPTER]
    assert verdict(climb, limits=replace(tight, endurance_s=120.0)) is None
    refused("battery lasts 68 s", climb, limits=replace(tight, endurance_s=90.0))


def test_a_rover_has_no_heights_and_a_sub_only_depths() -> None:
    flat = Route(points=(RoutePoint(position=at(100, 0, 0)), RoutePoint(position=at(100, 100, -30))))
    assert verdict(command(Verb.UPLOAD_ROUTE, "G01", route=flat)) is None
    refused("does not take off", command(Verb.UPLOAD_ROUTE, "G01", route=replace(flat, take_off_height_m=20.0)))
    dive = Route(points=(RoutePoint(position=at(20, 0, -8)), RoutePoint(position=at(20, 50, -30))))
    assert verdict(command(Verb.UPLOAD_ROUTE, "W01", route=dive)) is None
    for height in (-61.0, 5.0):
        wrong = Route(points=(RoutePoint(position=at(20, 0, height)),))
        refused("above the surface; -60 to 0.5 m", command(Verb.UPLOAD_ROUTE, "W01", route=wrong))


def test_a_table_with_half_a_bound_has_none() -> None:
    odd = replace(LIMITS[VehicleKind.SUB], max_above_home_m=None)
    assert verdict(command(Verb.GO_TO, position=at(0, 50, 20)), flying(), limits=odd) is None
    odd = replace(LIMITS[VehicleKind.COPTER], max_agl_m=None)
    assert verdict(command(Verb.GO_TO, position=at(0, 50, 500)), flying(), limits=odd) is None


def test_judging_says_what_admitting_would_and_admits_nothing() -> None:
    judged = guard()
    assert judged.judge(command(Verb.GO_TO, position=None), flying(), NOW) is not None
    assert judged.judge(command(Verb.DISARM), state(), NOW) is None
    disarm = Encoder(sysid=255, compid=190).encode(
        "COMMAND_LONG", target_system=1, target_component=1, command=400, confirmation=0,
        param1=0.0, param2=0.0, param3=0.0, param4=0.0, param5=0.0, param6=0.0, param7=0.0,
    )
    held_back = judged.transmit(VehicleId("U01"), disarm, NOW)
    assert held_back is not None
    assert "held back" in held_back


def test_motors_start_only_when_every_reason_against_it_is_gone() -> None:
    waiting = state(prearm_reasons=("Need Position Estimate", "Compass not healthy"))
    for verb in (Verb.ARM, Verb.TAKE_OFF):
        refused("it is not ready: Need Position Estimate; Compass not healthy", command(verb, height_m=30.0), waiting)
    assert verdict(command(Verb.ARM), flying(prearm_reasons=("Need Position Estimate",))) is None
