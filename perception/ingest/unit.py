"""One coded picture with the time its camera took it."""

from dataclasses import dataclass

from world.ids import StreamId


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessUnit:
    """All NAL units of one picture in Annex B form.

    `is_damaged`: bytes of it, or of a picture it refers to, were lost; it must not be decoded. It is passed on so that
    the look it stood for can be reported as missed.
    """

    stream: StreamId
    utc_ns: int
    data: bytes
    is_key: bool
    is_damaged: bool


@dataclass(slots=True, kw_only=True)
class IngestCounters:
    """What came in over one stream, and what of it was bad."""

    units: int = 0
    damaged_units: int = 0
    undated_units: int = 0
    lost_packets: int = 0
    bad_packets: int = 0
    garbage_bytes: int = 0
    connects: int = 0
