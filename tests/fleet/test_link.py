"""What comes over a line: counted, quarantined when foreign, and never a disturbance."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.commands import Verb
from fleet.drivers.mavlink.step import Outgoing
from fleet.imagery import Imagery
from fleet.model import LinkState, VehicleKind
from fleet.roster import RosterEntry
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import Component
from fleet.wire.frame import parse_datagram
from fleet.wire.readings import CameraLens, PixelBox, Spectrum
from fleet.wire.tunnel import split_detections, tunnel_fields
from tests.support.fleet_bench import FleetBench, fleet_bench, run_virtual
from world.ids import VehicleId

U01, U02 = VehicleId("U01"), VehicleId("U02")
TWO = (
    RosterEntry(vehicle=U01, kind=VehicleKind.COPTER, sysid=1),
    RosterEntry(vehicle=U02, kind=VehicleKind.COPTER, sysid=2),
)


def beat(sysid: int, mode: int = 6, autopilot: int = 3, component: int = 1) -> bytes:
    return Encoder(sysid, component).encode(
        "HEARTBEAT", custom_mode=mode, type=2, autopilot=autopilot, base_mode=209, system_status=4
    )


def alarms(bench: FleetBench) -> list[str]:
    return [alarm.key for alarm in bench.bus.of("alarm") if alarm.is_active]


def test_a_foreign_system_is_quarantined_counted_and_told() -> None:
    async def main() -> None:
        async with fleet_bench(entries=TWO) as bench:
            for _ in range(3):
                bench.service.receive(U01, beat(2))
                bench.service.receive(U01, beat(77))
            assert bench.board.noise()[U01] == (0, 6)
            assert bench.state("U01").is_armed is False
            assert bench.state("U02").is_armed is False
            await bench.clock.sleep(1.1)
            assert alarms(bench) == ["U01/foreign_sender"]
            await bench.clock.sleep(12.0)
            assert [a.is_active for a in bench.bus.of("alarm")] == [True, False]

    run_virtual(main())


def test_a_flood_of_garbage_is_told_and_disturbs_nobody() -> None:
    async def main() -> None:
        async with fleet_bench(entries=TWO) as bench:
            for _ in range(20):
                bench.service.receive(U01, b"\xfd\x09" + b"boot: no MAVLink at all " * 10)
                await bench.clock.sleep(0.05)
            await bench.done(Verb.HOLD)
            assert alarms(bench) == ["U01/garbage"]
            assert bench.board.noise()[U01][0] > 1000
            assert bench.state("U01").link is LinkState.FRESH

    run_virtual(main())


def test_noise_is_no_sign_of_life() -> None:
    async def main() -> None:
        async with fleet_bench() as bench:
            bench.peers[U01].script.is_mute = True
            for _ in range(100):
                await bench.clock.sleep(0.1)
                bench.service.receive(U01, b"\x00" * 40)
            assert bench.state().link is LinkState.LOST

    run_virtual(main())


@settings(max_examples=20, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=30))
def test_no_bytes_raise(blobs: list[bytes]) -> None:
    async def main() -> None:
        async with fleet_bench(settle_s=0.5) as bench:
            for blob in blobs:
                bench.service.receive(U01, blob)

    run_virtual(main())


def test_the_camera_of_a_vehicle_does_not_speak_for_its_autopilot() -> None:
    async def main() -> None:
        async with fleet_bench() as bench:
            bench.service.receive(U01, beat(1, autopilot=8, component=100))
            assert bench.state().is_armed is False

    run_virtual(main())


def test_lenses_are_declared_once_and_images_told_once() -> None:
    async def main() -> None:
        async with fleet_bench() as bench:
            reading = CameraLens(
                hfov_deg=35.0, width_px=640, height_px=512, pitch_deg=-45.0, spectrum=Spectrum.THERMAL, rate_hz=10.0
            )
            camera = Encoder(1, Component.CAMERA)
            for _ in range(3):
                bench.service.receive(U01, camera.encode("TUNNEL", **tunnel_fields(reading)))
            lens = bench.bus.of("fleet/lens")
            assert [(each.stream, each.width_px, each.spectrum) for each in lens] == [("U01/thermal", 640, "thermal")]
            bench.peers[U01].picture()
            bench.peers[U01]._images -= 1
            bench.peers[U01].picture()
            await bench.clock.sleep(0.1)
            images = bench.bus.of("fleet/image")
            assert [image.index for image in images] == [1]
            assert images[0].utc_ns == 1_800_000_000_000_000_000

    run_virtual(main())


def test_boxes_from_on_board_are_told_when_all_messages_of_an_image_are_there() -> None:
    async def main() -> None:
        async with fleet_bench() as bench:
            boxes = [
                PixelBox(left_px=8.0 * k, top_px=4.0, right_px=8.0 * k + 6.5, bottom_px=30.0, score=1.0)
                for k in range(12)
            ]
            camera = Encoder(1, Component.CAMERA)
            first, second = (
                camera.encode("TUNNEL", **tunnel_fields(part))
                for part in split_detections(7, 1_800_000_000_000_000, boxes)
            )
            (nobody,) = split_detections(8, 1_800_000_001_000_000, [])
            bench.service.receive(U01, second)
            bench.service.receive(U01, second)
            assert bench.bus.of("fleet/detections") == []
            bench.service.receive(U01, first + camera.encode("TUNNEL", **tunnel_fields(nobody)))
            whole, empty = bench.bus.of("fleet/detections")
            assert (whole.vehicle, whole.index, whole.utc_ns) == (U01, 7, 1_800_000_000_000_000_000)
            assert [box.left_px for box in whole.boxes] == [box.left_px for box in boxes]
            assert (empty.index, empty.boxes) == (8, ())

    run_virtual(main())


def test_messages_of_boxes_that_stay_unfinished_are_forgotten() -> None:
    imagery = Imagery(U01)
    decoder = Decoder(["TUNNEL"])
    boxes = [PixelBox(left_px=1.0, top_px=1.0, right_px=2.0, bottom_px=2.0, score=0.5)] * 11

    def hear(image: int, part: int) -> object:
        fields = tunnel_fields(split_detections(image, 1_000_000 + image, boxes)[part])
        message = decoder.decode(parse_datagram(Encoder(1, Component.CAMERA).encode("TUNNEL", **fields))[0])
        assert message is not None
        return imagery.tunnelled(message)

    assert [hear(image, 0) for image in range(9)] == [None] * 9
    assert hear(0, 1) is None, "its first half is too long ago"
    assert hear(8, 1) is not None


def test_what_the_guard_holds_back_is_counted_and_told() -> None:
    async def main() -> None:
        async with fleet_bench() as bench:
            now = bench.clock.now()
            wrong = Outgoing(name="MISSION_CLEAR_ALL", fields={
                "target_system": 1, "target_component": 1, "mission_type": 0
            })
            session = bench.service.session(U01)
            assert session.send_by(bench.board.paths(U01).primary, wrong, now) is not None
            assert session.held_back == 1
            await bench.clock.sleep(1.1)
            assert alarms(bench) == ["U01/guard_held_back"]

    run_virtual(main())
