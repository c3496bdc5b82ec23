"""Component 100: who it is, its lenses, pictures by command and by distance, and how true their announcement is."""

import numpy as np
import pytest

from fleet.wire.enums import Command, MavResult
from fleet.wire.readings import CameraLens, Spectrum
from fleet.wire.tunnel import TunnelCounters, unpack_message
from sim.autopilot.camera import Capture
from tests.sim.support import FRAME, Place, Station, bare, fly_off, item, spec
from world.attitude import Quaternion
from world.position import Geodetic


def one() -> Station:
    (station,) = Place([spec()]).stations.values()
    return station


def captures(station: Station) -> list[Capture]:
    return [capture for _, capture in station.place.captures]


def test_it_beats_as_a_camera_and_declares_its_lenses_every_second() -> None:
    station = one()
    station.place.pass_time(5.1)
    beats = [message for component, message in station.heard if component == 100 and message.SPEC.name == "HEARTBEAT"]
    assert [message.type for message in beats] == [30] * len(beats)
    assert len(beats) in (5, 6)
    counters = TunnelCounters()
    lenses = [unpack_message(message, counters) for message in station.all("TUNNEL")][:2]
    assert [(lens.instance, lens.spectrum, lens.width_px) for lens in lenses if isinstance(lens, CameraLens)] == [
        (0, Spectrum.VISIBLE, 640), (1, Spectrum.THERMAL, 640),
    ]


def test_one_picture_by_command_to_either_component() -> None:
    station = one()
    for component, command in ((100, Command.IMAGE_START_CAPTURE), (1, Command.DO_DIGICAM_CONTROL)):
        assert station.command(command, 0, 0, 1, component=component) is MavResult.ACCEPTED
        station.place.pass_time(1)
    announced = station.all("CAMERA_IMAGE_CAPTURED")
    assert [message.image_index for message in announced] == [0, 1]
    assert [capture.index for capture in captures(station)] == [0, 1]
    assert [message.time_utc * 1000 for message in announced] == [capture.utc_ns for capture in captures(station)]
    assert station.command(Command.NAV_TAKEOFF, component=100) is MavResult.UNSUPPORTED


def test_pictures_by_distance_and_their_announced_poses() -> None:
    station = one()
    station.upload([
        item(16), item(22, 0, 0, 30), bare(178, 1, 6), item(16, 20, 0, 30), bare(206, 12, 0, 1), item(16, 164, 0, 30),
        bare(206, 0), item(16, 164, 60, 30),
    ])
    station.mode(4)
    station.arm()
    station.command(Command.MISSION_START)
    station.place.pass_time(60)
    taken, announced = captures(station), station.all("CAMERA_IMAGE_CAPTURED")
    assert len(taken) == len(announced)
    assert len(taken) in (12, 13)
    steps = np.diff([capture.position.east_m for capture in taken])
    assert np.abs(steps - 12).max() < 0.6
    for capture, message in zip(taken, announced, strict=True):
        at = FRAME.to_enu(Geodetic(lat_deg=message.lat / 1e7, lon_deg=message.lon / 1e7, height_m=message.alt / 1e3))
        off = np.array([at.east_m - capture.position.east_m, at.north_m - capture.position.north_m])
        assert 0 < np.linalg.norm(off) < 4
        said = Quaternion(w=message.q[0], x=message.q[1], y=message.q[2], z=message.q[3]).matrix()[:, 0]
        assert np.degrees(np.arccos(said @ capture.attitude.matrix()[:, 0])) < 4
        assert np.degrees(np.arcsin(said[2])) == pytest.approx(45, abs=3), "the optical axis looks 45 degrees down"


def test_a_region_of_interest_turns_nose_and_camera() -> None:
    station = one()
    fly_off(station, 30)
    there = item(195, 12, -30, 0)
    station.say(
        "COMMAND_INT", target_system=1, target_component=1, frame=6, command=195, current=0, autocontinue=0, param1=0,
        param2=0, param3=0, param4=0, x=there["x"], y=there["y"], z=0,
    )
    station.place.pass_time(6)
    truth = station.place.service.truth()
    q = truth.lens_attitude[0]
    axis = Quaternion(w=q[0], x=q[1], y=q[2], z=q[3]).matrix()[:, 0]
    down = truth.lens_position[0] - (12, -30, 0)
    towards = -np.array([down[1], down[0], -down[2]]) / np.linalg.norm(down)
    assert axis @ towards > 0.995
    station.command(Command.DO_SET_ROI_NONE)
    assert np.degrees(station.place.service.machines[0].camera_pitch_rad or 0) == pytest.approx(-45)
