"""What vehicles say, byte for byte, and what is known after it."""

from dataclasses import replace
from functools import reduce
from typing import Any

import pytest

from fleet.drivers.mavlink.fold import readiness
from fleet.drivers.mavlink.known import Known, Vitals
from fleet.drivers.mavlink.texts import TextLog
from fleet.drivers.registry import DRIVERS
from fleet.model import AutopilotKind, FlightMode, LinkState, VehicleKind, VehicleState
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from world.ids import VehicleId
from world.position import Geodetic, Ned
from world.time import Instant

NOW = Instant(mono_ns=5_000_000_000, utc_ns=1_800_000_000_000_000_000)

# Frames of system 1, component 1, as pymavlink 2.4.50 (ardupilotmega) packs them, one after the other.
GOLDEN = (
    "fd090000000101000000040000000203d104031583"  # HEARTBEAT
    "fd1c00000001012100000100000020582715208b4343e40f0c00349e00002c0170fe32007869c966"  # GLOBAL_POSITION_INT
    "fd1f00000001010100000000001000000000000000100000b856ffff000000000000000000000000477a50"  # SYS_STATUS
    "fd160000000101c10000cdcccc3dcdcccc3dcdcccc3dcdcccc3d000000003f037d55"  # EKF_STATUS_REPORT
    "fd1c0000000101f2000020582715208b4343b0710b000000000000000000000000000000803fc03a"  # HOME_POSITION
    "fd020000000101f5000000027ec3"  # EXTENDED_SYS_STATE
    "fd0100000001012a000003f8e2"  # MISSION_CURRENT
    "fd1f0000000101fd00000350726541726d3a204e65656420506f736974696f6e20457374696d61746575e4"  # STATUSTEXT
    "fd1e0000000101180000000000000000000020582715208b4343e40f0c005000640000000000030e2ac8"  # GPS_RAW_INT
)


def frame(name: str, **fields: Any) -> Message:
    message = Decoder().decode(parse_datagram(Encoder(1, 1).encode(name, **fields))[0])
    assert message is not None
    return message


def known(kind: VehicleKind = VehicleKind.COPTER) -> Known:
    return Known(state=VehicleState(vehicle=VehicleId("U01"), kind=kind, heard=NOW, link=LinkState.FRESH))


def after(*messages: Message, kind: VehicleKind = VehicleKind.COPTER, now: Instant = NOW) -> Known:
    table = DRIVERS[kind].fold
    return reduce(lambda so_far, message: table[message.SPEC.name](so_far, message, now), messages, known(kind))


def beat(mode: int, *, armed: bool = False, autopilot: int = 3) -> Message:
    return frame(
        "HEARTBEAT", custom_mode=mode, type=2, autopilot=autopilot, base_mode=209 if armed else 81, system_status=4
    )


def place(**changes: Any) -> Message:
    fields: dict[str, Any] = {
        "time_boot_ms": 1, "lat": 354_900_000, "lon": 1_128_500_000, "alt": 790_500, "relative_alt": 40_500,
        "vx": 300, "vy": -400, "vz": 50, "hdg": 27_000,
    }
    return frame("GLOBAL_POSITION_INT", **fields | changes)


def status(**changes: Any) -> Message:
    names = (
        "onboard_control_sensors_enabled", "load", "current_battery", "drop_rate_comm", "errors_comm",
        "errors_count1", "errors_count2", "errors_count3", "errors_count4",
    )
    fields: dict[str, Any] = dict.fromkeys(names, 0) | {
        "onboard_control_sensors_present": 1 << 28, "onboard_control_sensors_health": 1 << 28,
        "voltage_battery": 22_200, "battery_remaining": 71,
    }
    return frame("SYS_STATUS", **fields | changes)


def estimator(flags: int) -> Message:
    names = ("velocity_variance", "pos_horiz_variance", "pos_vert_variance", "compass_variance", "terrain_alt_variance")
    return frame("EKF_STATUS_REPORT", flags=flags, **dict.fromkeys(names, 0.0))


def text(words: str, severity: int = 3, number: int = 0, chunk: int = 0) -> Message:
    return frame("STATUSTEXT", severity=severity, text=words, id=number, chunk_seq=chunk)


def test_golden_bytes() -> None:
    decode = Decoder().decode
    messages = [message for each in parse_datagram(bytes.fromhex(GOLDEN)) if (message := decode(each)) is not None]
    assert len(messages) == 9
    heard = after(*messages)
    home = Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=750.0)
    assert replace(heard, texts=TextLog()) == Known(
        state=replace(
            known().state,
            position=replace(home, height_m=790.5),
            height_above_home_m=40.5,
            velocity=Ned(north=3.0, east=-4.0, down=0.5),
            heading_deg=270.0,
            is_armed=True,
            mode=FlightMode.GUIDED,
            raw_mode=4,
            is_landed=False,
            battery_pct=71.0,
            battery_v=22.2,
            home=home,
        ),
        vitals=Vitals(
            heartbeat=NOW, autopilot=AutopilotKind.ARDUPILOT, ekf_flags=831, is_prearm_good=True, gps_fix=3,
            satellites=14, mission_seq=3,
        ),
    )
    assert heard.texts.reasons(NOW) == ("Need Position Estimate",)
    assert readiness(heard, NOW).is_ready


