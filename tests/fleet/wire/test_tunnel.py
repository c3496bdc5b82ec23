"""Taihang's TUNNEL payloads: golden bytes per kind, every field there and back, and bad bytes counted."""

import json
import struct
from dataclasses import fields, replace
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.wire import tunnel
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder, ValueOutOfRange
from fleet.wire.enums import Command
from fleet.wire.frame import parse_datagram
from fleet.wire.readings import (
    Bearer,
    CameraLens,
    GasReading,
    GeophoneArrival,
    Knock,
    OnboardDetections,
    Payload,
    PayloadAction,
    PayloadCommand,
    PayloadState,
    PayloadStatus,
    PhoneRssi,
    PixelBox,
    Reading,
    Spectrum,
    UwbRange,
)

reproducible = settings(derandomize=True, deadline=None)
GOLDEN = Path(__file__).parents[2] / "golden" / "wire" / "tunnel.json"

class Site(TypedDict):
    latitude_deg: float
    longitude_deg: float
    altitude_amsl_m: float


SITE = Site(latitude_deg=35.49, longitude_deg=112.85, altitude_amsl_m=1234.5)
NOW = 1_780_000_000_000_000

RANGE = UwbRange(instance=2, time_utc_us=NOW, **SITE, tag_id=77, range_m=12.5, sigma_m=0.25, nlos_probability=None)
ORDER = PayloadCommand(
    payload=Payload.WATER_MONITOR, action=PayloadAction.START, command_id=2**40, deadline_utc_us=NOW + 1_000_000,
    setpoints=(30.0, 45.0, None, None), approval=bytes(range(8)),
)
BOX = PixelBox(left_px=312.5, top_px=100.0, right_px=322.75, bottom_px=127.125, score=1.0)
FOUND = OnboardDetections(
    time_utc_us=NOW, image_index=41, part=(1, 2), boxes=(BOX, replace(BOX, left_px=0.0, score=0.0)),
)
EXAMPLES: list[Reading] = [
    RANGE,
    GeophoneArrival(
        time_utc_us=NOW, **SITE, arrival_utc_us=NOW + 5, arrival_sigma_s=0.5, peak_velocity_m_s=0.125,
        signal_to_noise_db=6.5, event_id=9,
    ),
    PhoneRssi(time_utc_us=NOW, device_hash=2**63 + 1, bearer=Bearer.WIFI, frequency_mhz=2412.0, rssi_dbm=-71.0),
    Knock(instance=1, time_utc_us=NOW, **SITE, count=5, first_utc_us=NOW - 4_000_000, interval_s=1.0, confidence=0.75),
    GasReading(time_utc_us=NOW, ch4_pct=0.5, co_ppm=31.0, o2_pct=19.5, co2_pct=None, temperature_c=24.25),
    ORDER,
    PayloadStatus(payload=Payload.PUMP, state=PayloadState.LATCHED, command_id=None, fault_code=3,
                  values=(410.0, None, None, None)),
    CameraLens(instance=1, hfov_deg=35.0, width_px=640, height_px=512, pitch_deg=-45.0, spectrum=Spectrum.THERMAL,
               rate_hz=10.0),
    FOUND,
]
KINDS = [type(example).__name__ for example in EXAMPLES]


def test_every_kind_has_an_example_and_fits_a_tunnel() -> None:
    assert [row.type for row in tunnel.TABLE] == [type(example) for example in EXAMPLES]
    assert len({row.kind for row in tunnel.TABLE}) == len(tunnel.TABLE)
    assert all(len(tunnel.pack(example)) <= tunnel.LONGEST for example in EXAMPLES)
    assert tunnel.PAYLOAD_TYPE >= 32768


@pytest.mark.parametrize("row", tunnel.TABLE, ids=KINDS)
def test_columns_carry_every_field_of_the_class(row: tunnel.Row) -> None:
    carried = {column.name for column in row.columns} | {"instance", "time_utc_us"}
    assert carried == {field.name for field in fields(row.type)}
    flat = struct.Struct("<" + "".join(column.format for column in row.columns))
    assert len(flat.unpack(bytes(flat.size))) == sum(column.count for column in row.columns)


@pytest.mark.parametrize("example", EXAMPLES, ids=KINDS)
def test_bytes_are_golden(example: Reading) -> None:
    golden = json.loads(GOLDEN.read_text())
    assert tunnel.pack(example).hex() == golden[type(example).__name__]


@pytest.mark.parametrize("example", EXAMPLES, ids=KINDS)
def test_golden_bytes_still_read(example: Reading) -> None:
    counters = tunnel.TunnelCounters()
    golden = bytes.fromhex(json.loads(GOLDEN.read_text())[type(example).__name__])
    assert tunnel.unpack(tunnel.PAYLOAD_TYPE, golden, counters) == example
    assert counters == tunnel.TunnelCounters()


@pytest.mark.parametrize("example", EXAMPLES, ids=KINDS)
def test_a_reading_crosses_as_a_real_mavlink_frame(example: Reading) -> None:
    frame = Encoder(7, 100).encode("TUNNEL", **tunnel.tunnel_fields(example, target_system=255))
    message = Decoder(["TUNNEL"]).decode(parse_datagram(frame)[0])
    assert message is not None
    assert tunnel.unpack_message(message, tunnel.TunnelCounters()) == example


def test_a_longer_row_of_a_later_release_is_read_and_its_tail_ignored() -> None:
    grown = tunnel.pack(EXAMPLES[0]) + b"later"
    assert tunnel.unpack(tunnel.PAYLOAD_TYPE, grown, tunnel.TunnelCounters()) == EXAMPLES[0]


