"""How many copters at 400 Hz one core carries as the body of ArduPilot, over its JSON interface and real UDP packets.

Brains are in processes of their own (`json_backend_peer`) and their CPU is counted apart. Lockstep, as fast as it goes:
the figure is answers per CPU second of the server process, kernel time of its sockets included, over 400. Beside it the
protocol alone as ArduPilot's own Python example speaks it (`examples/JSON/pybullet/robot.py`): one packet at a time,
struct and json, without any physics.
"""

import json
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from sim.adapters.ardupilot.server import JsonServer
from sim.adapters.bodies.flock import Crew, Flock
from sim.adapters.bodies.frames import Autopilot, Frame
from sim.engine.weather import Weather

ROOT: Final = Path(__file__).resolve().parent.parent
RATE_HZ: Final = 400
GOAL: Final = 200
WEATHER: Final = Weather(wind_m_s=3.0, wind_from_deg=250.0, gust_m_s=0.8)
STALLS_AFTER_S: Final = 30.0


class Fell(RuntimeError):
    """A copter was not where its brain should have held it, so the figure would mean nothing."""


def run(seed: int, quick: bool = False) -> dict[str, float | int | str | bool]:
    """One copter alone, then `copters` of them; `copters_per_core` is the figure of the many."""
    many, seconds = (50, 8) if quick else (200, 20)
    alone = measure(seed, 1, seconds)
    crowd = measure(seed, many, seconds)
    return {
        "copters_per_core": round(crowd["answers_per_cpu_s"] / RATE_HZ, 1), "goal": GOAL, "copters": many,
        "flown_s": seconds, "rate_hz": RATE_HZ, "us_per_answer": round(1e6 / crowd["answers_per_cpu_s"], 2),
        "plain_without_physics_us_per_answer": round(plain_us(5_000 if quick else 50_000), 2),
        "alone_us_per_answer": round(1e6 / alone["answers_per_cpu_s"], 2),
        "times_real_time": round(crowd["times_real_time"], 2), "server_cpu_s": round(crowd["server_cpu_s"], 2),
        "peer_cpu_s": round(crowd["peer_cpu_s"], 2), "height_error_m": round(crowd["height_error_m"], 2),
        "tilt_rad": round(crowd["tilt_rad"], 3), "resent": int(crowd["resent"]), "seed": seed,
    }


def measure(seed: int, copters: int, seconds: int) -> dict[str, float]:
    """Flies so many copters for so long; raises Fell when one is not held at its height."""
    flock = Flock(Crew(
        frame=Frame.QUAD_X, autopilot=Autopilot.ARDUPILOT, count=copters, seed=seed, weather=WEATHER,
    ))
    frames = seconds * RATE_HZ
    warm_up(seed)
    with JsonServer(flock, time.monotonic, first_port=0) as server:
        peer = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.json_backend_peer", str(frames), *map(str, server.ports)], cwd=ROOT,
            stdout=subprocess.PIPE, text=True,
        )
        try:
            while not server.poll(1.0):
                if peer.poll() is not None:
                    raise Fell("the brains ended before they flew")
            cpu_s, wall_s, answers = time.process_time(), time.perf_counter(), 1
            while answers < frames * copters:
                answered = server.poll(STALLS_AFTER_S)
                if not answered and peer.poll() is not None:
                    raise Fell("the brains ended in the air")
                answers += answered
            cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
            told = json.loads(peer.communicate(timeout=STALLS_AFTER_S)[0])
        finally:
            peer.kill()
            peer.wait()
    if told["height_error_m"] > 2.0 or told["tilt_rad"] > 0.5:
        raise Fell(f"{copters} copters after {seconds} s: {told}")
    return {
        "answers_per_cpu_s": answers / cpu_s, "times_real_time": seconds / wall_s, "server_cpu_s": cpu_s,
        "peer_cpu_s": told["cpu_s"], "height_error_m": told["height_error_m"], "tilt_rad": told["tilt_rad"],
        "resent": told["resent"],
    }


def plain_us(answers: int) -> float:
    """CPU microseconds an answer of the protocol alone, in plain Python; the sender's are not counted."""
    spent = 0.0
    with _udp() as server, _udp() as peer:
        server.bind(("127.0.0.1", 0))
        peer.connect(server.getsockname())
        for count in range(answers):
            peer.send(struct.pack("<HHI16H", 18458, RATE_HZ, count, *[1500] * 16))
            before = time.process_time()
            data, source = server.recvfrom(100)
            _, rate_hz, number, *pwm = struct.unpack("<HHI16H", data)
            vector = (pwm[0] / 3000.0, -1.25e-3, 9.80665)
            line = json.dumps({
                "timestamp": number / rate_hz, "imu": {"gyro": vector, "accel_body": vector}, "position": vector,
                "attitude": vector, "velocity": vector,
            }, separators=(",", ":"))
            server.sendto(f"\n{line}\n".encode("ascii"), source)
            spent += time.process_time() - before
            peer.recv(1024)
    return 1e6 * spent / answers


def _udp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def warm_up(seed: int) -> None:
    """Compiles everything outside the clock."""
    flock = Flock(Crew(frame=Frame.QUAD_X, autopilot=Autopilot.ARDUPILOT, seed=seed, weather=WEATHER))
    with JsonServer(flock, time.monotonic, first_port=0) as server, _udp() as peer:
        peer.sendto(struct.pack("<HHI16H", 18458, RATE_HZ, 0, *[1000] * 16), ("127.0.0.1", server.ports[0]))
        server.poll(5.0)
