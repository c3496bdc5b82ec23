"""Plans ways of many at once: whose piece waits for whose, such that nobody can meet whoever is late however much.

The idea of the precedence graph is that of Hönig et al., "Persistent and Robust Execution of MAPF Schedules in
Warehouses" (RA-L 2019): two pieces that come too near are ordered once, in the plan, and the later one is begun when
the earlier one is reported done. The orders follow one sequence of all pieces, so nobody waits in a cycle.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from fleet.together.loom import Loom, rows_of
from fleet.together.motion import Least, Piece, least_timed, least_untimed, looser, wider
from fleet.together.spacing import Flags, Floats, Spacing, Way
from fleet.together.spacing import standing as here
from world.ids import VehicleId
from world.position import Enu

PieceId = tuple[VehicleId, int]
Routes = Callable[["Errand"], Sequence[tuple[Enu, ...]]]
HOPS = (1, 2, 3, 4, 6)
"""Into so many equal parts a straight way is cut at most: every part costs a stop."""


class Errand(NamedTuple):
    """One vehicle from where it stands to where it is to be."""

    vehicle: VehicleId
    at: Enu
    to: Enu
    lands: bool = False
    """It is in nobody's way at its end."""
    is_parked: bool = False
    """It is in nobody's way at its start: its neighbours' berths are nearer than ways may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gait:
    """How fast a plan counts on pieces to be done. `pause_s`: to be told, to get under way, to be seen to stand."""

    flat_m_s: float = 5.0
    up_m_s: float = 2.5
    down_m_s: float = 1.5
    pause_s: float = 4.0
    lands_s: float = 20.0
    """The last metres of a landing beside."""

    def takes_s(self, way: Way, speed_m_s: float | None = None) -> float:
        """At this speed on the ground (None: its own)."""
        a, b = way
        flat_s = math.hypot(b.east_m - a.east_m, b.north_m - a.north_m) / (speed_m_s or self.flat_m_s)
        rise_m = b.up_m - a.up_m
        return max(flat_s, rise_m / self.up_m_s, -rise_m / self.down_m_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """One vehicle's way: `after[k]` are the pieces that must be done before piece k, from point k to k + 1, begins."""

    errand: Errand
    points: tuple[Enu, ...]
    after: tuple[frozenset[PieceId], ...]
    starts_s: tuple[float, ...]
    ends_s: tuple[float, ...]
    speed_m_s: tuple[float | None, ...]

    @property
    def vehicle(self) -> VehicleId:
        return self.errand.vehicle

    def ways(self) -> list[Way]:
        return [Way(a, b) for a, b in pairwise(self.points)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weave:
    """`proven`: the least distance however late anybody is. `timed`: when all keep the plan's clock. Both on the
    ground, of two that are less than a layer apart in height, and of planned places: what position errors and loose
    stops take from it is in the spacing's slacks.
    """

    strands: tuple[Strand, ...]
    proven: Least
    timed: Least
    makespan_s: float
    is_straight: bool
    """All at once along straight lines, and not by layers."""
    left: tuple[VehicleId, ...] = ()
    """Who has no way that leaves the others room."""


@dataclass(slots=True)
class _Draft:
    loom: Loom
    strands: list[Strand] = field(default_factory=list)
    left: list[VehicleId] = field(default_factory=list)

    @property
    def makespan_s(self) -> float:
        return max((strand.ends_s[-1] for strand in self.strands), default=0.0)


def weave(
    errands: Sequence[Errand], routes: Routes, spacing: Spacing, gait: Gait, blocked: Sequence[Way] = (),
    *, straight: bool = True, parked_m: float | None = None,
) -> Weave:
    """The quickest of several plans that are all safe: everybody at once along straight lines cut into hops, where
    that keeps the spacing; and one after another into the sequence, each by the route of `routes` that ends first.

    `blocked`: what nobody flies through. `parked_m`: how near others may be passed that are parked, before or after
    their ways; None where they are out of the way altogether. With `straight` False nobody goes but by `routes`.
    """
    drafts = [
        _in_sequence(order, routes, Loom(looser(spacing), wider(spacing), blocked, parked_m), gait)
        for order in _orders(errands, spacing)
    ]
    best = min(drafts, key=lambda draft: (len(draft.left), draft.makespan_s))
    hops = _in_hops(errands, spacing, gait, blocked) if straight else None
    is_straight = hops is not None and (bool(best.left) or hops.makespan_s <= best.makespan_s)
    chosen = hops if is_straight and hops is not None else best
    return Weave(
        strands=tuple(chosen.strands), proven=_proven(chosen.strands, spacing.layer_m),
        timed=least_timed(
            [_timed(strand, chosen.makespan_s) for strand in chosen.strands], spacing.layer_m
        ),
        makespan_s=chosen.makespan_s, is_straight=is_straight, left=tuple(sorted(chosen.left)),
    )


def _orders(errands: Sequence[Errand], spacing: Spacing) -> Iterable[list[Errand]]:
    """Who stands above others goes before them, who goes to where others stand after them; of near pads not all at
    once. Beside that the farthest first, or the nearest.
    """
    starts, ends = (np.array([(p.east_m, p.north_m) for p in points]).reshape(-1, 2)
                    for points in ([e.at for e in errands], [e.to for e in errands]))
    length_m = np.hypot(*(ends - starts).T)
    over = _near(ends, starts, spacing.berth_m).sum(axis=1) - (length_m < spacing.berth_m)
    turn = _colours(_near(ends, ends, spacing.berth_m) & np.array([e.lands for e in errands])[:, None])
    height_m = np.round([e.at.up_m for e in errands])
    names = np.array([e.vehicle for e in errands])
    for first, sign in ((turn, -1.0), (turn, 1.0), (np.minimum(over, 1), -1.0)):
        order = np.lexsort((names, sign * length_m, -height_m, first))
        yield [errands[k] for k in order.tolist()]


def _near(a: Floats, b: Floats, berth_m: float) -> Flags:
    return np.asarray(np.hypot(*(a[:, None, :] - b[None, :, :]).transpose(2, 0, 1)) < berth_m)


def _colours(near: Flags) -> Floats:
    """The least number for each that no near one before it has."""
    found = np.zeros(len(near), int)
    for k in range(len(near)):
        used = set(found[:k][near[k, :k]].tolist())
        found[k] = next(number for number in range(len(near)) if number not in used)
    return found


def _in_sequence(order: Sequence[Errand], routes: Routes, loom: Loom, gait: Gait) -> _Draft:
    """Each finds its way between those before it, whose pieces it may wait for, and those after it, who stand still.
    """
    draft = _Draft(loom)
    waiting = list(order)
    while waiting:
        again: list[Errand] = []
        for k, errand in enumerate(waiting):
            strand = _best(errand, routes, loom, gait, (*again, *waiting[k + 1:]))
            if strand is None:
                again.append(errand)
            else:
                _accept(draft, strand)
        if len(again) == len(waiting):
            draft.left += [errand.vehicle for errand in again]
            break
        waiting = again
    return draft


def _best(errand: Errand, routes: Routes, loom: Loom, gait: Gait, standing: Sequence[Errand]) -> Strand | None:
    """The one that ends first, of those that are free."""
    around = rows_of([here(other.at) for other in standing if not other.is_parked])
    parked = rows_of([here(other.at) for other in standing if other.is_parked])
    found: Strand | None = None
    quickest = sorted((_alone_s(points, errand, gait), k, points) for k, points in enumerate(routes(errand)))
    for alone_s, _, points in quickest:
        if found is not None and alone_s >= found.ends_s[-1]:
            break
        before_s = None if found is None else found.ends_s[-1]
        found = _tried(errand, points, loom, gait, (around, parked), before_s) or found
    return found


def _alone_s(points: Sequence[Enu], errand: Errand, gait: Gait) -> float:
    """When it would be there if nobody else flew."""
    ways = [Way(a, b) for a, b in pairwise(points)]
    return sum(gait.pause_s + gait.takes_s(way) for way in ways) + (gait.lands_s if errand.lands else 0.0)


def _tried(
    errand: Errand, points: tuple[Enu, ...], loom: Loom, gait: Gait, rest: tuple[Floats, Floats],
    before_s: float | None
) -> Strand | None:
    after, starts_s, ends_s, now_s = [], [], [], 0.0
    ways = [Way(a, b) for a, b in pairwise(points)]
    for k, way in enumerate(ways):
        if not loom.is_free(way, *rest):
            return None
        pieces, free_s = loom.waits_for(way)
        begins_s = max(now_s, free_s)
        lands_s = gait.lands_s if errand.lands and k == len(ways) - 1 else 0.0
        now_s = begins_s + gait.pause_s + gait.takes_s(way) + lands_s
        if before_s is not None and now_s >= before_s:
            return None
        after.append(pieces)
        starts_s.append(begins_s)
        ends_s.append(now_s)
    return Strand(
        errand=errand, points=points, after=tuple(after), starts_s=tuple(starts_s), ends_s=tuple(ends_s),
        speed_m_s=(None,) * len(ways),
    )


def _accept(draft: _Draft, strand: Strand) -> None:
    draft.strands.append(strand)
    for k, way in enumerate(strand.ways()):
        draft.loom.add((strand.vehicle, k), way, strand.ends_s[k])
    rests = draft.loom.park if strand.errand.lands else draft.loom.stand
    rests(strand.points[-1])


def _in_hops(errands: Sequence[Errand], spacing: Spacing, gait: Gait, blocked: Sequence[Way]) -> _Draft | None:
    """All along straight lines, cut where they must be so that no two of one hop come near each other; or None.

    Of places that are matched by least squares, straight ways at one pace keep 1/sqrt(2) of the least distance between
    starts and between ends (Turpin, Michael, Kumar: "CAPT", IJRR 2014); hops do not lean on it, they are checked.
    """
    if not errands or any(errand.lands or errand.is_parked for errand in errands):
        return None
    rows = np.array([Way(e.at, e.to).row() for e in errands]).reshape(-1, 6)
    for count in HOPS:
        draft = _Draft(Loom(looser(spacing), wider(spacing), blocked))
        parts = [[_part(row, k / count) for row in rows] for k in range(count + 1)]
        if all(draft.loom.are_apart([Way(a, b) for a, b in zip(p, q, strict=True)])
               for p, q in pairwise(parts)):
            _take_hops(draft, errands, parts, gait)
            return draft
    return None


def _take_hops(draft: _Draft, errands: Sequence[Errand], parts: Sequence[Sequence[Enu]], gait: Gait) -> None:
    """Speeds are such that all arrive together."""
    hop_s = max((gait.takes_s(Way(a, b)) for a, b in zip(parts[0], parts[1], strict=True)), default=0.0)
    after: list[list[frozenset[PieceId]]] = [[] for _ in errands]
    starts: list[list[float]] = [[] for _ in errands]
    ends: list[list[float]] = [[] for _ in errands]
    for k, (p, q) in enumerate(pairwise(parts)):
        ways = [Way(a, b) for a, b in zip(p, q, strict=True)]
        for i, way in enumerate(ways):
            pieces, free_s = draft.loom.waits_for(way)
            after[i].append(frozenset(piece for piece in pieces if piece[0] != errands[i].vehicle))
            starts[i].append(max(free_s, ends[i][-1] if k else 0.0))
            ends[i].append(starts[i][-1] + gait.pause_s + hop_s)
        for i, way in enumerate(ways):
            draft.loom.add((errands[i].vehicle, k), way, ends[i][-1])
    for i, errand in enumerate(errands):
        points = tuple(part[i] for part in parts)
        flat_m = np.hypot(points[1].east_m - points[0].east_m, points[1].north_m - points[0].north_m)
        draft.strands.append(Strand(
            errand=errand, points=points, after=tuple(after[i]), starts_s=tuple(starts[i]), ends_s=tuple(ends[i]),
            speed_m_s=(max(SLOWEST_M_S, float(flat_m) / max(hop_s, 1e-6)),) * (len(parts) - 1),
        ))


SLOWEST_M_S = 0.5


def _part(row: Floats, share: float) -> Enu:
    east_m, north_m, up_m = (row[:3] + share * (row[3:] - row[:3])).tolist()
    return Enu(east_m=east_m, north_m=north_m, up_m=up_m)


def _timed(strand: Strand, until_s: float) -> list[Piece]:
    """By the plan's clock: waits, moves for its time, and stands until all are there; who has landed is gone."""
    pieces, at, now_s = [], strand.points[0], 0.0
    for k, way in enumerate(strand.ways()):
        pieces.append(Piece(at, at, now_s, strand.starts_s[k]))
        pieces.append(Piece(way.start, way.end, strand.starts_s[k], strand.ends_s[k]))
        at, now_s = way.end, strand.ends_s[k]
    return pieces if strand.errand.lands else [*pieces, Piece(at, at, now_s, max(until_s, now_s) + 1.0)]


def _proven(strands: Sequence[Strand], layer_m: float) -> Least:
    """Over all pieces, flown and stood in, that the precedences let two vehicles be in at once."""
    legs = [(strand.vehicle, k) for strand in strands for k in range(len(strand.after))]
    index = {leg: k for k, leg in enumerate(legs)}
    before = _closure(strands, index)
    rows, first, last, owner = [], [], [], []
    for number, strand in enumerate(strands):
        count = len(strand.after)
        for k, way in enumerate(strand.ways()):
            rows.append(way.row())
            first.append(index[strand.vehicle, k])
            last.append(index[strand.vehicle, k])
            owner.append(number)
        for k, at in enumerate(strand.points):
            if (k == count and strand.errand.lands) or (k == 0 and strand.errand.is_parked):
                continue
            rows.append(Way(at, at).row())
            first.append(index[strand.vehicle, k - 1] if k else -1)
            last.append(index[strand.vehicle, k] if k < count else -1)
            owner.append(number)
    if not rows:
        return Least(apart_m=np.inf)
    who = np.array(owner)
    least = least_untimed(np.array(rows), _may_meet(before, np.array(first), np.array(last), who), layer_m)
    if least.pair is None:
        return least
    return Least(apart_m=least.apart_m, pair=(owner[least.pair[0]], owner[least.pair[1]]))


def _may_meet(before: Flags, first: Floats, last: Floats, owner: Floats) -> Floats:
    """Pieces of two vehicles, unless one is over before the other begins. -1: it never begins, or never ends."""
    padded = np.zeros((len(before) + 1, len(before) + 1), bool)
    padded[:-1, :-1] = before
    is_over = padded[np.ix_(first, last)]
    return np.asarray(~is_over & ~is_over.T & (owner[:, None] != owner[None, :]), float)


def _closure(strands: Sequence[Strand], index: dict[PieceId, int]) -> Flags:
    """`before[b, a]`: a is done before b begins."""
    before = np.zeros((len(index), len(index)), bool)
    pieces = sorted(
        ((strand.starts_s[k], strand.vehicle, k, strand) for strand in strands for k in range(len(strand.after))),
        key=lambda piece: piece[:3],
    )
    for _, vehicle, k, strand in pieces:
        b = index[vehicle, k]
        needs = [index[piece] for piece in strand.after[k]] + ([index[vehicle, k - 1]] if k else [])
        for a in needs:
            before[b] |= before[a]
            before[b, a] = True
    return before
