"""PX4's side of the simulator over real TCP: golden bytes, units, lockstep, every body flown by PX4's geometry."""

import math
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from fleet.wire.decode import Decoder
from fleet.wire.frame import FrameSplitter
from sim.adapters.bodies.flock import Crew, Flock
from sim.adapters.bodies.frames import Autopilot, Frame
from sim.adapters.px4.sensors import Site, pressure_hpa
from sim.adapters.px4.server import NUDGE_S, HilServer
from sim.engine.weather import Weather
from sim.serve import PortTaken
from tests.support import brains
from tests.support.brains import State, Wish
from tests.support.px4_peer import Px4, copter_mix
from world.position import Enu, Geodetic, LocalFrame

GOLDEN = bytes.fromhex(
    "fd" "51" "0000" "00" "0101" "5d0000" "a00f000000000000" "0100000000000000" "0000003f" "0000803e" + "00" * 56 + "81"
)
"""HIL_ACTUATOR_CONTROLS without its checksum: 4000 us, flags 1 (lockstep), 0.5, 0.25, mode 129 (armed)."""
CALM = Weather()
IRIS = (
    (0.1515, 0.245, 0.05), (-0.1515, -0.1875, 0.05), (0.1515, -0.245, -0.05), (-0.1515, 0.1875, -0.05),
)
"""10016_none_iris."""
HEXA = (
    (0.0, 0.5, -0.05), (0.0, -0.5, 0.05), (0.43, -0.25, -0.05), (-0.43, 0.25, 0.05), (0.43, 0.25, 0.05),
    (-0.43, -0.25, -0.05),
)
"""6001_hexa_x."""


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


@contextmanager
def serving(
    frame: Frame = Frame.QUAD_X, *, count: int = 1, weather: Weather = CALM,
    clock: Callable[[], float] = time.monotonic, speed: float | None = None,
) -> Iterator[HilServer]:
    place = LocalFrame(Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=900.0))
    site = Site(
        frame=place, homes=tuple(Enu(east_m=0.0, north_m=0.0, up_m=0.0) for _ in range(count)),
        start_utc_ns=1_764_000_000_000_000_000,
    )
    flock = Flock(Crew(frame=frame, autopilot=Autopilot.PX4, count=count, seed=9, weather=weather))
    with HilServer(flock, site, clock, speed=speed, first_port=0) as server:
        yield server


@contextmanager
def flying(frame: Frame, weather: Weather = CALM) -> Iterator[Px4]:
    with serving(frame, weather=weather) as server:
        peer = Px4(server)
        peer.greet()
        yield peer
        peer.close()


def test_golden_controls() -> None:
    frame, = FrameSplitter().feed(GOLDEN + bytes.fromhex(checksum(GOLDEN)))
    message = Decoder(["HIL_ACTUATOR_CONTROLS"]).decode(frame)
    assert message is not None
    assert (message.time_usec, message.flags, message.mode) == (4000, 1, 129)
    assert message.controls[:3] == (0.5, 0.25, 0.0)


def checksum(frame: bytes) -> str:
    """X.25 as the MAVLink guide spells it out, over all but the magic, with 47 as the message's extra byte."""
    crc = 0xFFFF
    for byte in frame[1:] + b"\x2f":
        low = byte ^ (crc & 0xFF)
        low = (low ^ (low << 4)) & 0xFF
        crc = (crc >> 8) ^ (low << 8) ^ (low << 3) ^ (low >> 4)
        crc &= 0xFFFF
    return crc.to_bytes(2, "little").hex()


def test_sensors_come_in_px4s_units_and_groups() -> None:
    with flying(Frame.QUAD_X) as peer:
        peer.fly(0.2, lambda state: [0.0] * 4)
        sensors = [message for message in peer.heard if message.get_type() == "HIL_SENSOR"]
        position = peer.latest["HIL_GPS"]
        truth = peer.latest["HIL_STATE_QUATERNION"]
    assert [message.time_usec for message in sensors[:3]] == [4000, 8000, 12000]
    assert {message.fields_updated for message in sensors} == {0x3F, 0x1BFF}
    assert [message.fields_updated for message in sensors[:10]].count(0x1BFF) == 2
    slow = sensors[4]
    assert slow.zacc == pytest.approx(-9.80665, abs=0.06)
    assert slow.abs_pressure == pytest.approx(pressure_hpa(900.0), abs=0.1)
    assert slow.pressure_alt == pytest.approx(900.0, abs=1.0)
    assert math.hypot(slow.xmag, slow.ymag, slow.zmag) == pytest.approx(0.529, abs=0.02)
    assert math.degrees(math.atan2(slow.ymag, slow.xmag)) == pytest.approx(-5.45, abs=2.0)
    assert {message.id for message in sensors} == {0}
    assert position.lat * 1e-7 == pytest.approx(35.49, abs=5e-5)
    assert position.alt / 1000 == pytest.approx(900.0, abs=3.0)
    assert position.time_usec == 1_764_000_000_200_000
    assert (position.fix_type, position.eph, position.epv, position.satellites_visible) == (3, 80, 40, 12)
    assert truth.zacc == pytest.approx(-1000, abs=8)
    assert truth.alt == 900_000


