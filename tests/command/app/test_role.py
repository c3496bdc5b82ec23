"""A role's log ends with one sentence, whatever ended the role."""

import subprocess
import sys
from pathlib import Path

import pytest

from command.app.layout import RunConfig, write_config
from command.app.role import Obituary
from command.errors import ExitCode
from tests.support.command_line import TINY


def test_the_last_line_is_a_sentence_even_for_a_bug_in_a_task_group(capsys: pytest.CaptureFixture[str]) -> None:
    error = ExceptionGroup("unhandled errors in a TaskGroup", [ZeroDivisionError("division\nby zero")])
    Obituary("fleet")(type(error), error, None)
    lines = capsys.readouterr().err.splitlines()
    assert "ExceptionGroup" in lines[0]
    assert lines[-1] == "fleet: stopped by an unexpected ZeroDivisionError: division by zero"


@pytest.mark.parametrize("role", ["fleet", "missions", "hub"])
def test_a_role_without_its_time_owner_says_so(tmp_path: Path, role: str) -> None:
    folder = str(tmp_path)
    config = RunConfig(
        scenario=str(TINY), seed=3, folder=folder, sockets=folder, approves=True, keeps_journals=False, water_up_m=None
    )
    write_config(tmp_path / "config.json", config)
    told = subprocess.run(
        [sys.executable, "-m", "command.app.role", role, str(tmp_path / "config.json"), str(tmp_path / "nobody")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == ExitCode.OK, "an absent time owner is nobody's fault here"
    assert told.stderr == f"{role}: there is no time owner at {tmp_path / 'nobody'}\n"
