"""Each capture gets the picture nearest to it in time, once, in order; viewers get it with the capture's time."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.adapters.gazebo.bridge import Picture
from sim.adapters.gazebo.camera import Exposed, GazeboCameras
from sim.adapters.gazebo.model import Pictures
from sim.adapters.gazebo.show import Show
from sim.adapters.gazebo.wire import ImageHeader
from sim.autopilot.camera import Capture
from sim.engine.columns import TICK_NS
from sim.video.server import RtspServer
from tests.sim.video.client import UTC_NS, Client, with_server
from tests.support.clocks import StillClock
from world.attitude import Quaternion
from world.ids import VehicleId
from world.position import Enu
from world.time import Instant

U01, U02 = VehicleId("U01"), VehicleId("U02")
PERIOD_TICKS = 25
SIZE = (64, 48)


def camera(vehicle: VehicleId) -> Pictures:
    return Pictures(vehicle=vehicle, width_px=SIZE[0], height_px=SIZE[1], hfov_deg=40, pitch_deg=-45, rate_hz=10)


def picture(tick: int, number: int = 0) -> Picture:
    rgb = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    header = ImageHeader(
        camera=number, width_px=SIZE[0], height_px=SIZE[1], size_bytes=rgb.size, t_ns=tick * TICK_NS,
        position_m=(0, 0, 0), attitude=(1, 0, 0, 0),
    )
    return Picture(header=header, t_ns=tick * TICK_NS, rgb=rgb)


def capture(tick: int, index: int, vehicle: VehicleId = U01) -> Capture:
    return Capture(
        vehicle=vehicle, index=index, tick=tick, utc_ns=UTC_NS + tick * TICK_NS,
        position=Enu(east_m=0, north_m=0, up_m=0), attitude=Quaternion(w=1, x=0, y=0, z=0),
    )


@settings(max_examples=60)
@given(st.lists(st.integers(0, 80), min_size=1, max_size=12, unique=True))
def test_captures_get_the_nearest_picture_in_order(steps: list[int]) -> None:
    out: list[Exposed] = []
    cameras = GazeboCameras([camera(U01)], on_exposed=out.append)
    ticks = sorted(step * 5 for step in steps)
    for now in range(0, 700, 5):
        if now in ticks:
            cameras.capture(0, capture(now, ticks.index(now)))
        if now % PERIOD_TICKS == 0 and now:
            cameras.see(picture(now - PERIOD_TICKS))  # they come one period late
    assert [exposed.capture.index for exposed in out] == list(range(len(ticks)))
    assert all(abs(exposed.late_ns) <= PERIOD_TICKS * TICK_NS / 2 for exposed in out)


def test_a_vehicle_without_a_camera_in_gazebo_is_left_out() -> None:
    out: list[Exposed] = []
    cameras = GazeboCameras([camera(U02)], on_exposed=out.append)
    cameras.capture(0, capture(10, 0, U01))
    cameras.capture(1, capture(10, 0, U02))
    cameras.see(picture(15))
    assert [(exposed.capture.vehicle, exposed.late_ns) for exposed in out] == [(U02, 5 * TICK_NS)]


def test_viewers_get_captures_and_the_live_view() -> None:
    async def use(server: RtspServer) -> tuple[int, int]:
        show = Show(server, StillClock(at=Instant(mono_ns=0, utc_ns=UTC_NS)), [camera(U01)])
        show.see(picture(0))
        clients = [await Client.open(server.port, f"/U01/{name}") for name in ("rgb", "live")]
        for client in clients:
            await client.play()
        show.capture(0, capture(20, 0))
        show.see(picture(25))
        for client in clients:
            await client.take(1)
            client.close()
        return len(clients[0].rtp), len(clients[1].rtp)

    rgb, live = with_server(use)
    assert rgb > 0
    assert live > 0
