"""Whole runs that are interrupted, killed, starved and shouted at: they end cleanly, or go on, and say what was."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from command.app.layout import FLEET, HUB, SIM
from command.app.watcher import Watcher
from command.bus.hub import RECORD_ALARM
from command.store.record import Record
from fleet.model import Alarm
from missions.model import Phase
from perception.detectors.weights import WeightsUnavailable, cache_folder, ensure_nanodet
from tests.support.command_line import TINY, Run, taihang, tiny
from tests.support.shouter import Shouter, addresses

ENDS_WITHIN_S = 3.0


@pytest.fixture(scope="module", autouse=True)
def weights() -> None:
    try:
        ensure_nanodet(cache_folder())
    except WeightsUnavailable as reason:
        pytest.skip(f"no detector weights: {reason}")


def is_searching(watcher: Watcher) -> bool:
    progress = watcher.progress
    return progress is not None and progress.phase is Phase.SEARCHING and progress.cells_done > 0


def has_children(run: Run) -> bool:
    return len(run.left_behind()) >= 5


def role_of(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return words[words.index(b"command.app.role") + 1].decode() if b"command.app.role" in words else ""


def pid_of(run: Run, role: str) -> int:
    return next(pid for pid in run.left_behind() if role_of(pid) == role)


def assert_left_nothing(run: Run, report: Path) -> None:
    assert run.left_behind() == []
    assert run.sockets() is None
    assert [path.name for path in report.rglob("*") if path.suffix in {".new", ".lock", ".tmp"}] == []
    assert "Traceback" not in run.err
    assert [path.name for path in report.glob("*.log") if "Traceback" in path.read_text()] == []


def verified_rows(report: Path) -> int:
    record = Record(report / "events.db", read_only=True)
    rows = record.verify()
    record.close()
    return rows


@pytest.mark.parametrize(
    ("number", "whole_group"), [(signal.SIGINT, False), (signal.SIGINT, True), (signal.SIGTERM, False)]
)
def test_interrupted_in_flight_it_ends_in_seconds(tmp_path: Path, number: signal.Signals, whole_group: bool) -> None:
    report = tmp_path / "out"
    with taihang(*tiny(report)) as run:
        run.until(is_searching)
        run.ask(number, whole_group=whole_group)
        assert run.end(within_s=ENDS_WITHIN_S) == 130
        assert_left_nothing(run, report)
    assert verified_rows(report) > 10


def test_interrupted_while_starting_it_ends_in_seconds(tmp_path: Path) -> None:
    report = tmp_path / "out"
    with taihang(*tiny(report)) as run:
        run.until(lambda _: has_children(run))
        run.ask(signal.SIGINT, whole_group=True)
        assert run.end(within_s=ENDS_WITHIN_S) == 130
        assert run.err == "taihang: interrupted\n"
        assert list(run.temporary.iterdir()) == [], "libraries leave nothing behind either"
        assert_left_nothing(run, report)


def test_interrupted_with_a_screen_it_ends_in_seconds(tmp_path: Path) -> None:
    report = tmp_path / "out"
    with taihang(*tiny(report, "--port", "0")) as run:
        run.until(lambda watcher: watcher.progress is not None and len(run.left_behind()) == 6)
        run.ask(signal.SIGINT, whole_group=True)
        assert run.end(within_s=ENDS_WITHIN_S) == 130
        assert_left_nothing(run, report)
    assert verified_rows(report) > 0


def test_two_runs_at_once_and_a_refused_third(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    with taihang(*tiny(one)) as first, taihang(*tiny(two)) as second:
        first.until(is_searching)
        second.until(lambda watcher: watcher.progress is not None)
        with taihang(*tiny(one)) as third:
            assert third.end(within_s=30) == 2
            assert "another run writes to" in third.err
            assert third.err.count("\n") == 1
        for run in (first, second):
            run.ask(signal.SIGINT)
            assert run.end(within_s=ENDS_WITHIN_S) == 130
    assert verified_rows(one) > 0
    assert verified_rows(two) > 0


def test_a_killed_time_owner_takes_everybody_along_and_the_folder_can_be_used_again(tmp_path: Path) -> None:
    report = tmp_path / "out"
    with taihang(*tiny(report, "--port", "0")) as run:
        run.until(lambda watcher: watcher.progress is not None and len(run.left_behind()) == 6)
        run.ask(signal.SIGKILL)
        assert run.end(within_s=1.0) == -signal.SIGKILL
        assert run.all_gone(within_s=ENDS_WITHIN_S)
    assert verified_rows(report) > 0
    with taihang(*tiny(report)) as again:
        again.until(is_searching)
        again.ask(signal.SIGINT)
        assert again.end(within_s=ENDS_WITHIN_S) == 130


def test_a_time_owner_killed_while_starting_leaves_nobody(tmp_path: Path) -> None:
    with taihang(*tiny(tmp_path / "out")) as run:
        run.until(lambda _: has_children(run))
        run.ask(signal.SIGKILL)
        assert run.end(within_s=1.0) == -signal.SIGKILL
        assert run.all_gone(within_s=ENDS_WITHIN_S)


def test_a_killed_simulator_is_named(tmp_path: Path) -> None:
    report = tmp_path / "out"
    with taihang(*tiny(report)) as run:
        run.until(is_searching)
        os.kill(pid_of(run, SIM), signal.SIGKILL)
        assert run.end(within_s=5.0) == 1
        assert f"taihang: the run ended early: sim was ended by SIGKILL (logs: {report}/*.log)\n" == run.err
        assert_left_nothing(run, report)


def test_a_hub_that_dies_while_starting_is_named(tmp_path: Path) -> None:
    with taihang(*tiny(tmp_path / "out")) as run:
        run.until(lambda _: has_children(run) and HUB in map(role_of, run.left_behind()))
        os.kill(pid_of(run, HUB), signal.SIGSEGV)
        assert run.end(within_s=5.0) == 1
        assert "the run ended early: hub was ended by SIGSEGV" in run.err
        assert run.err.count("\n") == 1


def test_a_role_that_cannot_read_its_terrain_says_so_in_one_sentence(tmp_path: Path) -> None:
    report = tmp_path / "out"
    with taihang(*tiny(report)) as run:
        run.until(lambda _: bool(run.left_behind()))
        (report / "terrain.npz").write_bytes(b"nothing")
        assert run.end(within_s=30.0) == 1
        assert "Traceback" not in run.err
        assert "is not a terrain survey" in run.err
        assert run.err.count("\n") == 1
        assert run.left_behind() == []


def test_a_search_that_nobody_can_fly_ends_with_the_reason(tmp_path: Path) -> None:
    robots_only = tmp_path / "robots_only.toml"
    robots_only.write_text(TINY.read_text().replace('"copter"', '"rover"'))
    with taihang("demo", "--scenario", str(robots_only), "--report", str(tmp_path / "out"), "--headless") as run:
        assert run.end(within_s=90.0) == 2
        assert run.err.startswith(f"taihang: {robots_only}: No plan: ")
        assert_left_nothing(run, tmp_path / "out")
    assert run.err.count("\n") == 1


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The outcome of the smallest run on a good day."""
    report = tmp_path_factory.mktemp("quiet")
    with taihang(*tiny(report)) as run:
        assert run.end(within_s=120.0) in (0, 1)
        assert run.left_behind() == []
    return outcome_of(report)


