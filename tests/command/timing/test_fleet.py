"""Four processes over real MAVLink, UDP and streams live one history, whatever the machine does to them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.timing_run import ROOT, Fleet, Flight, Kill, fly


@pytest.fixture(scope="module")
def calm() -> Flight:
    """What happens when nothing disturbs the fleet."""
    return fly()


@contextmanager
def busy_machine(processes: int) -> Iterator[None]:
    """Others that want the processor too, in bursts of random length."""
    burn = "import random,select\nwhile True:\n sum(range(random.randrange(10**5)))\n select.select([],[],[],.001)"
    burners = [subprocess.Popen([sys.executable, "-c", burn]) for _ in range(processes)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait(10)


def test_the_mission_is_flown(calm: Flight) -> None:
    assert calm.rows["M"][-1].endswith("all complete")
    assert any("again" in row for row in calm.rows["M"])
    assert any("detector seen" in row for row in calm.rows["F"])


def test_a_loaded_machine_changes_nothing(calm: Flight) -> None:
    with busy_machine(2):
        for _ in range(2):
            assert fly().digests == calm.digests


def test_a_slow_detector_changes_nothing(calm: Flight) -> None:
    slow = fly(detector_spins=20_000)
    assert slow.busy_s["D"] > 2 * calm.busy_s["D"]
    assert slow.digests == calm.digests


@pytest.mark.parametrize("name", ["S", "F", "M", "D"])
def test_any_process_may_be_killed_and_come_back(calm: Flight, name: str) -> None:
    kills = tuple(Kill(name=name, tick=tick, delay_s=delay_s) for tick, delay_s in ((400, 0.0), (3777, 0.003)))
    flight = fly(kills=kills)
    assert [who for who, _ in flight.killed] == [name, name]
    assert flight.digests == calm.digests


def test_all_may_be_killed_at_once(calm: Flight) -> None:
    flight = fly(kills=tuple(Kill(name=name, tick=2000) for name in "SFMD"))
    assert sorted(who for who, _ in flight.killed) == ["D", "F", "M", "S"]
    assert flight.digests == calm.digests


def test_a_late_joiner_sees_the_present_and_changes_nothing(calm: Flight) -> None:
    def join_late(fleet: Fleet, tick: int) -> None:
        if tick >= 2000 and "W" not in fleet.children:
            fleet.owner.set_speed(1.0)
            fleet.start("W")
        elif "W" in fleet.owner.ledger.present:
            fleet.owner.set_speed(None)

    flight = fly(on_tick=join_late)
    first_seen_tick, last_seen_tick = (int(flight.rows["W"][i].split()[0]) for i in (0, -1))
    assert 2000 < first_seen_tick < last_seen_tick
    assert last_seen_tick > 4900
    assert {name: flight.digests[name] for name in calm.digests} == calm.digests


OWNER = """
import sys
from pathlib import Path
from tests.support.timing_run import Fleet
Fleet(Path(sys.argv[1]), end_s=1e5, speed=1.0, on_tick=lambda _, tick: print(tick, flush=True)).fly()
"""


def test_everybody_leaves_when_the_owner_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    owner = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert owner.stdout
    assert owner.stdout.readline()
    owner.kill()
    _, told = owner.communicate(timeout=3)  # the last of its children to leave closes the pipe
    assert "OwnerLost" in told  # four tracebacks share the pipe, letter by letter when they come at once