def test_standard_atmosphere() -> None:
    """ICAO Doc 7488: 898.75 hPa at 1000 m, 540.20 at 5000 m."""
    assert pressure_hpa(1000.0) == pytest.approx(898.75, abs=0.1)
    assert pressure_hpa(5000.0) == pytest.approx(540.20, abs=0.2)


@pytest.mark.parametrize(
    ("frame", "rotors"), [(Frame.QUAD_X, IRIS), (Frame.HEXA_X, HEXA)],
)
def test_a_copter_flies_where_it_is_asked_to_by_px4s_geometry(
    frame: Frame, rotors: Sequence[tuple[float, float, float]],
) -> None:
    wish = Wish(north=1.0, east=-1.0, down=-2.5, yaw=-0.8)
    with flying(frame, Weather(wind_m_s=1.0, wind_from_deg=90.0, gust_m_s=0.3)) as peer:
        state = peer.fly(5.0, lambda s: copter_mix(rotors, brains.copter(s, wish)))
    assert math.hypot(state.position[0] - 1.0, state.position[1] + 1.0) < 0.8
    assert abs(state.position[2] + 2.5) < 0.5
    assert abs(brains.wrapped(state.yaw + 0.8)) < 0.2


def test_a_plane_climbs_and_turns_by_the_outputs_of_px4s_plane() -> None:
    wish = Wish(down=-40.0, yaw=0.5)

    def mind(state: State) -> list[float]:
        aileron, elevator, throttle, rudder = brains.plane(state, wish)
        # 1030_gazebo-classic_plane: rudder 3, throttle 5, ailerons 6 (left, reversed) and 7, elevator 8
        return [0.0, 0.0, rudder, 0.0, throttle, -aileron, aileron, elevator]

    with flying(Frame.PLANE) as peer:
        peer.step()
        bodies = peer.server.flock.bodies
        bodies.pos[0, 2], bodies.vel[0, 0] = -30.0, 18.0
        peer.send(peer.controls([0.0] * 8))
        state = peer.fly(5.0, mind)
        pitot = [m.diff_pressure for m in peer.heard if m.get_type() == "HIL_SENSOR" and m.fields_updated & 0x400]
    assert state.position[2] < -31.5
    assert abs(brains.wrapped(state.yaw - 0.5)) < 0.3
    assert pitot[-1] * 100 == pytest.approx(0.5 * 1.225 * math.hypot(*state.velocity) ** 2, rel=0.15)


def two_sided(throttle: float, turn: float) -> list[float]:
    left, right = brains.limited(throttle + turn, 1.0), brains.limited(throttle - turn, 1.0)
    return [left, right]


@pytest.mark.parametrize(("frame", "mix"), [
    (Frame.WHEELS, lambda throttle, turn: [turn, turn, 0, 0, 0, throttle, throttle]),
    (Frame.TRACKS, lambda throttle, turn: [two_sided(throttle, turn)[0], 0, 0, 0, 0, two_sided(throttle, turn)[1]]),
    (Frame.BOAT, two_sided),
])
def test_what_drives_and_floats_turns_to_its_right(frame: Frame, mix: Callable[[float, float], list[float]]) -> None:
    with flying(frame) as peer:
        state = peer.fly(4.0, lambda s: mix(0.6, 0.1))
    assert 0.1 < state.yaw < 3.0
    assert state.position[0] > 0.5
    assert state.position[1] > 0.02


def test_px4s_heavy_submarine_dives_level_and_turns_by_its_thruster_axes() -> None:
    def mind(state: State) -> list[float]:
        roll, pitch, yaw, _, _, _ = brains.submarine(state, Wish(yaw=0.7))
        level = [-yaw, yaw, -yaw, yaw]  # bow right pushes to the left: x Fy - y Fx < 0
        # upright thrusters push up (5, 8) and down (6, 7); bow right, bow left, stern right, stern left
        upright = [-0.4 - roll + pitch, 0.4 - roll - pitch, 0.4 + roll + pitch, -0.4 + roll - pitch]
        return [*level, *upright]

    with flying(Frame.SUB_HEAVY) as peer:
        state = peer.fly(6.0, mind)
    assert state.position[2] > 1.0
    assert abs(state.roll) + abs(state.pitch) < 0.15
    assert abs(brains.wrapped(state.yaw - 0.7)) < 0.15


