"""Camera protocol v2 and gimbal manager v2 over bytes: what is ordered is what is shown, once, over bad links too."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.commands import AckResult, Command, PayloadOrder, Verb
from fleet.drivers.mavlink.step import Run, Talk
from fleet.drivers.payloads.camera.control import DRIVER as CAMERA
from fleet.drivers.payloads.camera.image import GAP_TRIES, ImageGaps
from fleet.drivers.payloads.camera.state import CameraState
from fleet.drivers.payloads.gimbal.control import DRIVER as GIMBAL
from fleet.drivers.payloads.gimbal.state import GimbalState
from fleet.drivers.payloads.operate import operate
from fleet.drivers.payloads.registry import PayloadStates, fold
from fleet.wire.enums import CameraCapability, Component, GimbalError, StorageStatus
from sim.payloads.gimbal import Gimbal
from sim.vehicles.spec import Kind
from tests.fleet.drivers.test_fold import NOW, frame, known
from tests.sim.support import FRAME, spec
from tests.support.conversation import Conversation
from tests.support.fleet_bench import PILOT
from tests.support.rough_channel import Roughness
from world.ids import CommandId
from world.position import Enu

DRIVERS = {driver.name: driver for driver in (CAMERA, GIMBAL)}
WORST = Roughness(seed=3, lost=0.3, repeated=0.3, delay_s=0.5)


class Carrier(Conversation):
    """A copter with a camera on a gimbal; `states` as the fleet knows them."""

    def __init__(self, how: Roughness = Roughness(seed=0)) -> None:  # noqa: B008
        super().__init__(spec(Kind.COPTER, payloads=("gimbal",)), how)
        self.orders = 0

    @property
    def states(self) -> PayloadStates:
        states: PayloadStates = {}
        for _, message in self.heard:
            states = fold(states, message, self.now, DRIVERS)
        return states

    @property
    def gimbal(self) -> Gimbal:
        rack = self.service.machines[0].payloads
        twin = rack.twin("gimbal") if rack is not None else None
        assert isinstance(twin, Gimbal)
        return twin

    def order(self, payload: str, action: str, **setpoints: float) -> Run:
        self.orders += 1
        command = Command(
            id=CommandId(f"o{self.orders}"), vehicle=self.spec.id, verb=Verb.OPERATE, issued_by=PILOT,
            deadline=self.now.plus_s(60.0), order=PayloadOrder(payload=payload, action=action, setpoints=setpoints),
        )
        return self.perform(operate(self.talk, command, DRIVERS), within_s=90.0)

    def done(self, payload: str, action: str, **setpoints: float) -> None:
        run = self.order(payload, action, **setpoints)
        assert run.result is AckResult.ACCEPTED, run.reason


def camera_of(carrier: Carrier) -> CameraState:
    state = carrier.states["camera", 0]
    assert isinstance(state, CameraState)
    return state


def test_a_camera_says_what_it_is() -> None:
    carrier = Carrier()
    carrier.done("camera", "describe")
    state = camera_of(carrier)
    assert (state.vendor, state.model) == ("Taihang", "simulated camera")
    assert state.abilities is not None
    assert CameraCapability.CAPTURE_IMAGE in state.abilities
    assert (state.width_px, state.height_px) == (640, 512)
    assert state.storage is StorageStatus.READY
    assert state.free_mib == 32_000.0
    carrier.done("camera", "streams")


def test_modes_video_and_series_are_shown_not_promised() -> None:
    carrier = Carrier()
    carrier.done("camera", "video_mode")
    assert camera_of(carrier).mode == 1
    carrier.done("camera", "photo_mode")
    carrier.done("camera", "start_video")
    carrier.pass_time(5.0)
    carrier.done("camera", "stop_video")
    assert camera_of(carrier).is_recording is False
    carrier.done("camera", "start_images", interval_s=2.0, images=4)
    carrier.pass_time(20.0)
    assert carrier.ship.camera is not None
    assert carrier.ship.camera.count == 4
    carrier.done("camera", "start_images", interval_s=1.0)
    carrier.pass_time(10.0)
    carrier.done("camera", "safe")
    count = carrier.ship.camera.count
    assert count >= 4 + 10
    carrier.pass_time(5.0)
    assert carrier.ship.camera.count == count
    free_mib = camera_of(carrier).free_mib
    assert free_mib is not None
    assert free_mib < 32_000.0 - 4.0 * count


def test_what_a_camera_cannot_do_ends_with_its_refusal() -> None:
    carrier = Carrier()
    run = carrier.order("camera", "zoom", zoom_pct=40.0)
    assert run.result is AckResult.REFUSED_BY_VEHICLE
    assert "SET_CAMERA_ZOOM unsupported" in run.reason
    assert "outside its limits" in carrier.order("camera", "zoom", zoom_pct=140.0).reason


def test_a_zoom_is_done_when_the_settings_show_it() -> None:
    here = known()
    talk = Talk(sysid=1, known=lambda: here, on_mission=lambda mission: None)
    order = PayloadOrder(payload="camera", action="zoom", setpoints={"zoom_pct": 40.0})
    command = Command(
        id=CommandId("z"), vehicle=here.state.vehicle, verb=Verb.OPERATE, issued_by=PILOT, deadline=NOW.plus_s(9.0),
        order=order,
    )
    run = Run(operate(talk, command, DRIVERS))
    (sent,) = run.begin(here, NOW)
    assert (sent.fields["command"], sent.fields["param1"], sent.fields["param2"]) == (531, 2.0, 40.0)
    assert sent.fields["target_component"] == Component.CAMERA

    def said(zoom: float, at_s: float) -> None:
        run.hear(
            frame("CAMERA_SETTINGS", time_boot_ms=int(1000 * at_s), mode_id=0, zoomLevel=zoom, focusLevel=0.0), here,
            NOW.plus_s(at_s),
        )

    said(10.0, 2.1)
    assert run.result is None
    said(40.0, 2.6)
    assert run.result is AckResult.ACCEPTED


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**16), st.sampled_from([0.0, 0.3]), st.sampled_from([0.0, 0.5]))
def test_one_order_is_one_image_however_bad_the_link(seed: int, lost: float, delay_s: float) -> None:
    carrier = Carrier(Roughness(seed=seed, lost=lost, repeated=0.3, delay_s=delay_s))
    for number in range(3):
        before = 0 if carrier.ship.camera is None else carrier.ship.camera.count
        run = carrier.order("camera", "image")
        carrier.pass_time(2.0)
        assert carrier.ship.camera is not None
        taken = carrier.ship.camera.count - before
        assert taken <= 1, number
        assert (run.result is AckResult.ACCEPTED) <= (taken == 1)


def test_a_lost_announcement_is_asked_for_again() -> None:
    carrier = Carrier(Roughness(seed=5, lost=0.4))
    gaps = ImageGaps(carrier.talk)
    carrier.done("camera", "start_images", interval_s=1.0, images=20)
    told: set[int] = set()
    for _ in range(600):
        fresh = len(carrier.heard)
        carrier.pass_time(0.1)
        for _, message in carrier.heard[fresh:]:
            gaps.hear(message, carrier.now)
            if message.SPEC.name == "CAMERA_IMAGE_CAPTURED":
                told.add(message.image_index)
        for each in gaps.requests(carrier.now):
            carrier.say(each.name, **each.fields)
    first = min(told)
    assert len(told) + gaps.given_up + len(gaps.missing) >= 20 - first
    assert len(told) >= 18 - first
    assert gaps.missing == ()


def test_gaps_are_bounded_and_given_up() -> None:
    here = known()
    gaps = ImageGaps(Talk(sysid=1, known=lambda: here, on_mission=lambda mission: None))

    def image(index: int) -> None:
        gaps.hear(frame(
            "CAMERA_IMAGE_CAPTURED", time_utc=0, time_boot_ms=0, lat=0, lon=0, alt=0, relative_alt=0,
            q=(1.0, 0.0, 0.0, 0.0), image_index=index, camera_id=0, capture_result=1, file_url="",
        ), NOW)

    image(5)
    image(2_000_000_000)
    assert len(gaps.missing) == 64
    asked = [each for second in range(2000) for each in gaps.requests(NOW.plus_s(2.0 * second))]
    assert len(asked) == 64 * GAP_TRIES
    assert len(gaps.missing) == 0
    image(0)
    image(2)
    assert list(gaps.missing) == [1]


def gimbal_of(carrier: Carrier) -> GimbalState:
    state = carrier.states["gimbal", 0]
    assert isinstance(state, GimbalState)
    return state


def test_a_gimbal_turns_at_its_rate_and_its_camera_with_it() -> None:
    carrier = Carrier()
    carrier.pass_time(1.0)
    begun_s = carrier.elapsed_s
    carrier.done("gimbal", "point", pitch_deg=-90.0, yaw_deg=120.0)
    assert carrier.elapsed_s - begun_s >= 120.0 / 60.0
    state = gimbal_of(carrier)
    assert state.controller == (255, 190)
    assert state.pitch_deg == pytest.approx(-90.0, abs=2.0)
    assert carrier.ship.camera is not None
    assert math.degrees(carrier.ship.camera.pitch_rad) == pytest.approx(-90.0, abs=0.1)
    assert math.degrees(carrier.ship.camera.yaw_rad) == pytest.approx(120.0, abs=0.1)
    carrier.done("gimbal", "level")
    beats = {compid for compid, message in carrier.heard if message.SPEC.name == "HEARTBEAT"}
    assert Component.GIMBAL in beats


def test_a_gimbal_obeys_nobody_who_has_not_taken_control() -> None:
    carrier = Carrier()
    fields = dict.fromkeys((f"param{k}" for k in range(1, 8)), 0.0) | {"param1": -40.0}
    me = {"target_system": 1, "target_component": 1, "command": 1000, "confirmation": 0}
    carrier.say("COMMAND_LONG", **fields, **me)
    carrier.pass_time(1.0)
    assert [ack.result for ack in carrier.all("COMMAND_ACK")] == [2]
    assert carrier.gimbal.pitch_rad == 0.0


def test_a_broken_gimbal_is_said_to_be_broken() -> None:
    carrier = Carrier()
    carrier.gimbal.fail(int(GimbalError.MOTOR_ERROR))
    run = carrier.order("gimbal", "point", pitch_deg=-45.0)
    assert run.result is not AckResult.ACCEPTED


def test_a_gimbal_keeps_its_eye_on_a_place() -> None:
    carrier = Carrier()
    blind = carrier.order("gimbal", "watch", lat_deg=35.0, lon_deg=112.0, height_m=900.0)
    assert "home of the vehicle is not known" in blind.reason
    for number in (33.0, 242.0):
        carrier.say(
            "COMMAND_LONG", target_system=1, target_component=1, command=511, confirmation=0, param1=number,
            param2=2e5, **dict.fromkeys((f"param{k}" for k in range(3, 8)), 0.0),
        )
    carrier.until(lambda: carrier.known.state.position is not None and carrier.known.state.home is not None, 10.0)
    place = FRAME.to_geodetic(Enu(east_m=112.0, north_m=80.0, up_m=-30.0))
    carrier.done("gimbal", "watch", lat_deg=place.lat_deg, lon_deg=place.lon_deg, height_m=place.height_m)
    carrier.done("gimbal", "stop")
    assert carrier.ship.watched is None


@pytest.mark.parametrize(("payload", "action", "setpoints"), [
    ("camera", "describe", {}), ("camera", "image", {}), ("camera", "start_images", {"interval_s": 2.0}),
    ("camera", "start_video", {}), ("camera", "safe", {}), ("gimbal", "point", {"pitch_deg": -60.0}),
    ("gimbal", "level", {}), ("gimbal", "safe", {}),
])
def test_over_the_worst_link_orders_end_and_are_true(payload: str, action: str, setpoints: dict[str, Any]) -> None:
    carrier = Carrier(replace(WORST, seed=len(action)))
    run = carrier.order(payload, action, **setpoints)
    assert run.result is not None
    if run.result is AckResult.ACCEPTED and action == "point":
        assert math.degrees(carrier.gimbal.pitch_rad) == pytest.approx(-60.0, abs=3.0)


@given(st.floats(width=32), st.floats(width=32), st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1))
def test_nonsense_from_a_gimbal_changes_no_angle_to_nonsense(w: float, x: float, failures: int, flags: int) -> None:
    states = fold({}, frame(
        "GIMBAL_DEVICE_ATTITUDE_STATUS", time_boot_ms=5, q=(w, x, 0.0, 0.0), angular_velocity_x=w,
        angular_velocity_y=x, angular_velocity_z=w, failure_flags=failures, flags=flags, target_system=0,
        target_component=0,
    ), NOW, DRIVERS)
    state = states.get(("gimbal", 0))
    if isinstance(state, GimbalState) and state.pitch_deg is not None:
        assert math.isfinite(state.pitch_deg)
        assert state.rate_deg_s is None or math.isfinite(state.rate_deg_s)
