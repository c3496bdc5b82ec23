"""How fast bytes become messages and messages bytes, beside pymavlink on the same frames; and that both agree.

Both sides check every frame and build every message; ours unpacks arrays and texts only when read, so
`decode_all_fields_ratio` reads every field on both. pymavlink runs as installed (its CRC is fastcrc too) and counts
with the reads that suit it best: single datagrams, the bulk decoder's reads, or the whole recording at once.
"""

import gc
import random
import time
from collections.abc import Callable, Mapping
from itertools import groupby
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pymavlink.dialects.v20 import ardupilotmega as reference

from benchmarks import wire_parity
from fleet.wire.batch import BatchPacker, Engine, PackedFrames
from fleet.wire.bulk import BulkDecoder
from fleet.wire.decode import Decoder
from fleet.wire.dialect import ardupilotmega
from fleet.wire.encode import Encoder
from fleet.wire.frame import DatagramParser
from fleet.wire.message import message_class

VEHICLES: Final = 100
REPETITIONS: Final = 9
REPETITION_S: Final = 0.05
READ_FRAMES: Final = 256
"""Frames of one bulk read, about 9 kB: what the sockets of a large fleet hold after some 25 ms."""

# What one ArduPilot vehicle sends in a second when the fleet link has asked for its streams.
MIX_HZ: Final[Mapping[str, int]] = {
    "HEARTBEAT": 1,
    "SYS_STATUS": 1,
    "GPS_RAW_INT": 2,
    "ATTITUDE": 5,
    "GLOBAL_POSITION_INT": 5,
    "VFR_HUD": 2,
    "EKF_STATUS_REPORT": 1,
    "BATTERY_STATUS": 1,
    "MISSION_CURRENT": 1,
    "EXTENDED_SYS_STATE": 1,
}

_MSGIDS: Final = {name: ardupilotmega().spec(name).msgid for name in MIX_HZ}
_FIELDS: Final[Mapping[type, list[str]]] = {
    kind: reference.mavlink_map[msgid].fieldnames
    for msgid in _MSGIDS.values()
    for kind in (message_class(msgid), reference.mavlink_map[msgid])
}

Columns = dict[str, NDArray[Any]]


class WrongCount(RuntimeError):
    """A side did not handle all messages, so its time means nothing."""


def run(seed: int, quick: bool = False) -> dict[str, float | int | str | bool]:
    """Figures of the wire; rates in messages per CPU second of one core, medians of interleaved repetitions."""
    started = time.process_time()
    seconds = 1 if quick else 5
    columns = {name: _columns(name, seed) for name in MIX_HZ}
    recording = _recording(columns, seconds, random.Random(seed))
    result: dict[str, float | int | str | bool] = {"vehicles": VEHICLES, "frames": len(recording)}
    result |= _decoding(recording)
    result |= _encoding(columns)
    result |= _agreement(seed, rounds=1 if quick else 10)
    return result | {"seed": seed, "cpu_s": round(time.process_time() - started, 2)}


def _columns(name: str, seed: int) -> Columns:
    """Random values of every field for all vehicles, in the wire's own types."""
    rng = np.random.default_rng([seed, _MSGIDS[name]])
    columns: Columns = {}
    for field in ardupilotmega().spec(name).fields:
        shape = (VEHICLES, field.array_length) if field.array_length else (VEHICLES,)
        if field.is_extension:
            continue  # seldom sent by ArduPilot; both sides then fill in and cut off zeros
        if field.type == "float":
            columns[field.name] = rng.normal(size=shape).astype(np.float32)
        else:
            kind = np.dtype(field.type.removesuffix("_t"))
            columns[field.name] = rng.integers(0, np.iinfo(kind).max, size=shape, dtype=kind)
    return columns


def _recording(columns: Mapping[str, Columns], seconds: int, rng: random.Random) -> list[bytes]:
    """Frames of all vehicles, kinds mixed, sequences right."""
    seqs = np.zeros(VEHICLES, dtype=np.uint8)
    frames: list[bytes] = []
    for _ in range(seconds):
        second = [name for name, rate_hz in MIX_HZ.items() for _ in range(rate_hz)]
        for name in rng.sample(second, len(second)):
            frames += _pack(BatchPacker(name, VEHICLES), columns[name], seqs).frames()
    return frames


