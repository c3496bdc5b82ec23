"""The server as a child process: its first line is the address, a signal ends it, what hinders it is one sentence."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from tests.support import story

COMMAND = [sys.executable, "-m", "command.web"]


def failed(*arguments: str) -> tuple[int, str]:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stderr.strip()


def test_it_prints_its_address_serves_and_ends_at_a_signal(tmp_path: Path) -> None:
    story.write_terrain(tmp_path / "terrain.npz")
    arguments = ["--hub", str(tmp_path / "none.sock"), "--terrain", str(tmp_path / "terrain.npz"), "--title", "Drill"]
    arguments += ["--eyes", "model"]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            address = child.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
            with opener.open(address, timeout=10) as page:
                assert b'<div id="app">' in page.read()
            with opener.open(address.partition("?")[0] + "api/site", timeout=10) as site:
                told = json.load(site)
            assert (told["title"], told["eyes"], told["is_simulated"]) == ("Drill", "model", True)
        finally:
            child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=5) in (0, -signal.SIGTERM)


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, said = failed("--hub", str(tmp_path / "hub.sock"), "--port", str(other.getsockname()[1]))
    assert (code, said.count("\n")) == (3, 0)
    assert "choose another port" in said


def test_a_missing_record_or_survey_is_one_sentence(tmp_path: Path) -> None:
    code, said = failed("--replay", str(tmp_path / "events.db"))
    assert (code, said.count("\n")) == (3, 0)
    (tmp_path / "terrain.npz").write_text("not a survey")
    code, said = failed("--hub", str(tmp_path / "hub.sock"), "--terrain", str(tmp_path / "terrain.npz"))
    assert (code, said.count("\n")) == (3, 0)
    assert "terrain.npz is not a terrain survey" in said
