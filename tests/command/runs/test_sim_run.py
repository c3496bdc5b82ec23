"""`taihang sim run` as a machine uses it: verdicts, files, exit codes, and nothing left behind."""

import json
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from typer.testing import CliRunner

from command.app.children import Children
from command.cli import main
from command.errors import BadInput
from command.runs.batch import Batch, Outputs
from command.runs.fly import Paced
from command.runs.mcap import MAGIC
from command.runs.seen import Seen
from tests.command.runs.conftest import Flown
from tests.support.command_line import TINY, taihang


def test_another_process_flies_the_same_and_says_how_to_fly_it_again(
    fallen: Flown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    files = ["--junit", str(tmp_path / "deep" / "runs.xml"), "--mcap", str(tmp_path / "run.mcap")]
    command = fallen.verdict.reproduce.split()[1:]
    run = CliRunner().invoke(main.app_of(["sim"]), [*command, *files, "--json"])
    assert run.exit_code == 1, run.output
    verdict = json.loads(run.stdout)
    assert verdict["state_hash"] == fallen.verdict.state_hash
    assert verdict["outcome"]["digest"] == fallen.verdict.digest
    assert [one["is_met"] for one in verdict["findings"]] == [one.is_met for one in fallen.verdict.findings]
    assert f"reproduce: {fallen.verdict.reproduce}\n" in run.stderr
    assert "alive of U01 always: U01 was not working at" in run.stderr
    assert etree.parse(str(tmp_path / "deep" / "runs.xml")).getroot()[0].get("failures") == "4"
    assert (tmp_path / "run.mcap").read_bytes().startswith(MAGIC)
    assert {path.name for path in tmp_path.iterdir()} == {"deep", "run.mcap"}


def test_an_interrupted_batch_leaves_nobody() -> None:
    with taihang("sim", "run", str(TINY), "--seeds", "3-9", "--jobs", "2") as run:
        by_s = time.monotonic() + 60
        while len(run.left_behind()) < 2:
            assert time.monotonic() < by_s, "no workers came"
            assert run.process.poll() is None
        run.ask(signal.SIGINT)
        assert run.end(within_s=20) == 130
        assert run.err == "taihang: interrupted\n"
        assert run.all_gone(within_s=5)
        assert list(run.temporary.iterdir()) == []


def test_a_run_whose_process_dies_is_a_verdict(fallen: Flown, monkeypatch: pytest.MonkeyPatch) -> None:
    start = Children.start

    def doomed(self: Children, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        process = start(self, *arguments, **options)
        process.kill()
        return process

    monkeypatch.setattr(Children, "start", doomed)
    with Batch([replace(fallen.asked, seed=seed) for seed in (1, 2, 3)], Outputs(), jobs=2) as batch:
        verdicts = list(batch.run())
    assert sorted(one.seed for one in verdicts) == [1, 2, 3]
    for one in verdicts:
        assert "was ended by SIGKILL" in (one.fault or "")
        assert [finding.is_met for finding in one.findings] == [None] * 5
        assert one.exit_code == 1


def test_several_seeds_have_names_of_their_own() -> None:
    outputs = Outputs(report=Path("out"), mcap=Path("runs") / "a.mcap")
    assert outputs.folder(7, is_alone=True) == Path("out")
    assert outputs.folder(7, is_alone=False) == Path("out/seed-7")
    assert outputs.tape(7, is_alone=False) == Path("runs/a-seed-7.mcap")


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (["--seed", "1", "--seeds", "1-2"], "keep one of them"),
        (["--seeds", "3"], "say it as A-B"),
        (["--seeds", "9-3"], "the smaller first"),
        (["--seeds", "1-999999"], "at most 10000"),
        (["--speed", "fast"], "say max, or a number"),
        (["--speed", "0"], "say max, or a number"),
        (["--without-mission"], "--until-s"),
        (["--junit", "/proc/nowhere/x.xml"], "name another file"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused_before_anything_flies(options: list[str], remedy: str) -> None:
    said = CliRunner().invoke(main.app_of(["sim"]), ["sim", "run", str(TINY), *options])
    assert isinstance(said.exception, BadInput)
    assert remedy in str(said.exception)


def test_a_paced_run_waits_for_the_clock() -> None:
    now_s = 100.0
    waits: list[float] = []
    paced = Paced(10.0, lambda seen: None, now_s=lambda: now_s, wait=waits.append)
    for t_s in (0.0, 5.0):
        paced(Seen(t_s=t_s))
    assert waits == [pytest.approx(0.5)]
    now_s = 103.0
    paced(Seen(t_s=10.0))
    assert len(waits) == 1, "who is late does not wait"
