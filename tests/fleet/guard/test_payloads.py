"""Orders to payloads: the guard's own limits, approvals for what cannot be undone, frames word for word."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from fleet.commands import Command, PayloadOrder, Verb
from fleet.guard.payloads import PAYLOADS, SHARE, STANDS_M_S, Carried, makes_safe
from fleet.model import DOMAIN_OF, Domain, VehicleKind, VehicleState
from fleet.wire.encode import Encoder
from fleet.wire.enums import Command as MavCommand
from fleet.wire.readings import GasReading, Payload, PayloadAction, PayloadCommand
from fleet.wire.tunnel import PAYLOAD_TYPE, SETPOINTS, tunnel_fields
from tests.fleet.guard.test_commands import NOW, command, flying, guard, state
from tests.support.fleet_bench import APPROVED, COMMANDER, PILOT, STRANGER
from world.ids import Digest, VehicleId
from world.position import Ned
from world.time import Instant

STILL = Ned(north=0.0, east=0.0, down=0.0)
OTHER = Digest("b" * 64)
VEHICLE_OF = {Domain.AIR: "U01", Domain.GROUND: "G01", Domain.UNDERWATER: "W01"}
SYSID_OF = {"U01": 1, "G01": 2, "W01": 3}
WATER: dict[str, Any] = {"flow_l_s": 30.0}


def order(payload: str, action: str, vehicle: str = "G01", instance: int = 0, **rest: Any) -> Command:
    setpoints = {name: value for name, value in rest.items() if isinstance(value, float)}
    others = {name: value for name, value in rest.items() if name not in setpoints}
    asked = PayloadOrder(payload=payload, action=action, instance=instance, setpoints=setpoints)
    return command(Verb.OPERATE, vehicle, order=asked, **others)


def still(vehicle: str = "G01") -> VehicleState:
    return state(vehicle, velocity=STILL)


def verdict(asked: Command, at_state: VehicleState | None = None) -> str | None:
    return guard().admit(asked, at_state or still(asked.vehicle), NOW)


def refused(words: str, asked: Command, at_state: VehicleState | None = None) -> None:
    sentence = verdict(asked, at_state)
    assert sentence is not None
    assert words in sentence
    assert sentence.startswith(f"operate of {asked.vehicle} is refused: ")


def middle(payload: str, action: str) -> dict[str, Any]:
    return {name: (b.low + b.high) / 2.0 for name, b in PAYLOADS[payload].actions[action].bounds.items()}


def all_actions() -> Iterator[tuple[str, str, str]]:
    for name, carried in PAYLOADS.items():
        for action in carried.actions:
            for domain in sorted(carried.domains & set(VEHICLE_OF)):
                yield name, action, VEHICLE_OF[domain]


@pytest.mark.parametrize(("payload", "action", "vehicle"), list(all_actions()))
def test_every_action_is_admitted_within_its_limits_and_approved(payload: str, action: str, vehicle: str) -> None:
    assert verdict(order(payload, action, vehicle, **middle(payload, action))) is None


@pytest.mark.parametrize(("payload", "action", "vehicle"), list(all_actions()))
def test_every_bound_is_kept_at_both_ends_and_for_nonsense(payload: str, action: str, vehicle: str) -> None:
    for name, bound in PAYLOADS[payload].actions[action].bounds.items():
        for value in (bound.low, bound.high):
            assert verdict(order(payload, action, vehicle, **middle(payload, action) | {name: value})) is None
        for value in (bound.low - 0.001, bound.high + 0.001, math.nan, math.inf, -math.inf):
            refused(f"with {name}", order(payload, action, vehicle, **middle(payload, action) | {name: value}))


def test_what_is_not_in_the_table_is_refused() -> None:
    refused("needs a payload of the guard's table", command(Verb.OPERATE, "G01"))
    refused("needs a payload of the guard's table", order("flamethrower", "start"))
    refused("water_monitor may not be told to reset_latch", order("water_monitor", "reset_latch"))
    refused("gripper may not be told to start", order("gripper", "start"))
    refused("water_monitor start has no force_n", order("water_monitor", "start", **WATER, force_n=1.0))
    refused("water_monitor start needs flow_l_s; 5 to 50 is allowed", order("water_monitor", "start"))


@pytest.mark.parametrize("payload", ["water_monitor", "breaching_tool", "geophone", "pump"])
def test_what_belongs_on_the_ground_is_not_used_in_the_air(payload: str) -> None:
    refused(f"{payload} is not for air vehicles", order(payload, "start", "U01", **middle(payload, "start")))


@pytest.mark.parametrize("payload", ["water_monitor", "breaching_tool"])
@pytest.mark.parametrize("action", ["start", "adjust"])
def test_water_and_force_need_an_approved_plan_and_a_standing_vehicle(payload: str, action: str) -> None:
    asked = order(payload, action, **middle(payload, action))
    refused("its plan is not approved", replace(asked, plan_digest=None))
    refused("its plan is not approved", replace(asked, plan_digest=OTHER))
    refused("is known to stand still", asked, state("G01"))
    for north in (STANDS_M_S, -STANDS_M_S):
        assert verdict(asked, state("G01", velocity=replace(STILL, north=north))) is None
    for moving in (Ned(north=0.15, east=0.0, down=0.15), replace(STILL, east=-0.21), replace(STILL, down=0.21)):
        refused("is known to stand still", asked, state("G01", velocity=moving))


def test_a_load_is_dropped_in_the_air_only_with_an_approved_plan() -> None:
    drop = order("gripper", "release", "U01", plan_digest=None)
    refused("its plan is not approved", drop, flying())
    refused("its plan is not approved", drop, flying(is_landed=None))
    assert verdict(replace(drop, plan_digest=APPROVED), flying()) is None
    assert verdict(drop, state("U01")) is None, "on the ground nothing falls"
    assert verdict(replace(drop, vehicle=VehicleId("G01")), state("G01", is_landed=None)) is None
    assert verdict(order("gripper", "grab", "U01", plan_digest=None), flying()) is None
    refused("its plan is not approved", order("winch", "abandon", "U01", plan_digest=None))
    assert verdict(order("winch", "retract", "U01", plan_digest=None)) is None


@pytest.mark.parametrize("payload", list(PAYLOADS))
@pytest.mark.parametrize("action", ["stop", "safe"])
@pytest.mark.parametrize("by", [PILOT, COMMANDER])
def test_to_stop_or_make_safe_is_never_refused_to_those_in_charge(payload: str, action: str, by: Any) -> None:
    dark = state("G01", heard=NOW.plus_s(-500.0), position=None, home=None, battery_pct=None, velocity=None)
    asked = order(payload, action, by=by, plan_digest=None)
    assert makes_safe(asked)
    assert verdict(asked, dark) is None
    assert verdict(replace(asked, issued_by=STRANGER), dark) is not None


def test_only_orders_to_payloads_make_them_safe() -> None:
    asked = order("pump", "stop")
    assert not makes_safe(replace(asked, verb=Verb.GO_TO))
    assert not makes_safe(replace(asked, order=None))
    assert not makes_safe(order("pump", "start"))
    lost = state("G01", heard=NOW.plus_s(-6.0), velocity=STILL)
    refused("nothing was heard of the vehicle for 6 s", order("pump", "start", flow_m3_h=50.0), lost)


class Line:
    """The guard with an order admitted, and frames put to it."""

    def __init__(self, asked: Command | None, at_state: VehicleState | None = None) -> None:
        self.guard = guard()
        self.vehicle = "G01" if asked is None else asked.vehicle
        self.asked = asked
        if asked is not None:
            assert self.guard.admit(asked, at_state or still(asked.vehicle), NOW) is None

    def put(self, name: str, **fields: Any) -> str | None:
        frame = Encoder(255, 190).encode(name, **{"target_system": SYSID_OF[self.vehicle]} | fields)
        return self.guard.transmit(VehicleId(self.vehicle), frame, NOW)

    def tunnel(self, **changes: Any) -> str | None:
        asked = self.asked
        deadline = NOW.plus_s(60.0).utc_ns // 1000
        plain = PayloadCommand(
            payload=Payload.WATER_MONITOR, action=PayloadAction.START, command_id=5, time_utc_us=9,
            deadline_utc_us=deadline, setpoints=(30.0, 0.0, 30.0, 0.0),
            approval=bytes.fromhex(APPROVED[:16]) if asked is None or asked.plan_digest else bytes(8),
        )
        fields = tunnel_fields(replace(plain, **changes), target_system=SYSID_OF[self.vehicle], target_component=242)
        return self.put("TUNNEL", **fields)

    def long(self, number: int, *params: float) -> str | None:
        values = {f"param{k}": v for k, v in enumerate((*params, *(0.0,) * (7 - len(params))), 1)}
        return self.put("COMMAND_LONG", target_component=1, command=number, confirmation=0, **values)


def held(words: str, sentence: str | None) -> None:
    assert sentence is not None
    assert words in sentence


def test_a_tunnel_order_leaves_word_for_word() -> None:
    line = Line(order("water_monitor", "start", **WATER))
    assert line.tunnel() is None
    assert line.tunnel(command_id=6, time_utc_us=10) is None
    different: list[dict[str, Any]] = [
        {"payload": Payload.BREACHING_TOOL}, {"action": PayloadAction.ADJUST}, {"action": PayloadAction.RESET_LATCH},
        {"action": PayloadAction.STOP}, {"instance": 1}, {"deadline_utc_us": 60_000_001}, {"deadline_utc_us": None},
        {"approval": bytes(8)}, {"approval": bytes.fromhex(OTHER[:16])},
        {"setpoints": (31.0, 0.0, 30.0, 0.0)}, {"setpoints": (30.0, 1.0, 30.0, 0.0)},
        {"setpoints": (30.0, 0.0, 31.0, 0.0)}, {"setpoints": (30.0, 0.0, 30.0, 1.0)},
        {"setpoints": (30.0, 0.0, 30.0, None)}, {"setpoints": (None, 0.0, 30.0, 0.0)},
        {"setpoints": (30.0 * (1 + 3 * SHARE), 0.0, 30.0, 0.0)},
    ]
    for changes in different:
        held("differs from the one that was checked", line.tunnel(**changes))
    assert line.tunnel(setpoints=(30.0 * (1 + SHARE / 2), 0.0, 30.0, 0.0)) is None
    assert line.tunnel(setpoints=(30.0, SHARE / 2, 30.0, -SHARE / 2)) is None, "nor does so much beside 0"
    held("differs from the one that was checked", line.tunnel(setpoints=(30.0, 2 * SHARE, 30.0, 0.0)))


@pytest.mark.parametrize("action", list(PayloadAction))
def test_a_tunnel_order_leaves_under_the_number_of_its_action_alone(action: PayloadAction) -> None:
    line = Line(order("water_monitor", "adjust", **WATER))
    if action is PayloadAction.ADJUST:
        assert line.tunnel(action=action) is None
    else:
        held("differs from the one that was checked", line.tunnel(action=action))


def test_a_tunnel_order_counts_whole_microseconds_and_the_first_digits_of_a_plan() -> None:
    short, due = Digest("abcd"), Instant(mono_ns=NOW.plus_s(60.0).mono_ns, utc_ns=1_234_567_891_234)
    line = Line(replace(order("water_monitor", "stop", plan_digest=short), deadline=due))
    digits = bytes.fromhex(short)
    stop: dict[str, Any] = {
        "action": PayloadAction.STOP, "setpoints": (None,) * 4, "approval": digits + bytes(6)
    }
    assert line.tunnel(**stop, deadline_utc_us=1_234_567_891) is None
    held("differs", line.tunnel(**stop, deadline_utc_us=1_234_567_892))
    held("differs", line.tunnel(**stop | {"approval": bytes(6) + digits}, deadline_utc_us=1_234_567_891))


def test_without_its_order_nothing_is_told_to_a_payload() -> None:
    whole = "A frame to G01 was held back: an order to a payload needs the same operate to be under way."
    assert Line(None).tunnel() == whole
    held("needs the same operate", Line(command(Verb.STOP, "G01")).tunnel())
    held("needs the same operate", Line(order("gripper", "grab")).tunnel())
    held("needs the same operate", Line(order("flamethrower", "stop")).tunnel())
    differs = "A frame to G01 was held back: an order to a payload differs from the one that was checked."
    assert Line(order("water_monitor", "safe")).tunnel() == differs
    held("needs an operate", Line(None).long(MavCommand.DO_GRIPPER, 1.0, 1.0))
    held("needs an operate", Line(command(Verb.STOP, "G01")).long(MavCommand.DO_GRIPPER, 1.0, 1.0))
    held("needs an operate", Line(order("pump", "stop")).long(MavCommand.DO_GRIPPER, 1.0, 1.0))
    held("needs an operate", Line(order("flamethrower", "safe")).long(MavCommand.DO_GRIPPER, 1.0, 1.0))


def test_tunnel_carries_orders_only() -> None:
    line = Line(order("water_monitor", "start", **WATER))
    held("may only carry an order", line.put("TUNNEL", **tunnel_fields(GasReading(ch4_pct=0.0), target_system=2)))
    nonsense = {"target_component": 242, "payload_type": PAYLOAD_TYPE, "payload_length": 3, "payload": b"abc"}
    said = line.put("TUNNEL", **nonsense)
    assert said == "A frame to G01 was held back: TUNNEL may only carry an order to a payload."
    held("may only carry an order", line.put("TUNNEL", **nonsense | {"payload_type": 200}))


def test_a_stop_without_a_plan_goes_without_an_approval() -> None:
    line = Line(order("water_monitor", "stop", plan_digest=None))
    nothing = (None, None, None, None)
    assert line.tunnel(action=PayloadAction.STOP, setpoints=nothing) is None
    held("differs", line.tunnel(action=PayloadAction.STOP, setpoints=(1.0, None, None, None)))
    held("differs", line.tunnel(action=PayloadAction.STOP, setpoints=nothing, approval=b"\1" * 8))
    held("differs", line.tunnel(action=PayloadAction.SAFE, setpoints=nothing))


LINES: list[tuple[str, str, dict[str, Any], list[tuple[int, tuple[float, ...]]]]] = [
    ("gripper", "grab", {}, [(211, (2.0, 1.0))]),
    ("gripper", "release", {}, [(211, (2.0, 0.0))]),
    ("gripper", "stop", {}, [(211, (2.0, 2.0))]),
    ("gripper", "safe", {}, [(211, (2.0, 2.0))]),
    ("winch", "retract", {}, [(42600, (2.0, 6.0))]),
    ("winch", "abandon", {}, [(42600, (2.0, 8.0))]),
    ("winch", "stop", {}, [(42600, (2.0, 2.0))]),
    ("winch", "safe", {}, [(42600, (2.0, 2.0))]),
    ("light", "start", {}, [(406, (1.0, 100.0, 0.0, 0.0)), (405, (1.0,))]),
    ("light", "start", {"strobe_hz": 2.0, "intensity_pct": 40.0}, [(406, (1.0, 40.0, 0.5, 50.0)), (405, (1.0,))]),
    ("light", "start", {"strobe_hz": 0.5}, [(406, (1.0, 100.0, 2.0, 50.0)), (405, (1.0,))]),
    ("light", "stop", {}, [(405, (0.0,))]),
    ("light", "safe", {}, [(405, (0.0,))]),
    ("relay_radio", "start", {}, [(181, (1.0, 1.0))]),
    ("relay_radio", "stop", {}, [(181, (1.0, 0.0))]),
    ("relay_radio", "safe", {}, [(181, (1.0, 0.0))]),
    ("camera", "start_images", {"interval_s": 2.0, "images": 9.0}, [(2000, (0.0, 2.0, 9.0))]),
    ("camera", "stop_images", {}, [(2001, ())]),
    ("camera", "start_video", {}, [(2500, ())]),
    ("camera", "stop_video", {}, [(2501, ())]),
    ("camera", "photo_mode", {}, [(530, (0.0, 0.0))]),
    ("camera", "video_mode", {}, [(530, (0.0, 1.0))]),
    ("camera", "zoom", {"zoom_pct": 40.0}, [(531, (2.0, 40.0))]),
    ("camera", "describe", {}, []),
    ("camera", "streams", {}, []),
    ("camera", "stop", {}, [(2001, ()), (2501, ())]),
    ("camera", "safe", {}, [(2001, ()), (2501, ())]),
    ("gimbal", "point", {"pitch_deg": -30.0}, [
        (1001, (255.0, 190.0, -1.0, -1.0)), (1000, (-30.0, 0.0, 0.0, 0.0, 44.0)),
    ]),
    ("gimbal", "point", {"pitch_deg": -30.0, "yaw_deg": 20.0}, [(1000, (-30.0, 20.0, 0.0, 0.0, 44.0))]),
    ("gimbal", "level", {}, [(1001, (255.0, 190.0, -1.0, -1.0)), (1000, (0.0, 0.0, 0.0, 0.0, 44.0))]),
    ("gimbal", "stop", {}, [(197, ())]),
    ("gimbal", "safe", {}, [(197, ())]),
]


@pytest.mark.parametrize(("payload", "action", "setpoints", "lines"), LINES)
def test_standard_commands_leave_word_for_word(
    payload: str, action: str, setpoints: dict[str, Any], lines: list[tuple[int, tuple[float, ...]]]
) -> None:
    line = Line(order(payload, action, instance=1, **setpoints))
    for number, params in lines:
        assert line.long(number, *params) is None
        for k in range(7):
            changed = [*params, *[0.0] * (7 - len(params))]
            changed[k] += 1.0
            held("differs from the order that was checked", line.long(number, *changed))
            changed[k] = math.nan
            held("differs from the order that was checked", line.long(number, *changed))
    assert PAYLOADS[payload].actions[action].number is None
    others = {181, 195, 197, 211, 405, 406, 530, 531, 1000, 1001, 2000, 2001, 2500, 2501, 42600}
    for number in others - {number for number, _ in lines}:
        held("differs from the order that was checked", line.long(number, 2.0, 1.0))


def test_the_number_of_an_image_and_the_height_looked_at_are_free() -> None:
    image = Line(order("camera", "image"))
    for sequence in (1.0, 77.0):
        assert image.long(2000, 0.0, 0.0, 1.0, sequence) is None
    held("differs", image.long(2000, 0.0, 0.0, 2.0, 1.0))
    watch = Line(order("gimbal", "watch", lat_deg=35.5, lon_deg=112.5, height_m=800.0))
    for height_m in (0.0, 50.0):
        assert watch.long(195, 0.0, 0.0, 0.0, 0.0, 35.5, 112.5, height_m) is None
    held("differs", watch.long(195, 0.0, 0.0, 0.0, 0.0, 35.6, 112.5, 50.0))
    held("differs", watch.long(195, 0.0, 0.0, 0.0, 0.0, 35.5, 112.6, 50.0))
    held("needs capture to be under way", Line(None).long(2000, 0.0, 0.0, 1.0, 1.0))


def test_every_payload_of_the_table_can_be_stopped_and_made_safe() -> None:
    for carried in PAYLOADS.values():
        assert {"stop", "safe"} <= set(carried.actions)
        for action in ("stop", "safe"):
            allowed = carried.actions[action]
            conditions = (allowed.needs_approval, allowed.needs_approval_aloft, allowed.must_stand)
            assert not any(conditions)
            assert not allowed.bounds


def test_bounds_stand_in_the_order_of_the_wire() -> None:
    def in_order(carried: Carried) -> bool:
        names = () if carried.payload is None else SETPOINTS[carried.payload]
        rows = [row for row in carried.actions.values() if row.number is not None and row.bounds]
        return all(tuple(row.bounds) == names[: len(row.bounds)] for row in rows)

    assert all(in_order(carried) for carried in PAYLOADS.values())


def test_the_numbers_a_second_time() -> None:
    """Whoever changes a bound must say so in two places."""
    bounds = {
        (name, setpoint): (bound.low, bound.high, bound.default)
        for name, carried in PAYLOADS.items()
        for allowed in carried.actions.values()
        for setpoint, bound in allowed.bounds.items()
    }
    assert bounds == {
        ("water_monitor", "flow_l_s"): (5.0, 50.0, None), ("water_monitor", "azimuth_deg"): (-60.0, 60.0, 0.0),
        ("water_monitor", "elevation_deg"): (0.0, 60.0, 30.0), ("water_monitor", "spread_deg"): (0.0, 90.0, 0.0),
        ("breaching_tool", "force_n"): (500.0, 60_000.0, None), ("breaching_tool", "depth_m"): (0.01, 0.5, None),
        ("breaching_tool", "feed_m_s"): (0.001, 0.02, 0.005), ("winch", "length_m"): (0.0, 25.0, None),
        ("winch", "rate_m_s"): (0.05, 0.8, 0.5), ("pump", "flow_m3_h"): (20.0, 400.0, None),
        ("gas_sensor", "rate_hz"): (0.1, 2.0, 1.0), ("uwb", "rate_hz"): (0.1, 5.0, 2.0),
        ("geophone", "rate_hz"): (0.1, 2.0, 1.0), ("speaker", "volume_pct"): (1.0, 100.0, 100.0),
        ("speaker", "recording_id"): (1.0, 99.0, None), ("light", "intensity_pct"): (1.0, 100.0, 100.0),
        ("light", "strobe_hz"): (0.0, 3.0, 0.0), ("camera", "interval_s"): (0.5, 3600.0, None),
        ("camera", "images"): (0.0, 10_000.0, 0.0), ("camera", "zoom_pct"): (0.0, 100.0, None),
        ("gimbal", "pitch_deg"): (-90.0, 30.0, None), ("gimbal", "yaw_deg"): (-170.0, 170.0, 0.0),
        ("gimbal", "lat_deg"): (-90.0, 90.0, None), ("gimbal", "lon_deg"): (-180.0, 180.0, None),
        ("gimbal", "height_m"): (-500.0, 9000.0, None),
    }
    irreversible = {
        (name, action) for name, carried in PAYLOADS.items() for action, row in carried.actions.items()
        if row.needs_approval or row.needs_approval_aloft
    }
    assert irreversible == {
        ("water_monitor", "start"), ("water_monitor", "adjust"), ("breaching_tool", "start"),
        ("breaching_tool", "adjust"), ("gripper", "release"), ("winch", "abandon"),
    }
    assert (SHARE, STANDS_M_S) == (1e-5, 0.2)
    assert set(DOMAIN_OF) == set(VehicleKind)