def outcome_of(report: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads((report / "outcome.json").read_text())
    return told


def test_garbage_on_every_socket_changes_nothing_and_is_counted(tmp_path: Path, quiet: dict[str, object]) -> None:
    report, shouter = tmp_path / "out", Shouter(7)
    with taihang(*tiny(report)) as run:

        def shout() -> None:
            sockets = run.sockets()
            pids = run.left_behind()
            unix = [sockets / "hub", sockets / "time"] if sockets else []
            shouter.shout(udp=addresses(pids, "udp"), tcp=addresses(pids, "tcp"), unix=unix)

        assert run.while_running(shout, within_s=180.0) in (0, 1), run.err
        shouter.close()
        assert_left_nothing(run, report)
    assert outcome_of(report)["digest"] == quiet["digest"]
    assert shouter.volleys > 20
    assert re.search(r"\d+ strangers spoke to the time owner", run.out)
    logs = {role: (report / f"{role}.log").read_text() for role in (SIM, FLEET, HUB)}
    assert re.search(r"dropped \d+ datagrams from strangers, \d+ pieces of RTSP garbage", logs[SIM])
    assert re.search(r"dropped \d+ datagrams from strangers", logs[FLEET])
    assert re.search(r"dropped \d+ bad frames, \d+ clients that spoke no frames", logs[HUB])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    told = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", folder], capture_output=True, text=True)
    if told.returncode != 0:
        pytest.skip(f"no right to mount a small disk: {told.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> Path:
    """Leaves no byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            continue
    assert shutil.disk_usage(folder).free == 0
    return filler


def test_a_disk_that_fills_up_stops_nobody_and_the_record_is_whole_again(small_disk: Path) -> None:
    alarms: list[Alarm] = []

    def hear(_: str, value: object) -> None:
        if isinstance(value, Alarm) and value.key == RECORD_ALARM:
            alarms.append(value)

    with taihang(*tiny(small_disk, "--port", "0", "--speed", "4")) as run:
        run.until(is_searching)
        filler = fill(small_disk)
        run.until(lambda watcher: bool(alarms), on_value=hear)
        assert alarms[-1].is_active
        cells = [0]
        run.until(lambda watcher: has_moved(watcher, cells))
        filler.unlink()
        run.until(lambda watcher: not alarms[-1].is_active, on_value=hear)
        run.ask(signal.SIGINT)
        assert run.end(within_s=ENDS_WITHIN_S) == 130
        assert "Record cannot be written" in run.out
        assert_left_nothing(run, small_disk)
    assert verified_rows(small_disk) > 10
    record = Record(small_disk / "events.db", read_only=True)
    told = [event.value() for event in record.events() if event.topic == "alarm"]
    assert [alarm.is_active for alarm in told if alarm.key == RECORD_ALARM] == [True, False]
    record.close()


def has_moved(watcher: Watcher, cells: list[int]) -> bool:
    """More cells were searched since this was first asked."""
    if watcher.progress is not None:
        cells.append(watcher.progress.cells_done)
    return len(cells) > 2 and cells[-1] > cells[1]


def test_a_disk_that_stays_full_is_told_in_one_sentence_at_the_end(small_disk: Path) -> None:
    with taihang(*tiny(small_disk)) as run:
        run.until(is_searching)
        fill(small_disk)
        assert run.end(within_s=120.0) == 3
        assert run.left_behind() == []
    assert "lacks the last events" in run.out
    assert run.err.count("\n") == 1
    assert "make room" in run.err
    assert verified_rows(small_disk) > 10