def _decoding(recording: list[bytes]) -> dict[str, float | int]:
    reads = [b"".join(recording[first : first + READ_FRAMES]) for first in range(0, len(recording), READ_FRAMES)]
    whole = [b"".join(recording)]
    parser, decoder, bulk = DatagramParser(), Decoder(), BulkDecoder()
    link = reference.MAVLink(None)
    link.robust_parsing = True
    bulk.read(reads[0])  # compiles
    rates = _rates(len(recording), {
        "bulk": lambda: sum([len(bulk.read(data)) for data in reads]),
        "bulk_fields": lambda: sum([_read_all(bulk.read(data).messages) for data in reads]),
        "datagram": lambda: len([decoder.decode(frame) for data in recording for frame in parser.parse(data)]),
        "pymavlink_datagram": lambda: sum([len(link.parse_buffer(data)) for data in recording]),
        "pymavlink_read": lambda: sum([len(link.parse_buffer(data)) for data in reads]),
        "pymavlink_whole": lambda: sum([len(link.parse_buffer(data)) for data in whole]),
        "pymavlink_fields": lambda: sum([_read_all(link.parse_buffer(data)) for data in reads]),
    })
    best = max(rates["pymavlink_datagram"], rates["pymavlink_read"], rates["pymavlink_whole"])
    return {
        "read_frames": READ_FRAMES,
        "decode_ratio": round(rates["bulk"] / best, 2),
        "decode_all_fields_ratio": round(rates["bulk_fields"] / rates["pymavlink_fields"], 2),
        "decode_datagram_ratio": round(rates["datagram"] / best, 2),
        "decode_per_s": round(rates["bulk"]),
        "decode_datagram_per_s": round(rates["datagram"]),
        "pymavlink_decode_per_s": round(best),
    }


def _read_all(messages: list[Any]) -> int:
    """Read every field of every message, as Python code does, one attribute at a time."""
    for message in messages:
        for name in _FIELDS[type(message)]:
            getattr(message, name)
    return len(messages)


def _encoding(columns: Mapping[str, Columns]) -> dict[str, float | int]:
    packers = {name: BatchPacker(name, VEHICLES) for name in MIX_HZ}
    seqs = np.zeros(VEHICLES, dtype=np.uint8)
    rows = {name: _rows(of) for name, of in columns.items()}
    encoders = [Encoder(vehicle + 1, 1) for vehicle in range(VEHICLES)]
    links = [reference.MAVLink(None, vehicle + 1, 1) for vehicle in range(VEHICLES)]
    expected = VEHICLES * len(MIX_HZ)
    rates = _rates(expected, {
        "batch": lambda: sum([len(_pack(packer, columns[name], seqs).frames()) for name, packer in packers.items()]),
        "single": lambda: len([
            encoder.encode(name, **row)
            for name, of in rows.items() for encoder, row in zip(encoders, of, strict=True)
        ]),
        "pymavlink": lambda: len([
            _reference_encode(kind, link, row)
            for name, of in rows.items()
            for kind in (reference.mavlink_map[_MSGIDS[name]],)
            for link, row in zip(links, of, strict=True)
        ]),
    })
    return {
        "encode_ratio": round(rates["batch"] / rates["pymavlink"], 2),
        "encode_single_ratio": round(rates["single"] / rates["pymavlink"], 2),
        "encode_per_s": round(rates["batch"]),
        "encode_single_per_s": round(rates["single"]),
        "pymavlink_encode_per_s": round(rates["pymavlink"]),
    }


def _pack(packer: BatchPacker, columns: Columns, seqs: NDArray[np.uint8]) -> PackedFrames:
    return packer.pack(columns, sysids=np.arange(1, VEHICLES + 1, dtype=np.uint8), compid=1, seqs=seqs)


def _rows(columns: Columns) -> list[dict[str, Any]]:
    """One dict of plain values per vehicle, which is what the single encoders of both sides take."""
    lists = {name: column.tolist() for name, column in columns.items()}
    return [{name: values[vehicle] for name, values in lists.items()} for vehicle in range(VEHICLES)]


def _reference_encode(kind: Any, link: Any, row: dict[str, Any]) -> bytes:
    frame: bytes = kind(**row).pack(link)
    link.seq = (link.seq + 1) % 256
    return frame


def _rates(expected: int, jobs: Mapping[str, Callable[[], int]]) -> dict[str, float]:
    """Messages per CPU second of each job: medians of repetitions that take turns and last about equally long."""
    rounds = {name: max(1, round(REPETITION_S / _spent(name, job, expected, 1))) for name, job in jobs.items()}
    spent: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(REPETITIONS):
        for name, job in jobs.items():
            spent[name].append(_spent(name, job, expected, rounds[name]))
    return {name: expected * rounds[name] / median(times) for name, times in spent.items()}


def _spent(name: str, job: Callable[[], int], expected: int, rounds: int) -> float:
    """CPU seconds of some rounds of a job, each of which must have handled every message."""
    gc.collect()
    before = time.process_time()
    done = [job() for _ in range(rounds)]
    spent = time.process_time() - before
    if done != [expected] * rounds:
        raise WrongCount(f"{name} handled {done} messages, not {expected} each")
    return spent


def _agreement(seed: int, rounds: int) -> dict[str, int]:
    """How many of all messages in all styles differ anywhere from pymavlink."""
    cases = list(wire_parity.samples(seed, rounds))
    by_message = [list(group) for _, group in groupby(cases, key=lambda case: case.spec.msgid)]
    mismatches = sum(len(wire_parity.disagreements(case)) for case in cases)
    for engine in Engine:
        mismatches += sum(len(wire_parity.batch_disagreements(group, engine)) for group in by_message)
    mismatches += len(wire_parity.bulk_disagreements(cases))
    return {"mismatches": mismatches, "messages_compared": len(by_message), "samples_compared": len(cases)}
