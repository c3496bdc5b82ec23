"""The JSON interface packet by packet: golden bytes, what is lost, repeated, overtaken or foreign, restarts, hashes."""

import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.adapters.ardupilot.server import RESENDS_AFTER_S, JsonServer
from sim.adapters.ardupilot.wire import AIRSPEED, LINE_LONGEST, LONGEST, RANGE, VANE, read_packets, write_lines
from sim.adapters.bodies.columns import empty_bodies
from sim.adapters.bodies.flock import Crew, Flock
from sim.adapters.bodies.frames import Autopilot, Frame
from sim.engine.weather import Weather
from sim.serve import PortTaken
from tests.support.ardupilot_peer import Peer, copter_mix, parse

HOVER = [1600, 1600, 1600, 1600]
GOLDEN = bytes.fromhex("1a48" "9001" "d2040000" "e803" "dc05" "d007" + "0000" * 13)
"""SIM_JSON.h, servo_packet_16: magic 18458, 400 Hz, frame 1234, 1000, 1500 and 2000 us."""


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@contextmanager
def serving(count: int = 1, *, seed: int = 3, clock: Hand | None = None) -> Iterator[JsonServer]:
    crew = Crew(
        frame=Frame.QUAD_X, autopilot=Autopilot.ARDUPILOT, count=count, seed=seed,
        weather=Weather(wind_m_s=3.0, wind_from_deg=200.0, gust_m_s=1.0),
    )
    with JsonServer(Flock(crew), clock or time.monotonic, first_port=0) as server:
        yield server


def read(*datagrams: bytes) -> tuple[list[bool], list[int], list[list[float]]]:
    data = np.zeros((len(datagrams), LONGEST), np.uint8)
    for row, datagram in enumerate(datagrams):
        data[row, : len(datagram)] = np.frombuffer(datagram, np.uint8)
    packets = read_packets(data, np.array([len(datagram) for datagram in datagrams]))
    return packets.is_good.tolist(), packets.count.tolist(), packets.pwm_us[:, :3].tolist()


def test_golden_packets_of_16_and_32_outputs() -> None:
    wide = struct.pack("<HHI32H", 29569, 50, 4_000_000_000, *range(1000, 1032))
    assert read(GOLDEN, wide) == ([True, True], [1234, 4_000_000_000], [[1000, 1500, 2000], [1000, 1001, 1002]])


@pytest.mark.parametrize("bad", [
    b"", GOLDEN[:-1], GOLDEN + b"\0", b"\x1b" + GOLDEN[1:], GOLDEN[:2] + b"\0\0" + GOLDEN[4:],
    struct.pack("<HHI16H", 29569, 50, 1, *[0] * 16), struct.pack("<HHI32H", 18458, 50, 1, *[0] * 32),
    struct.pack("<HHI33H", 29569, 50, 1, *[0] * 33),
], ids=["empty", "short", "long", "other magic", "no rate", "16 as 32", "32 as 16", "33"])
def test_foreign_datagrams_move_nothing_and_are_counted(bad: bytes) -> None:
    with serving() as server:
        peer = Peer(server)
        peer.send_bytes(bad)
        assert server.poll(1.0) == 0
        assert server.counters[0].foreign == 1
        assert peer.is_silent()
        assert peer.frame(HOVER)["timestamp"] == (0.0025,)
        peer.close()