def test_px4_boots_on_our_time_and_then_time_waits_for_its_controls() -> None:
    clock = Hand()
    with serving(clock=clock) as server:
        peer = Px4(server)
        server.poll(1.0)
        for _ in range(5):
            peer.step()
        booted_us = peer.latest["HIL_SENSOR"].time_usec
        assert booted_us == 4000 * server.counters[0].steps
        assert "HIL_STATE_QUATERNION" not in peer.latest
        peer.greet()
        peer.send(peer.controls([0.0] * 4))
        peer.step()
        assert "HIL_STATE_QUATERNION" in peer.latest
        steps = server.counters[0].steps
        clock.now_s += NUDGE_S / 2
        assert [server.poll(0.0) for _ in range(3)] == [0, 0, 0]
        peer.send(peer.controls([0.0] * 4, at_us=booted_us))
        server.poll(1.0)
        assert (server.counters[0].steps, server.counters[0].repeated) == (steps, 1)
        peer.send(peer.controls([0.0] * 4))
        assert server.poll(1.0) == 1
        clock.now_s += NUDGE_S
        assert server.poll(0.0) == 1
        assert server.counters[0].nudges == 1
        link = server.link(0)
        assert link is not None
        assert link.has_beaten
        peer.close()


def test_without_lockstep_time_keeps_the_pace_of_the_clock() -> None:
    clock = Hand()
    with serving(clock=clock, speed=2.0) as server:
        peer = Px4(server)
        server.poll(1.0)
        peer.read()
        peer.send(peer.controls([0.0] * 4, flags=0))
        for _ in range(50):
            clock.now_s += 0.002
            server.poll(0.0)
        assert server.counters[0].steps == pytest.approx(51, abs=1)
        peer.close()


def test_a_disarmed_px4_turns_no_motor() -> None:
    with flying(Frame.QUAD_X) as peer:
        for _ in range(300):
            peer.step()
            peer.send(peer.controls([1.0] * 4, mode=0))
        assert peer.server.flock.bodies.pos[0, 2] == 0.0
        for _ in range(300):
            peer.step()
            peer.send(peer.controls([1.0, 1.0, math.nan, 1.0]))
        assert peer.server.flock.bodies.act[0, :4].tolist() == pytest.approx([1.0, 1.0, 0.0, 1.0], abs=0.01)


def test_a_px4_started_anew_finds_its_machine_at_home_and_the_same_day_again() -> None:
    with serving() as server:
        hashes = []
        for _ in range(2):
            peer = Px4(server)
            peer.greet()
            peer.fly(1.0, lambda state: [0.9] * 4)
            hashes.append(server.flock.hash(0))
            assert server.flock.bodies.pos[0, 2] < -0.3
            peer.close()
            while server.link(0) is not None:
                server.poll(5.0)
        assert hashes[0] == hashes[1]
        assert server.counters[0].connections == 2


def test_noise_between_frames_and_a_second_px4_do_no_harm() -> None:
    with serving() as server:
        peer = Px4(server)
        peer.step()
        second = Px4(server)
        server.poll(1.0)
        assert second.socket.recv(10) == b""
        assert server.counters[0].refused == 1
        frame = peer.controls([0.5] * 4).pack(peer.mav)
        for piece in (b"\xfd\x51junk", frame[:20], frame[20:]):
            peer.socket.sendall(piece)
            server.poll(1.0)
        assert server.flock.bodies.ask[0, :4].tolist() == [0.5] * 4
        second.close()
        peer.close()


def test_a_px4_that_does_not_read_holds_its_own_machine_only() -> None:
    with serving(count=2) as server:
        deaf, other = Px4(server, 0), Px4(server, 1)
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        while server.link(0) is None or server.link(1) is None:
            server.poll(1.0)
        link = server.link(0)
        assert link is not None
        link.stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
        held, since = 0, 0
        while since < 100:
            other.step()
            since = since + 1 if server.counters[0].steps == held else 0
            held = server.counters[0].steps
        assert link.unsent
        got = b""
        while server.counters[0].steps == held:
            got += deaf.socket.recv(1 << 16)
            server.poll(1.0)
        assert server.flock.bodies.time_ns[0] == 4_000_000 * server.counters[0].steps
        deaf.close()
        other.close()


def test_a_used_port_is_one_sentence() -> None:
    with serving() as server:
        flock = Flock(Crew(frame=Frame.QUAD_X, autopilot=Autopilot.PX4))
        place = LocalFrame(Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=900.0))
        site = Site(frame=place, homes=(Enu(east_m=0.0, north_m=0.0, up_m=0.0),), start_utc_ns=0)
        with pytest.raises(PortTaken, match=f"TCP port {server.ports[0]} on 127.0.0.1 cannot be used"):
            HilServer(flock, site, time.monotonic, first_port=server.ports[0])
