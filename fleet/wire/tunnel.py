"""The one versioned table of Taihang's TUNNEL payloads and user commands, and bytes <-> readings by it.

Layout, little-endian: version u8, kind u8, instance u16, time_utc_us u64 (0 unknown), then the row's columns. A row may
grow at its end (older readers ignore the tail); any other change raises TABLE_VERSION.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError
from types import MappingProxyType
from typing import Any, Final

from fleet.wire.columns import (
    MOST_BOXES,
    BadValue,
    Column,
    choice,
    four_reals,
    octets,
    part,
    pixel_boxes,
    real,
    real_or_none,
    scaled,
    whole,
)
from fleet.wire.columns import whole_or_none as maybe
from fleet.wire.encode import ValueOutOfRange
from fleet.wire.enums import Command
from fleet.wire.message import Message
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

PAYLOAD_TYPE: Final = 0x8A7A
"""TUNNEL.payload_type of every row; numbers from 32768 are free for private use (MAV_TUNNEL_PAYLOAD_TYPE)."""
TABLE_VERSION: Final = 1
LONGEST: Final = 128
"""Bytes a TUNNEL payload can hold."""

_HEAD: Final = Struct("<BBHQ")
_SITE: Final = (
    scaled("latitude_deg", 1e7, limit=90),
    scaled("longitude_deg", 1e7, limit=180),
    scaled("altitude_amsl_m", 1e3, limit=100_000),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of payload: its number, its class and its columns in wire order."""

    kind: int
    type: type[Reading]
    columns: tuple[Column, ...]

    @property
    def layout(self) -> Struct:
        return Struct("<" + "".join(column.format for column in self.columns))


TABLE: Final[tuple[Row, ...]] = (
    Row(1, UwbRange, (
        *_SITE, whole("tag_id", "I"), real("range_m"), real("sigma_m"), real_or_none("nlos_probability"),
    )),
    Row(2, GeophoneArrival, (
        *_SITE, whole("arrival_utc_us", "Q"), real("arrival_sigma_s"), real("peak_velocity_m_s"),
        real("signal_to_noise_db"), maybe("event_id", "I"),
    )),
    Row(3, PhoneRssi, (
        *_SITE, whole("device_hash", "Q"), choice("bearer", Bearer), real("frequency_mhz"), real("rssi_dbm"),
    )),
    Row(4, Knock, (*_SITE, whole("count", "B"), whole("first_utc_us", "Q"), real("interval_s"), real("confidence"))),
    Row(5, GasReading, (
        *_SITE, real_or_none("ch4_pct"), real_or_none("co_ppm"), real_or_none("o2_pct"), real_or_none("co2_pct"),
        real_or_none("h2s_ppm"), real_or_none("temperature_c"),
    )),
    Row(6, PayloadCommand, (
        choice("payload", Payload), choice("action", PayloadAction), whole("command_id", "Q"),
        maybe("deadline_utc_us", "Q"), four_reals("setpoints"), octets("approval", 8),
    )),
    Row(7, PayloadStatus, (
        choice("payload", Payload), choice("state", PayloadState), maybe("command_id", "Q"), whole("fault_code", "H"),
        four_reals("values"),
    )),
    Row(8, CameraLens, (
        real("hfov_deg"), whole("width_px", "H"), whole("height_px", "H"), real("pitch_deg"),
        choice("spectrum", Spectrum), real("rate_hz"),
    )),
    Row(9, OnboardDetections, (whole("image_index", "I"), part("part"), pixel_boxes("boxes"))),
)

SETPOINTS: Final[Mapping[Payload, tuple[str, ...]]] = MappingProxyType({
    Payload.WATER_MONITOR: ("flow_l_s", "azimuth_deg", "elevation_deg", "spread_deg"),
    Payload.BREACHING_TOOL: ("force_n", "depth_m", "feed_m_s"),
    Payload.GRIPPER: ("opening_pct", "force_n"),
    Payload.WINCH: ("length_m", "rate_m_s"),
    Payload.PUMP: ("flow_m3_h",),
    Payload.SPEAKER: ("volume_pct", "recording_id"),
    Payload.LIGHT: ("intensity_pct", "strobe_hz"),
    Payload.GAS_SENSOR: ("rate_hz",),
    Payload.UWB: ("rate_hz",),
    Payload.GEOPHONE: ("rate_hz",),
})
"""Meaning of PayloadCommand.setpoints and PayloadStatus.values, in order; the rest is None."""

