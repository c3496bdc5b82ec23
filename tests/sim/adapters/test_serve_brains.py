"""Serving bodies to programs it starts: what they are told, what they find, and how their ends are said."""

import json
import stat
import time
from pathlib import Path

import pytest

from sim.adapters.bodies.frames import Autopilot, Frame, NoSuchFrame, frame_of
from sim.adapters.launch import BadBinary, checked_binary, start_of
from sim.adapters.serve import BrainEnded, BrainOptions, Ready, serve_brains
from sim.vehicles.spec import Kind
from world.position import Geodetic

HOME = Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=900.0)
PROGRAM = """#!/usr/bin/env python3
# Takes ArduPilot's options, flies a second with idle motors, writes down what it saw, goes on until ended.
import json, pathlib, socket, struct, sys
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
port = int(options.get("--sim-port-out", 9002 + 10 * int(options["-I"])))
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.settimeout(20)
count = 0
while True:
    link.sendto(struct.pack("<HHI16H", 18458, 400, count, *[1000] * 16), ("127.0.0.1", port))
    state = json.loads(link.recv(1024))
    count += 1
    if count == 400:
        options["parameters"] = pathlib.Path("frame.parm").read_text()
        options["state"] = state
        pathlib.Path("flown.part").write_text(json.dumps(options))
        pathlib.Path("flown.part").rename("flown.json")
"""


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_two_instances_are_started_told_who_they_are_and_ended(tmp_path: Path) -> None:
    seen: list[Ready] = []
    reports = [tmp_path / "work" / str(instance) / "flown.json" for instance in range(2)]
    by_s = time.monotonic() + 60.0

    def is_over() -> bool:
        assert time.monotonic() < by_s, "they did not fly"
        return all(report.exists() for report in reports)

    serve_brains(BrainOptions(
        autopilot=Autopilot.ARDUPILOT, frame=Frame.HEXA_X, vehicles=2, first_port=0, work=tmp_path / "work",
        binary=program(tmp_path / "arducopter", PROGRAM), defaults=tmp_path / "mine.parm", speed=2.0,
    ), time.monotonic, on_ready=seen.append, is_over=is_over)
    told = [json.loads(report.read_text()) for report in reports]
    assert [(each["-I"], each["--sysid"]) for each in told] == [("0", "1"), ("1", "2")]
    assert told[0]["--home"] == "35.4900000,112.8500000,900.00,0.0"
    assert told[0]["--defaults"] == f"frame.parm,{tmp_path / 'mine.parm'}"
    assert told[0]["parameters"] == "FRAME_CLASS 2\nFRAME_TYPE 1\n"
    assert [each["state"]["timestamp"] for each in told] == [1.0, 1.0]
    assert seen[0].vehicles == ("U01", "U02")
    assert seen[0].is_started


def test_a_program_that_ends_is_one_sentence(tmp_path: Path) -> None:
    binary = program(tmp_path / "arducopter", "#!/bin/sh\necho no eeprom\nexit 3\n")
    with pytest.raises(BrainEnded, match=r"arducopter ended with status 3: its last words are in .*/0/words\.log"):
        serve_brains(BrainOptions(
            autopilot=Autopilot.ARDUPILOT, frame=Frame.QUAD_X, first_port=0, binary=binary, work=tmp_path / "work",
        ), time.monotonic)
    assert (tmp_path / "work/0/words.log").read_text() == "no eeprom\n"


def test_what_is_no_program_is_said_before_anything_is_bound(tmp_path: Path) -> None:
    plain = tmp_path / "px4"
    plain.write_text("")
    with pytest.raises(BadBinary, match="name build/sitl/bin/arduplane of ArduPilot with --binary"):
        checked_binary(plain, Frame.PLANE, Autopilot.ARDUPILOT)
    with pytest.raises(BadBinary, match="no folder etc beside its bin"):
        checked_binary(program(tmp_path / "lone/bin/px4", ""), Frame.QUAD_X, Autopilot.PX4)
    (tmp_path / "built/etc").mkdir(parents=True)
    binary = program(tmp_path / "built/bin/px4", "")
    assert checked_binary(binary, Frame.QUAD_X, Autopilot.PX4) == binary
    foreign = program(tmp_path / "arducopter", "\x7fELF of another machine")
    with pytest.raises(BadBinary, match="cannot be run here"):
        serve_brains(BrainOptions(
            autopilot=Autopilot.ARDUPILOT, frame=Frame.QUAD_X, first_port=0, binary=foreign, work=tmp_path / "work",
        ), time.monotonic)


def test_the_command_of_a_px4_and_of_an_ardupilot_at_another_port() -> None:
    px4 = start_of(
        Frame.SUB_HEAVY, Autopilot.PX4, 3, binary="/opt/build/bin/px4", home=HOME, heading_deg=0.0, speed=1.0,
        body_port=4563,
    )
    assert px4.command == ("/opt/build/bin/px4", "-i", "3", "-d", "/opt/build/etc")
    assert px4.environment == {
        "PX4_SIM_MODEL": "gazebo-classic_uuv_bluerov2_heavy", "PX4_SIM_HOSTNAME": "127.0.0.1",
    }
    rover = start_of(
        Frame.TRACKS, Autopilot.ARDUPILOT, 1, binary="ardurover", home=HOME, heading_deg=90.0, speed=5.0,
        body_port=9100,
    )
    assert rover.command[-2:] == ("--sim-port-out", "9100")
    assert "SERVO1_FUNCTION 73\nSERVO3_FUNCTION 74\n" in rover.files["frame.parm"]
    sub = start_of(
        Frame.SUB, Autopilot.ARDUPILOT, 0, binary="ardusub", home=HOME, heading_deg=0.0, speed=1.0, body_port=9002,
    )
    assert sub.command[sub.command.index("--home") + 1] == "35.4900000,112.8500000,0.00,0.0"
    assert rover.mavlink == "tcpout://127.0.0.1:5770"


def test_frames_an_autopilot_cannot_steer_are_named_with_those_it_can() -> None:
    assert frame_of(Autopilot.ARDUPILOT, Kind.ROVER, None) is Frame.TRACKS
    assert frame_of(Autopilot.PX4, Kind.SUB, None) is Frame.SUB_HEAVY
    with pytest.raises(NoSuchFrame, match=r"no copter of frame 'octo_x' here: choose one of quad_x, hexa_x"):
        frame_of(Autopilot.PX4, Kind.COPTER, "octo_x")


def test_every_frame_of_either_autopilot_can_be_served() -> None:
    for autopilot in Autopilot:
        for kind in Kind:
            seen: list[Ready] = []
            serve_brains(
                BrainOptions(autopilot=autopilot, frame=frame_of(autopilot, kind, None), first_port=0), time.monotonic,
                on_ready=seen.append, is_over=lambda: True,
            )
            assert len(seen[0].body_ports) == 1
