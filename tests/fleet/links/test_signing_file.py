"""Times of signatures outlast every end of the process: ours never go back, and nothing is let in a second time."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fleet.links.address import Address, LinkSpec
from fleet.links.seal import Seal
from fleet.links.signing_file import STEP, SigningFile, SigningFileDamaged
from fleet.wire.encode import Encoder
from fleet.wire.frame import WireCounters
from fleet.wire.signing import Refusal, Signer, SigningClock, SigningPolicy
from fleet.wire.signing_keys import KeyRing, SigningKey

KEYS = KeyRing(current=SigningKey.from_passphrase("correct horse"))
SPEC = LinkSpec(
    name="lte", address=Address.parse("udpin:0.0.0.0:14550"), policy=SigningPolicy.REQUIRE, keys=KEYS
)
NOON_NS = 1_800_000_000_000_000_000
TICK_NS = 10_000
BEAT = {"custom_mode": 4, "type": 2, "autopilot": 3, "base_mode": 81, "system_status": 4}


def stamp(frame: bytes) -> int:
    return int.from_bytes(frame[-12:-6], "little")


class Life:
    """One run of a station on what the one before left on disk."""

    def __init__(self, path: Path) -> None:
        self.file = SigningFile(path)
        self.seal = Seal(SPEC, 0, self.file.of("lte"))
        self.encoder = Encoder(255, 190)
        self.late: list[int] = []
        self.parse, _ = self.seal.reader(
            WireCounters(), is_stream=False, on_late=lambda frame: self.late.append(frame.sysid)
        )

    def sign(self, utc_ns: int) -> bytes:
        return self.seal.sign(self.encoder.encode("HEARTBEAT", **BEAT), utc_ns, 1)


class Vehicle:
    """Signs by a clock of its own that follows what it hears."""

    def __init__(self, sysid: int) -> None:
        self.clock, self.encoder = SigningClock(), Encoder(sysid, 1)
        self.signer = Signer(KEYS, link_id=3, clock=self.clock)

    def say(self, utc_ns: int) -> bytes:
        return self.signer.sign(self.encoder.encode("HEARTBEAT", **BEAT), utc_ns)


STEPS = st.lists(st.tuples(
    st.sampled_from(("sign", "hear", "hear", "replay", "kill", "settle")),
    st.integers(0, 2),
    st.sampled_from((0, 0, 0, 1, 20, 61, 400, -1, -90)),
), min_size=5, max_size=40)


@settings(max_examples=150, deadline=None)
@example(steps=[
    ("hear", 1, 0), ("kill", 0, 0), ("sign", 0, 0), ("hear", 0, 0), ("hear", 1, 0), ("kill", 0, 0), ("replay", 0, 0),
])
@given(steps=STEPS)
def test_whatever_ends_it_no_time_is_used_twice(steps: list[tuple[str, int, int]]) -> None:
    """The host's clock goes back and forth by seconds; three vehicles; ends by kill and in order."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "times.json"
        life, utc_ns, newest, recorded = Life(path), NOON_NS, 0, []
        vehicles = [Vehicle(sysid) for sysid in (1, 2, 3)]
        for what, who, seconds in steps:
            utc_ns += seconds * 1_000_000_000
            if what == "sign":
                at = stamp(life.sign(utc_ns))
                assert at > newest
                newest = at
                for vehicle in vehicles:
                    vehicle.clock.adopt(at)
            elif what == "hear":
                frame = vehicles[who].say(utc_ns)
                if life.parse(frame, utc_ns):
                    recorded.append(frame)
            elif what == "replay":
                assert not any(life.parse(frame, utc_ns) for frame in recorded)
            else:
                if what == "settle":
                    life.file.settle()
                life = Life(path)
        at = stamp(life.sign(utc_ns))
        vehicles[0].clock.adopt(at)
        assert life.parse(vehicles[0].say(0), utc_ns), "who heard us is heard again"


