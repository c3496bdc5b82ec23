"""What people get wrong ends in one sentence that says what to do, before anything was started."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from command.cli import main
from tests.support.command_line import TINY, Run, taihang, tiny

COMMANDS = [
    ("demo",),
    ("replay",),
    ("doctor",),
    ("bench",),
    ("sim", "serve"),
    ("sim", "check"),
    ("sim", "preview"),
    ("sim", "run"),
    ("sim", "diff"),
    ("sim", "export"),
    ("sim", "gazebo"),
    ("perception", "weights"),
    ("perception", "watch"),
    ("record", "verify"),
    ("record", "show"),
    ("up",),
    ("link", "list"),
    ("link", "watch"),
    ("vehicle", "list"),
    *(
        ("vehicle", "U01", name)
        for name in (
            "show", "arm", "disarm", "takeoff", "goto", "hold", "return", "land", "stop", "kill", "params", "failsafes",
            "profile",
        )
    ),
    ("vehicle", "U01", "log", "list"),
    ("vehicle", "U01", "log", "get"),
    ("vehicle", "U01", "files", "ls"),
    ("vehicle", "U01", "files", "get"),
    ("vehicle", "U01", "fence", "show"),
    ("vehicle", "U01", "rally", "show"),
]


def sentence(run: Run, *, status: int, within_s: float = 60.0) -> str:
    """What it said on stderr: one line, nothing on stdout, nobody left."""
    assert run.end(within_s=within_s) == status, run.err
    assert run.out == ""
    assert run.err.count("\n") == 1, run.err
    assert run.err.startswith("taihang: ")
    assert run.left_behind() == []
    return run.err


@pytest.mark.parametrize(
    ("written", "instead", "line", "field"),
    [
        ("size_m = 600", "size_m = 600\nsize_mm = 3", 14, "terrain.size_mm"),
        ("size_m = 600", 'size_m = "wide"', 13, "terrain.size_m"),
        ("home_m = [0, -90]", "home_m = [0, -9000]", 56, "vehicles[0].home_m"),
        ("[terrain]", "[terrain", 12, ""),
    ],
)
def test_a_broken_scenario_is_explained(tmp_path: Path, written: str, instead: str, line: int, field: str) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(TINY.read_text().replace(written, instead))
    with taihang("demo", "--headless", "--scenario", str(broken), "--report", str(tmp_path / "out")) as run:
        said = sentence(run, status=2)
    assert str(broken) in said
    assert f"line {line}" in said
    assert field in said
    assert not (tmp_path / "out").exists()


def test_an_unknown_scenario_is_named_with_those_there_are(tmp_path: Path) -> None:
    with taihang("demo", "--headless", "--scenario", "nowhere", "--report", str(tmp_path / "out")) as run:
        said = sentence(run, status=2)
    assert "nowhere" in said
    assert "quick_search" in said


def test_a_report_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with taihang(*tiny(tmp_path / "out")) as run:
        assert "name another folder" in sentence(run, status=2)
    assert (tmp_path / "out").read_text() == "mine"


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder that even root cannot write."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "none", folder], capture_output=True)
    if mounted.returncode != 0:
        folder.chmod(0o555)
        if os.access(folder, os.W_OK):
            pytest.skip("root without the right to mount can write everywhere")
    yield folder
    subprocess.run(["umount", folder], capture_output=True)


def test_a_report_folder_that_is_read_only(read_only: Path) -> None:
    with taihang(*tiny(read_only)) as run:
        assert "name another folder" in sentence(run, status=2)
    with taihang(*tiny(read_only / "out")) as run:
        assert "name another folder" in sentence(run, status=2)


def test_a_used_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with taihang(*tiny(tmp_path / "out", "--port", port)) as run:
            said = sentence(run, status=3)
    assert port in said
    assert "--port" in said
    assert list((tmp_path / "out").glob("*.log")) == []


def test_a_temporary_folder_too_long_for_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20)
    deep.mkdir()
    with taihang(*tiny(tmp_path / "out"), TMPDIR=str(deep)) as run:
        assert "set TMPDIR" in sentence(run, status=3)


@pytest.mark.parametrize("path", [None, "/nowhere"], ids=["registry closed", "no npm"])
def test_missing_weights_that_cannot_be_fetched(tmp_path: Path, path: str | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        registry = f"http://127.0.0.1:{closed.getsockname()[1]}"
    more = {} if path is None else {"PATH": path}
    cache = str(tmp_path / "cache")
    with taihang(*tiny(tmp_path / "out"), XDG_CACHE_HOME=cache, npm_config_registry=registry, **more) as run:
        assert run.end(within_s=60.0) == 3
        assert "144 MB" in run.out
        assert "taihang perception weights" in run.err
        assert run.err.count("\n") == 1
    assert list((tmp_path / "out").glob("*.log")) == []


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_helps_with_an_example(command: tuple[str, ...]) -> None:
    helped = CliRunner().invoke(main.app_of([command[0]]), [*command, "--help"], prog_name="taihang")
    assert helped.exit_code == 0
    assert f"taihang {' '.join(command)}" in helped.output.split("Example", 1)[1]


def test_the_doctor_speaks_json_and_lacks_no_luxury(tmp_path: Path) -> None:
    with taihang("doctor", "--json", XDG_CACHE_HOME=str(tmp_path), PATH="/nowhere") as run:
        assert run.end(within_s=30) == 0
    findings = {finding["name"]: finding for finding in json.loads(run.out)}
    assert not findings["chromium"]["is_well"]
    assert not findings["detector weights"]["is_well"]
    assert all(finding["is_well"] for finding in findings.values() if finding["is_needed"])


def test_a_command_without_a_record_says_what_to_name(tmp_path: Path) -> None:
    (tmp_path / "events.db").write_bytes(b"\0" * 9000)
    for command in (("record", "verify"), ("replay",)):
        with taihang(*command, str(tmp_path / "events.db")) as run:
            assert "events.db" in sentence(run, status=2)
    with taihang("record", "show", str(tmp_path / "nothing")) as run:
        assert "does not exist" in sentence(run, status=2)
