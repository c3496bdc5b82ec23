"""Two runs side by side: the first second in which the truth differs, in whom and in what, and the first event."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from math import dist
from pathlib import Path

from command.report import track
from command.report.outcome import record_digest
from command.report.track import Second, differing
from command.store.record import Event, Record
from world.ids import VehicleId

PLACE = "place"
"""Stands for a vehicle where the place itself differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDiff:
    """One value of the second; None: the run has no such thing."""

    vehicle: str
    field: str
    a: float | None
    b: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDiff:
    """The first rows of the records that differ; None: the record ended before."""

    seq: int
    t_s: float
    a: str | None
    b: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """`first_s` None: every second that both have is equal."""

    seconds_a: int
    seconds_b: int
    first_s: float | None = None
    hash_a: str = ""
    hash_b: str = ""
    """Of that second, or of the last one."""
    fields: tuple[FieldDiff, ...] = ()
    event: EventDiff | None = None

    @property
    def is_equal(self) -> bool:
        return self.first_s is None and self.event is None and self.seconds_a == self.seconds_b


def compare(a: Path, b: Path) -> Diff:
    """Folders of two runs. Raises TrackUnreadable, RecordUnavailable or RecordBroken."""
    return _compared(track.read(a), track.read(b), _first_event(_events(a), _events(b)))


def _compared(a: list[Second], b: list[Second], event: EventDiff | None) -> Diff:
    for one, other in zip(a, b, strict=False):
        fields = tuple(_fields(one, other))
        if one.digest != other.digest or fields or one.tick != other.tick:
            return Diff(
                seconds_a=len(a), seconds_b=len(b), first_s=min(one.t_s, other.t_s), hash_a=one.digest,
                hash_b=other.digest, fields=fields, event=event,
            )
    return Diff(
        seconds_a=len(a), seconds_b=len(b), hash_a=a[-1].digest if a else "", hash_b=b[-1].digest if b else "",
        event=event,
    )


def _fields(one: Second, other: Second) -> list[FieldDiff]:
    mine, others = set(one.vehicles), set(other.vehicles)
    found = [FieldDiff(vehicle=name, field="is there", a=1.0, b=None) for name in sorted(mine - others)]
    found += [FieldDiff(vehicle=name, field="is there", a=None, b=1.0) for name in sorted(others - mine)]
    found += [FieldDiff(vehicle=vehicle, field=name, a=x, b=y) for vehicle, name, x, y in differing(one, other)]
    for name in sorted({*one.place, *other.place}):
        x, y = one.place.get(name), other.place.get(name)
        if x != y:
            found.append(FieldDiff(vehicle=PLACE, field=name, a=x, b=y))
    return found


def _events(folder: Path) -> list[Event]:
    with closing(Record(folder / "events.db", read_only=True)) as record:
        return list(record.events())


def _first_event(a: list[Event], b: list[Event]) -> EventDiff | None:
    """Wall times are in no payload, so equal runs have equal rows."""
    if record_digest(a) == record_digest(b):
        return None
    for seq, (one, other) in enumerate(zip_longest(a, b), start=1):
        if one is None or other is None or (one.topic, one.payload) != (other.topic, other.payload):
            t_s = min(event.at.mono_ns for event in (one, other) if event is not None) / 1e9
            return EventDiff(seq=seq, t_s=t_s, a=one.topic if one else None, b=other.topic if other else None)
    return None


def draw_apart(a: Path, b: Path, path: Path) -> None:
    """A picture of how far each vehicle is from itself in the other run. Raises as `compare`, and OSError."""
    from matplotlib.figure import Figure  # a second of loading that tables do without

    ones, others = track.read(a), track.read(b)
    figure = Figure(figsize=(11, 4), layout="constrained")
    axes = figure.add_subplot()
    for vehicle in ones[0].vehicles if ones else ():
        pairs = _apart(ones, others, vehicle)
        axes.plot([t_s for t_s, _ in pairs], [metres for _, metres in pairs], linewidth=0.9, label=vehicle)
    first = _compared(ones, others, None).first_s
    if first is not None:
        axes.axvline(first, color="k", linestyle=":", label=f"first difference, {first:g} s")
    axes.set_xlabel("simulated seconds")
    axes.set_ylabel("apart in the two runs, m")
    axes.legend(fontsize=7, ncol=5)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def _apart(a: Sequence[Second], b: Sequence[Second], vehicle: VehicleId) -> list[tuple[float, float]]:
    return [
        (one.t_s, _distance(one, other, vehicle))
        for one, other in zip(a, b, strict=False)
        if vehicle in one.vehicles and vehicle in other.vehicles
    ]


def _distance(one: Second, other: Second, vehicle: VehicleId) -> float:
    at, there = (second.position(second.row_of(vehicle)) for second in (one, other))
    return dist((at.east_m, at.north_m, at.up_m), (there.east_m, there.north_m, there.up_m))