def test_a_golden_line() -> None:
    bodies = empty_bodies(1)
    bodies.time_ns[0] = 1_234_567_000
    bodies.gyro[0], bodies.accel[0] = (0.1, -0.2, 0.0000001), (0.0, -0.000001, -9.80665)
    bodies.pos[0], bodies.vel[0], bodies.att[0] = (10.5, -0.25, -100.0), (1.0, 0.0, -3.0), (1.0, 0.0, 0.0, 0.0)
    bodies.speed[0] = 12.5
    out, lengths = np.zeros((1, LINE_LONGEST), np.uint8), np.zeros(1, np.int64)
    write_lines(bodies, np.arange(1), AIRSPEED | RANGE | VANE, np.array([-4.0, 0.0, 0.0]), out, lengths)
    assert out[0, : lengths[0]].tobytes() == (
        b'\n{"timestamp":1.234567,"imu":{"gyro":[0.1000000,-0.2000000,0.0000001],'
        b'"accel_body":[0.00000,0.00000,-9.80665]},"position":[10.50000,-0.25000,-100.00000],'
        b'"quaternion":[1.00000000,0.00000000,0.00000000,0.00000000],"velocity":[1.00000,0.00000,-3.00000],'
        b'"airspeed":12.500,"rng_1":40.000,"windvane":{"direction":0.00000,"speed":5.000}}\n'
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-9e5, 9e5), min_size=17, max_size=17), st.integers(0, 10**16))
def test_every_finite_state_reads_back_and_fits_its_line(values: list[float], time_ns: int) -> None:
    bodies = empty_bodies(1)
    bodies.gyro[0], bodies.accel[0], bodies.pos[0] = values[0:3], values[3:6], values[6:9]
    bodies.vel[0], bodies.att[0], bodies.time_ns[0] = values[9:12], np.array(values[12:16]) / 9e5, time_ns
    out, lengths = np.zeros((1, LINE_LONGEST), np.uint8), np.zeros(1, np.int64)
    write_lines(bodies, np.arange(1), AIRSPEED | RANGE | VANE, np.zeros(3), out, lengths)
    found = parse(out[0, 1 : lengths[0] - 1].tobytes().decode("ascii"))
    assert found["timestamp"][0] == pytest.approx(time_ns * 1e-9, abs=2e-6)
    assert found["position"] == pytest.approx(values[6:9], abs=6e-6)
    assert found["quaternion"] == pytest.approx([value / 9e5 for value in values[12:16]], abs=6e-9)
    assert lengths[0] <= LINE_LONGEST


def test_physics_advances_by_the_rate_asked_for_and_never_by_more_than_a_twentieth() -> None:
    with serving() as server:
        peer = Peer(server, rate_hz=250)
        assert peer.frame(HOVER)["timestamp"] == (0.004,)
        peer.rate_hz = 5
        assert peer.frame(HOVER)["timestamp"] == (0.054,)
        peer.close()


def test_an_answer_lost_is_given_again_when_the_autopilot_cries_for_it() -> None:
    clock = Hand()
    with serving(clock=clock) as server:
        peer = Peer(server)
        peer.frame(HOVER)
        lost = peer.frame(HOVER)
        peer.count -= 1  # the answer never came
        clock.now_s += 1.0
        peer.send(HOVER)
        assert server.poll(1.0) == 0
        assert peer.hear() == lost
        assert server.counters[0].repeated == 1
        assert peer.frame(HOVER)["timestamp"][0] == pytest.approx(lost["timestamp"][0] + 0.0025)
        peer.close()


def test_a_copy_made_on_the_way_gets_no_second_answer() -> None:
    clock = Hand()
    with serving(clock=clock) as server:
        peer = Peer(server)
        first = peer.frame(HOVER)
        clock.now_s += RESENDS_AFTER_S / 2
        peer.send(HOVER, count=0)
        assert server.poll(1.0) == 0
        assert peer.is_silent()
        assert server.counters[0].copied == 1
        assert peer.frame(HOVER)["timestamp"][0] == pytest.approx(first["timestamp"][0] + 0.0025)
        peer.close()


def test_lost_packets_are_noted_and_overtaken_ones_change_nothing() -> None:
    with serving() as server:
        peer = Peer(server)
        for _ in range(5):
            peer.frame(HOVER)
        peer.count += 3
        assert peer.frame(HOVER)["timestamp"][0] == pytest.approx(6 * 0.0025)
        assert server.counters[0].missed == 3
        before = server.flock.hash(0)
        peer.send(HOVER, count=6)
        assert server.poll(1.0) == 0
        assert peer.is_silent()
        assert (server.counters[0].overtaken, server.flock.hash(0)) == (1, before)
        peer.close()