def test_what_cannot_be_read_is_counted_by_its_reason() -> None:
    counters = tunnel.TunnelCounters()
    good = tunnel.pack(EXAMPLES[2])

    def read(payload: bytes, payload_type: int = tunnel.PAYLOAD_TYPE) -> None:
        assert tunnel.unpack(payload_type, payload, counters) is None

    read(good, payload_type=200)
    read(good[:5])
    read(good[:-1])
    read(bytes([9]) + good[1:])
    read(good[:1] + bytes([99]) + good[2:])
    bearer_at = 12 + 12 + 8
    read(good[:bearer_at] + bytes([250]) + good[bearer_at + 1 :])
    assert counters.foreign == 1
    assert counters.too_short == 2
    assert counters.unknown_versions == {9: 1}
    assert counters.unknown_kinds == {99: 1}
    assert counters.bad_value == 1


def test_nan_where_a_number_is_needed_is_no_reading() -> None:
    lens = tunnel.pack(EXAMPLES[7])
    broken = lens[:12] + struct.pack("<f", float("nan")) + lens[16:]
    counters = tunnel.TunnelCounters()
    assert tunnel.unpack(tunnel.PAYLOAD_TYPE, broken, counters) is None
    assert counters.bad_value == 1


@pytest.mark.parametrize(
    "misfit",
    [
        replace(RANGE, latitude_deg=91.0),
        replace(RANGE, range_m=float("nan")),
        replace(RANGE, range_m=1e39),
        replace(RANGE, tag_id=-1),
        replace(RANGE, instance=70_000),
        replace(ORDER, approval=b"short"),
        replace(FOUND, boxes=(BOX,) * 11),
        replace(FOUND, boxes=(replace(BOX, left_px=400.0),)),
        replace(FOUND, boxes=(replace(BOX, left_px=-1.0),)),
        replace(FOUND, boxes=(replace(BOX, score=1.5),)),
        replace(FOUND, part=(0, 2)),
    ],
)
def test_a_value_the_row_cannot_carry_is_refused(misfit: Reading) -> None:
    with pytest.raises(ValueOutOfRange, match=type(misfit).__name__):
        tunnel.pack(misfit)


def test_detections_that_cannot_be_are_counted() -> None:
    good = tunnel.pack(FOUND)
    part_at, count_at, box_at = 16, 18, 19
    counters = tunnel.TunnelCounters()
    for at, value in ((part_at, 3), (part_at, 0), (count_at, 11), (count_at, 3), (box_at + 5, 0)):
        broken = good[:at] + bytes([value]) + good[at + 1 :]
        assert tunnel.unpack(tunnel.PAYLOAD_TYPE, broken, counters) is None, (at, value)
    assert counters.bad_value == 5


whole_boxes = st.builds(
    lambda left, top, width, height, score: PixelBox(
        left_px=left / 8, top_px=top / 8, right_px=(left + width) / 8, bottom_px=(top + height) / 8,
        score=score / 65535,
    ),
    st.integers(0, 15_000), st.integers(0, 8000), st.integers(1, 400), st.integers(1, 400), st.integers(0, 65535),
)


@reproducible
@given(boxes=st.lists(whole_boxes, max_size=45), index=st.integers(0, 2**32 - 1))
def test_any_number_of_boxes_crosses_in_as_few_messages_as_hold_them(boxes: list[PixelBox], index: int) -> None:
    said = tunnel.split_detections(index, NOW, boxes)
    counters = tunnel.TunnelCounters()
    heard = [tunnel.unpack(tunnel.PAYLOAD_TYPE, tunnel.pack(one), counters) for one in said]
    assert heard == said
    assert [box for one in said for box in one.boxes] == boxes
    assert [one.part for one in said] == [(number + 1, len(said)) for number in range(max(1, -(-len(boxes) // 10)))]


@reproducible
@given(payload=st.binary(max_size=140), payload_type=st.sampled_from([tunnel.PAYLOAD_TYPE, 0, 32768]))
def test_any_bytes_give_a_reading_or_a_count(payload: bytes, payload_type: int) -> None:
    assert_reading_or_one_count(payload, payload_type)


@reproducible
@given(kind=st.sampled_from([row.kind for row in tunnel.TABLE]), body=st.binary(min_size=0, max_size=126))
def test_any_body_behind_a_good_head_gives_a_reading_or_a_count(kind: int, body: bytes) -> None:
    assert_reading_or_one_count(bytes([tunnel.TABLE_VERSION, kind]) + body, tunnel.PAYLOAD_TYPE)


def assert_reading_or_one_count(payload: bytes, payload_type: int) -> None:
    counters = tunnel.TunnelCounters()
    reading = tunnel.unpack(payload_type, payload, counters)
    reasons = counters.foreign + counters.too_short + counters.bad_value
    counted = reasons + counters.unknown_versions.total() + counters.unknown_kinds.total()
    assert counted == (reading is None)
    if reading is not None:
        again = tunnel.unpack(tunnel.PAYLOAD_TYPE, tunnel.pack(reading), tunnel.TunnelCounters())
        assert again == reading


def test_user_commands_are_all_named_and_fit_their_params() -> None:
    users = [Command.USER_1, Command.USER_2, Command.USER_3, Command.USER_4, Command.USER_5]
    assert list(tunnel.USER_COMMANDS) == users
    assert all(len(params) <= 7 for _, params in tunnel.USER_COMMANDS.values())
    assert len({name for name, _ in tunnel.USER_COMMANDS.values()}) == len(users)


def test_every_payload_says_what_its_setpoints_mean() -> None:
    assert set(tunnel.SETPOINTS) == set(Payload)
    assert all(1 <= len(names) <= 4 for names in tunnel.SETPOINTS.values())
