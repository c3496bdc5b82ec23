"""A run as MCAP: what was recorded, what vehicles reported, and the truth beside it, for viewers of robots' logs."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from command.report import track
from command.report.track import COLUMNS, Second
from command.runs.mcap import McapWriter
from command.runs.verdict import Verdict
from command.store.record import Record
from command.store.telemetry import Telemetry
from command.survey import load_survey
from world.position import LocalFrame

TRUTH = "truth"
_OBJECT = b'{"type":"object"}'
_FIX = msgspec.json.encode({
    "type": "object",
    "properties": {
        "timestamp": {"type": "object", "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}},
        "frame_id": {"type": "string"},
        "latitude": {"type": "number"},
        "longitude": {"type": "number"},
        "altitude": {"type": "number"},
        "position_covariance": {"type": "array", "items": {"type": "number"}},
        "position_covariance_type": {"type": "integer"},
    },
})
"""foxglove.LocationFix as its documentation has it; viewers draw it on a map."""
Said = tuple[int, str, str, bytes, Any]
"""UTC nanoseconds, topic, name and text of its schema, value."""


def write_tape(folder: Path, path: Path, verdict: Verdict) -> None:
    """Whole or not at all. Raises OSError, and what reading a run's folder raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    about = {
        "scenario": verdict.scenario, "seed": str(verdict.seed), "reproduce": verdict.reproduce,
        "state_hash": verdict.state_hash or "", "digest": verdict.digest,
        "verdict": "met" if verdict.is_met else "missed",
    }
    with McapWriter(temporary, library="taihang") as tape:
        channels: dict[str, int] = {}
        tape.metadata("run", about)
        for utc_ns, topic, schema, definition, value in sorted(_said(folder), key=lambda said: said[0]):
            if topic not in channels:
                channels[topic] = tape.channel(topic, schema=schema, definition=definition)
            tape.say(channels[topic], utc_ns, msgspec.json.encode(value))
    temporary.replace(path)


def _said(folder: Path) -> Iterator[Said]:
    record, telemetry = Record(folder / "events.db", read_only=True), Telemetry(folder / "telemetry.db")
    with closing(record), closing(telemetry):
        for event in (*record.events(), *telemetry.samples()):
            value = event.value()
            yield event.at.utc_ns, event.topic, f"taihang.{type(value).__name__}", _OBJECT, value
    frame = load_survey(folder / "terrain.npz").frame
    for second in track.read(folder):
        yield from _truth(second, frame)


def _truth(second: Second, frame: LocalFrame) -> Iterator[Said]:
    utc_ns = second.at.utc_ns
    place = {"t_s": second.t_s, "hash": second.digest, "separation_m": second.separation_m, **second.place}
    yield utc_ns, TRUTH, "taihang.Truth", _OBJECT, place
    for row, vehicle in enumerate(second.vehicles):
        columns = dict(zip(COLUMNS, second.rows[row], strict=True))
        yield utc_ns, f"{TRUTH}/{vehicle}", "taihang.TrueVehicle", _OBJECT, columns
        at = frame.to_geodetic(second.position(row))
        fix = {
            "timestamp": {"sec": utc_ns // 10**9, "nsec": utc_ns % 10**9}, "frame_id": vehicle, "latitude": at.lat_deg,
            "longitude": at.lon_deg, "altitude": at.height_m, "position_covariance": [0.0] * 9,
            "position_covariance_type": 0,
        }
        yield utc_ns, f"{TRUTH}/{vehicle}/fix", "foxglove.LocationFix", _FIX, fix