USER_COMMANDS: Final[Mapping[Command, tuple[str, tuple[str, ...]]]] = MappingProxyType({
    Command.USER_1: ("operate_payload", ("payload", "action", "setpoint_1", "setpoint_2", "setpoint_3", "setpoint_4")),
    Command.USER_2: ("listen", ("duration_s", "needs_silence")),
    Command.USER_3: ("evacuate", ("recording_id", "repeats")),
    Command.USER_4: ("cut_power", ("latch",)),
    Command.USER_5: ("knock", ("count", "interval_s")),
})
"""MAV_CMD_USER_n: its name and its params 1.. in order; as mission items they run what the plan's approval covers."""


@dataclass(slots=True)
class TunnelCounters:
    """What could not be read, and why; unknown versions and kinds by number."""

    foreign: int = 0
    too_short: int = 0
    bad_value: int = 0
    unknown_versions: Counter[int] = field(default_factory=Counter)
    unknown_kinds: Counter[int] = field(default_factory=Counter)


_BY_TYPE: Final = {row.type: (row, row.layout) for row in TABLE}
_BY_KIND: Final = {row.kind: (row, row.layout) for row in TABLE}


def pack(reading: Reading) -> bytes:
    """Bytes for TUNNEL.payload; ValueOutOfRange names the class and what its row cannot carry."""
    row, layout = _BY_TYPE[type(reading)]
    values: list[Any] = []
    try:
        for column in row.columns:
            values.extend(column.to_wire(getattr(reading, column.name)))
        head = _HEAD.pack(TABLE_VERSION, row.kind, reading.instance, reading.time_utc_us or 0)
        return head + layout.pack(*values)
    except (StructError, OverflowError, BadValue) as reason:
        raise ValueOutOfRange(f"{row.type.__name__}: {reason}") from reason


def unpack(payload_type: int, payload: bytes, counters: TunnelCounters) -> Reading | None:
    """The reading in a TUNNEL payload (cut to payload_length); None and a count for anything else."""
    if payload_type != PAYLOAD_TYPE:
        counters.foreign += 1
        return None
    if len(payload) < _HEAD.size:
        counters.too_short += 1
        return None
    version, kind, instance, time_utc_us = _HEAD.unpack_from(payload)
    if version != TABLE_VERSION:
        counters.unknown_versions[version] += 1
        return None
    if kind not in _BY_KIND:
        counters.unknown_kinds[kind] += 1
        return None
    row, layout = _BY_KIND[kind]
    if len(payload) < _HEAD.size + layout.size:
        counters.too_short += 1
        return None
    try:
        fields = _read(row, layout.unpack_from(payload, _HEAD.size))
    except BadValue:
        counters.bad_value += 1
        return None
    return row.type(instance=instance, time_utc_us=time_utc_us or None, **fields)


def kind_of(message: Message) -> int | None:
    """The row of the table that a TUNNEL message belongs to, without reading it; None for foreign ones."""
    if message.payload_type != PAYLOAD_TYPE or message.payload_length < _HEAD.size:
        return None
    return int(message.payload[1])


def unpack_message(message: Message, counters: TunnelCounters) -> Reading | None:
    """The reading in a decoded TUNNEL message."""
    return unpack(message.payload_type, message.payload[: message.payload_length], counters)


def split_detections(image_index: int, time_utc_us: int, boxes: Sequence[PixelBox]) -> list[OnboardDetections]:
    """As few messages as hold all boxes of one image, at least one; what 255 cannot hold is left out."""
    of = min(max(1, -(-len(boxes) // MOST_BOXES)), 255)
    return [
        OnboardDetections(
            time_utc_us=time_utc_us, image_index=image_index, part=(number + 1, of),
            boxes=tuple(boxes[MOST_BOXES * number : MOST_BOXES * (number + 1)]),
        )
        for number in range(of)
    ]


def tunnel_fields(reading: Reading, *, target_system: int = 0, target_component: int = 0) -> dict[str, Any]:
    """Fields of the TUNNEL message that carries a reading, for `Encoder.encode("TUNNEL", **fields)`."""
    payload = pack(reading)
    return {
        "target_system": target_system,
        "target_component": target_component,
        "payload_type": PAYLOAD_TYPE,
        "payload_length": len(payload),
        "payload": payload,
    }


def _read(row: Row, wire: tuple[Any, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    position = 0
    for column in row.columns:
        fields[column.name] = column.from_wire(wire[position : position + column.count])
        position += column.count
    return fields
