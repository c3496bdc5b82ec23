"""H.264 access units in Annex B form, taken apart into NAL units (ITU-T H.264, 7.4.1 and annex B)."""

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise


class NalType(IntEnum):
    """The NAL unit types that a packetiser must know."""

    SLICE = 1
    IDR = 5
    SEI = 6
    SPS = 7
    PPS = 8
    DELIMITER = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSets:
    """Sequence and picture parameter sets: what a decoder must have before the first slice."""

    sps: bytes
    pps: bytes


def nal_type(nal: bytes) -> int:
    return nal[0] & 0x1F


def split_nals(access_unit: bytes) -> list[bytes]:
    """NAL units without start codes and without delimiters; bytes before the first start code are dropped."""
    starts: list[int] = []
    at = access_unit.find(b"\0\0\1")
    while at >= 0:
        starts.append(at + 3)
        at = access_unit.find(b"\0\0\1", at + 3)
    edges = [*starts, len(access_unit) + 3]
    nals = [access_unit[start : end - 3].rstrip(b"\0") for start, end in pairwise(edges)] if starts else []
    return [nal for nal in nals if nal and nal_type(nal) != NalType.DELIMITER]


def parameter_sets(nals: list[bytes]) -> ParameterSets | None:
    """Those of an access unit, None when either is absent."""
    sps = next((nal for nal in nals if nal_type(nal) == NalType.SPS), None)
    pps = next((nal for nal in nals if nal_type(nal) == NalType.PPS), None)
    return ParameterSets(sps=sps, pps=pps) if sps and pps else None
