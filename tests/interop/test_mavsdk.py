"""An unmodified MAVSDK script flies each of three served vehicles at once, at ten times real time."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


@pytest.fixture
def tcp_ports() -> Iterator[list[int]]:
    """Ports of three copters in a process of their own."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.interop.serve_child", "3", "copter", "10", "42"], cwd=ROOT, text=True,
        stdout=subprocess.PIPE,
    )
    try:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["tcp_ports"]
        server.terminate()
        assert server.wait(timeout=5) == 0, "SIGTERM ends it cleanly"
    finally:
        server.kill()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def test_three_vehicles_fly_a_mavsdk_mission(tcp_ports: list[int]) -> None:
    scripts = [
        subprocess.Popen(
            [sys.executable, str(HERE / "scripts" / "mavsdk_mission.py"), f"tcpout://127.0.0.1:{port}"], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        for port in tcp_ports
    ]
    try:
        for script in scripts:
            output, _ = script.communicate(timeout=55)
            assert script.returncode == 0, output
            outcome = json.loads(output.splitlines()[-1])
            assert 0.00035 < outcome["farthest_deg"] < 0.0006
            assert outcome["read_back"] == 6
            assert outcome["end_offset_deg"] < 3e-5
            assert abs(outcome["end_height_m"]) < 1.0
    finally:
        for script in scripts:
            script.kill()
            script.communicate()