@pytest.mark.parametrize("has_new_port", [True, False])
def test_an_autopilot_started_anew_finds_its_machine_at_home_and_the_same_day_again(has_new_port: bool) -> None:
    with serving() as server:
        peer = Peer(server)
        flown = [peer.frame([1800] * 4) for _ in range(800)]
        assert flown[-1]["position"][2] < -1.0
        if has_new_port:
            peer.close()
            peer = Peer(server)
        peer.count = 0
        again = [peer.frame([1800] * 4) for _ in range(40)]
        assert again == flown[:40]
        assert server.counters[0].restarts == 1
        peer.close()


def test_a_server_started_anew_takes_up_an_autopilot_in_mid_flight() -> None:
    with serving() as server:
        peer = Peer(server)
        peer.count = 57_342
        assert peer.frame(HOVER)["timestamp"] == (0.0025,)
        assert peer.frame(HOVER)["timestamp"] == (0.005,)
        assert server.counters[0].missed == 0
        peer.close()


def flown(seed: int, order: list[int]) -> list[str]:
    """Hashes of three copters after 40 frames each, asked for in this order."""
    with serving(3, seed=seed) as server:
        pilots = [Peer(server, row) for row in range(3)]
        for row in order * 40:
            pilots[row].frame(copter_mix([(45, 1), (-135, 1), (-45, -1), (135, -1)], (0.8, 0.01 * row, 0.0, 0.02)))
        for each in pilots:
            each.close()
        return [server.flock.hash(row) for row in range(3)]


def test_equal_seeds_give_equal_hashes_in_whatever_order_the_brains_ask() -> None:
    hashes = flown(3, [0, 1, 2])
    assert flown(3, [2, 0, 1]) == hashes
    assert len({*hashes}) == 3
    assert not {*flown(4, [0, 1, 2])} & {*hashes}


def test_machines_asked_for_together_move_as_they_would_alone() -> None:
    with serving(3) as server:
        pilots = [Peer(server, row) for row in range(3)]
        for _ in range(300):
            for each in pilots:
                each.send([1700] * 4)
            answered = 0
            while answered < 3:
                answered += server.poll(5.0)
            for each in pilots:
                each.hear()
        together = [server.flock.hash(row) for row in range(3)]
        for each in pilots:
            each.close()
    with serving(3) as server:
        pilots = [Peer(server, row) for row in range(3)]
        for each in pilots:
            for _ in range(300):
                each.frame([1700] * 4)
            each.close()
        assert [server.flock.hash(row) for row in range(3)] == together


def test_a_body_that_breaks_goes_home_and_the_others_do_not_notice() -> None:
    with serving(2) as server:
        sound, broken = Peer(server, 0), Peer(server, 1)
        for _ in range(20):
            broken.frame([1800] * 4)
        server.flock.bodies.rate[1] = np.inf
        held = [broken.frame([1800] * 4) for _ in range(20)][-1]
        assert held["position"] == (0.0, 0.0, 0.0)
        assert held["timestamp"][0] == pytest.approx(40 * 0.0025)
        assert server.flock.broken == {1}
        for _ in range(900):
            risen = sound.frame([1800] * 4)
        assert risen["position"][2] < -1.0
        broken.count = 0
        assert broken.frame([1800] * 4)["timestamp"] == (0.0025,)
        assert server.flock.broken == set()
        sound.close()
        broken.close()


def test_an_autopilot_that_has_gone_harms_nobody() -> None:
    with serving(2) as server:
        gone, here = Peer(server, 0), Peer(server, 1)
        gone.send(HOVER)
        gone.close()
        here.send(HOVER)
        answered = 0
        while answered < 2:
            answered += server.poll(5.0)
        assert here.hear()["timestamp"] == (0.0025,)
        for _ in range(3):
            here.frame(HOVER)
        here.close()


def test_a_used_port_is_one_sentence() -> None:
    with serving() as server:
        crew = Crew(frame=Frame.QUAD_X, autopilot=Autopilot.ARDUPILOT)
        with pytest.raises(PortTaken, match=f"UDP port {server.ports[0]} on 127.0.0.1 cannot be used"):
            JsonServer(Flock(crew), time.monotonic, first_port=server.ports[0])