def test_one_write_serves_a_minute_of_frames(tmp_path: Path) -> None:
    path = tmp_path / "times.json"
    life = Life(path)
    life.sign(NOON_NS)
    first = path.stat().st_ino
    for number in range(1000):
        life.sign(NOON_NS + number * TICK_NS)
    assert path.stat().st_ino == first
    life.sign(NOON_NS + (STEP + 2) * TICK_NS)
    assert path.stat().st_ino != first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.part"))
    assert KEYS.current.secret.hex() not in path.read_text()


def test_an_orderly_end_leaves_no_jump(tmp_path: Path) -> None:
    path = tmp_path / "times.json"
    life = Life(path)
    at = stamp(life.sign(NOON_NS))
    life.file.settle()
    assert stamp(Life(path).sign(NOON_NS - 10**12)) == at + 1
    killed = Life(path)
    at = stamp(killed.sign(NOON_NS))
    assert stamp(Life(path).sign(0)) == at + STEP + 1


def test_a_vehicle_that_lags_after_a_kill_is_late_until_it_heard_us(tmp_path: Path) -> None:
    path = tmp_path / "times.json"
    vehicle, life = Vehicle(1), Life(path)
    assert life.parse(vehicle.say(NOON_NS), NOON_NS)
    after = Life(path)
    assert not after.parse(vehicle.say(NOON_NS), NOON_NS)
    assert after.late == [1]
    assert after.seal.refused()[Refusal.STALE].sysid == 1
    vehicle.clock.adopt(stamp(after.sign(NOON_NS)))
    assert after.parse(vehicle.say(NOON_NS), NOON_NS)


def test_a_stream_first_heard_between_two_writes_is_not_heard_again(tmp_path: Path) -> None:
    """No line of the file names it yet: what bounds it is said for all that are not named."""
    path = tmp_path / "times.json"
    life, known, other = Life(path), Vehicle(1), Vehicle(2)
    assert life.parse(known.say(NOON_NS), NOON_NS)
    other.clock.adopt(stamp(life.sign(NOON_NS)))
    written = path.read_text()
    frame = other.say(NOON_NS)
    assert life.parse(frame, NOON_NS)
    assert path.read_text() == written
    assert not Life(path).parse(frame, NOON_NS)


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.fleet.links.test_signing_file import Life, stamp, NOON_NS, STEP, TICK_NS
life, step = Life(Path(sys.argv[1])), 0
while True:
    step += 1
    print(stamp(life.sign(NOON_NS + step * (STEP // 3) * TICK_NS)), flush=True)
"""


def test_killed_in_the_midst_of_writing_it_goes_on_from_above(tmp_path: Path) -> None:
    """Every third signature writes; whatever instant the kill meets, the file is whole and ahead."""
    path = tmp_path / "times.json"
    running = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    last = [int(running.stdout.readline()) for _ in range(200)][-1]
    running.kill()
    rest, _ = running.communicate()
    last = max([last, *(int(line) for line in rest.split("\n")[:-1])])
    assert stamp(Life(path).sign(0)) > last


def test_a_disk_that_refuses_ends_nothing_and_is_said(tmp_path: Path) -> None:
    life = Life(tmp_path / "gone" / "times.json")
    assert life.parse(Vehicle(1).say(NOON_NS), NOON_NS)
    assert life.seal.memory.fault == "No such file or directory"
    (tmp_path / "gone").mkdir()
    life.sign(NOON_NS + 2 * 10**9)
    assert life.seal.memory.fault is None


@pytest.mark.parametrize(
    "text", ["", "[]", '{"lte": 1}', '{"lte": {"latest": "x"}}', '{"lte": {"streams": {"1/2": 3}}}']
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "times.json"
    path.write_text(text)
    with pytest.raises(SigningFileDamaged, match="move it away"):
        SigningFile(path)


def test_links_that_are_not_there_now_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "times.json"
    path.write_text(json.dumps({"radio": {"latest": 7, "floor": 3, "streams": {"1/2/3": 5}}}))
    Life(path).sign(NOON_NS)
    assert json.loads(path.read_text())["radio"] == {"latest": 7, "floor": 3, "streams": {"1/2/3": 5}}
    assert os.stat(path).st_mode & 0o077 == 0