@pytest.mark.parametrize(
    ("kind", "modes"),
    [
        (VehicleKind.COPTER, {0: "manual", 3: "auto", 4: "guided", 6: "return", 9: "land", 17: "hold", 99: "unknown"}),
        (VehicleKind.ROVER, {0: "manual", 4: "hold", 10: "auto", 11: "return", 15: "guided", 99: "unknown"}),
        (VehicleKind.SUB, {2: "hold", 3: "auto", 4: "guided", 9: "surface", 16: "hold", 19: "manual", 99: "unknown"}),
    ],
)
def test_modes_by_kind(kind: VehicleKind, modes: dict[int, str]) -> None:
    for number, name in modes.items():
        state = after(beat(number, armed=True), kind=kind).state
        assert (state.mode, state.raw_mode, state.is_armed) == (FlightMode(name), number, True)
    assert after(beat(3), kind=kind).state.is_armed is False


def test_a_component_without_autopilot_says_nothing_about_the_vehicle() -> None:
    assert after(beat(0, armed=True, autopilot=8)) == known()


def test_position() -> None:
    state = after(place()).state
    assert state.position is not None
    assert (state.position.lat_deg, state.position.lon_deg, state.position.height_m) == (35.49, 112.85, 790.5)
    assert state.velocity is not None
    assert (state.velocity.north, state.velocity.east, state.velocity.down) == (3.0, -4.0, 0.5)
    assert (state.height_above_home_m, state.heading_deg) == (40.5, 270.0)


def test_what_is_unknown_stays_none() -> None:
    state = after(place(lat=0, lon=0), status(voltage_battery=65535, battery_remaining=-1)).state
    assert state.position is None
    assert state.battery_pct is None
    assert state.battery_v is None
    assert after(place(hdg=65535)).state.heading_deg is None
    assert after(place(), place(hdg=65535)).state.heading_deg == 270.0
    assert after(frame("EXTENDED_SYS_STATE", vtol_state=0, landed_state=0)).state.is_landed is None
    home = {"altitude": 0, "x": 0.0, "y": 0.0, "z": 0.0, "q": (1.0, 0.0, 0.0, 0.0)}
    home |= dict.fromkeys(("approach_x", "approach_y", "approach_z"), 0.0)
    assert after(frame("HOME_POSITION", latitude=0, longitude=0, **home)).state.home is None


def test_attitude_both_ways_is_one() -> None:
    by_angles = after(frame(
        "ATTITUDE", time_boot_ms=1, roll=0.1, pitch=-0.2, yaw=2.0, rollspeed=0, pitchspeed=0, yawspeed=0
    )).state.attitude
    assert by_angles is not None
    by_quaternion = after(frame(
        "ATTITUDE_QUATERNION", time_boot_ms=1, q1=by_angles.w, q2=by_angles.x, q3=by_angles.y, q4=by_angles.z,
        rollspeed=0, pitchspeed=0, yawspeed=0,
    )).state.attitude
    assert by_quaternion is not None
    assert by_quaternion.euler_rad() == pytest.approx((0.1, -0.2, 2.0), abs=1e-6)


def test_no_number_that_is_none_gets_in() -> None:
    nan = float("nan")
    turned = {"time_boot_ms": 1, "rollspeed": 0, "pitchspeed": 0, "yawspeed": 0}
    assert after(frame("ATTITUDE", roll=nan, pitch=0, yaw=0, **turned)).state.attitude is None
    assert after(frame("ATTITUDE_QUATERNION", q1=1, q2=nan, q3=0, q4=0, **turned)).state.attitude is None


def test_ready_means_absolute_position_and_good_prearm() -> None:
    assert readiness(after(estimator(0x10), status()), NOW).is_ready
    for messages in (
        (estimator(0x10),), (status(),), (estimator(0x90), status()), (estimator(0x08), status()),
        (estimator(0x10), status(onboard_control_sensors_health=0)),
        (estimator(0x10), status(onboard_control_sensors_present=0)),
    ):
        state = readiness(after(*messages), NOW)
        assert not state.is_ready
        assert state.prearm_reasons


def test_reasons_are_the_vehicles_own_and_expire() -> None:
    again = text("PreArm: Need Alt Estimate")
    heard = after(again, text("Arm: Compass"), again, text("EKF"))
    assert readiness(heard, NOW.plus_s(30.0)).prearm_reasons == ("Need Alt Estimate", "Compass")
    assert readiness(heard, NOW.plus_s(36.0)).prearm_reasons == (
        "Estimator status not heard", "System status not heard"
    )


def test_long_texts_are_put_together_in_any_order() -> None:
    words = "PreArm: " + "高度估计 not yet good enough for a flight, " * 2
    raw = words.encode()
    pieces = [raw[k : k + 50] for k in range(0, len(raw), 50)]
    chunks = [frame("STATUSTEXT", severity=3, text=piece, id=7, chunk_seq=k) for k, piece in enumerate(pieces)]
    assert after(*chunks).texts.texts[-1].text == words
    assert after(*reversed(chunks)).texts.texts[-1].text == words
    assert after(*chunks[:-1]).texts.texts == ()
    other = text("short", number=8)
    assert [each.text for each in after(chunks[0], other, *chunks[1:]).texts.texts] == ["short", words]


def test_a_crash_is_remembered_until_the_next_arming() -> None:
    crashed = (beat(3, armed=True), text("Crash: Disarming: AngErr=50>30, Accel=1.0<3.0"), beat(3))
    assert after(*crashed).vitals.is_crashed
    assert not after(*crashed, beat(4, armed=True)).vitals.is_crashed


def test_landed() -> None:
    def landed(number: int) -> bool | None:
        return after(frame("EXTENDED_SYS_STATE", vtol_state=0, landed_state=number)).state.is_landed

    assert [landed(number) for number in (1, 2, 3, 4)] == [True, False, False, False]
    for kind in (VehicleKind.ROVER, VehicleKind.SUB):
        assert "EXTENDED_SYS_STATE" not in DRIVERS[kind].fold
        assert after(beat(4), kind=kind).state.is_landed is True
        assert after(beat(4, armed=True), kind=kind).state.is_landed is False
