"""People who stay where they are, over the looks of several vehicles: association, fusion, merging, existence."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from shapely import Point, Polygon

from perception.model import ContactState
from perception.track import Area, Floats, OddsModel, Sighting, Track
from world.ids import ContactId

_GATE = 9.21
"""Chi-square with 2 degrees of freedom at 99 %."""
_SAME_PERSON = 2.77
"""Chi-square with 2 degrees of freedom at 75 %: closer than this two tracks are one person."""
_FORBIDDEN = 1e6
_ENOUGH_IMAGES = 6
"""Seen this often each, and hardly ever together: one person, whatever a biased vehicle made of the distance."""
_SHARED_IMAGES = 0.25
"""Two people so close are nearly always in one image together; one body rarely gives two detections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What one look did: tracks that changed (`seen` by index of the sighting), and tracks that ended in another."""

    changed: tuple[Track, ...]
    seen: tuple[Track, ...]
    merged: tuple[tuple[Track, Track], ...]
    """(gone, kept)"""


class Tracker:
    """Feed it one examined image at a time, with all that was seen in it."""

    def __init__(self, odds: OddsModel | None = None, *, edge_m: float = 3.0, most_merge_m: float = 4.5) -> None:
        self._odds = odds or OddsModel()
        self._edge_m = edge_m
        self._most_merge_m = most_merge_m
        self._count = 0
        self.tracks: list[Track] = []

    def look(self, area: Area, sightings: tuple[Sighting, ...]) -> Update:
        """Each track takes at most one sighting of an image, because two people are two."""
        pairs = self._associate(sightings)
        seen = [self._take(area, sighting, pairs.get(index)) for index, sighting in enumerate(sightings)]
        missed = self._miss_unseen(area, seen)
        merged = self._merge(seen)
        kept = dict(merged)
        seen = [kept.get(track, track) for track in seen]
        changed = {track.id: track for track in (*seen, *missed)}
        return Update(changed=tuple(changed.values()), seen=tuple(seen), merged=tuple(merged))

    def _associate(self, sightings: tuple[Sighting, ...]) -> dict[int, Track]:
        """Sighting index -> track, by least total cost; opening a new track costs the gate."""
        if not sightings or not self.tracks:
            return {}
        cost = np.full((len(sightings), len(self.tracks) + len(sightings)), _GATE)
        for row, sighting in enumerate(sightings):
            for column, track in enumerate(self.tracks):
                distance = _distance(track, sighting.point, sighting.noise + sighting.bias)
                cost[row, column] = distance if distance < _GATE else _FORBIDDEN
        rows, columns = linear_sum_assignment(cost)
        chosen = zip(rows.tolist(), columns.tolist(), strict=True)
        return {row: self.tracks[column] for row, column in chosen if column < len(self.tracks)}

    def _take(self, area: Area, sighting: Sighting, track: Track | None) -> Track:
        if track is None:
            self._count += 1
            name = ContactId(f"C{self._count:02d}")
            track = Track(id=name, first_seen=area.at, last_seen=area.at, odds=self._odds)
            self.tracks.append(track)
        track.add(area, sighting)
        return track

    def _miss_unseen(self, area: Area, seen: list[Track]) -> list[Track]:
        """Lower the odds of tracks well inside the picture that nobody was seen at."""
        inner = Polygon(area.corners).buffer(-self._edge_m)
        hit = {track.id for track in seen}
        missed = [
            track
            for track in self.tracks
            if track.id not in hit and track.state is not ContactState.REJECTED and inner.contains(Point(track.point))
        ]
        for track in missed:
            track.miss(area)
        return missed

    def _merge(self, seen: list[Track]) -> list[tuple[Track, Track]]:
        """Join tracks that moved onto each other, unless images showed both."""
        merged: list[tuple[Track, Track]] = []
        for track in sorted(seen, key=lambda one: one.id):
            other = self._twin(track) if track in self.tracks else None
            if other is None:
                continue
            kept, gone = (track, other) if self.tracks.index(track) < self.tracks.index(other) else (other, track)
            kept.absorb(gone)
            self.tracks.remove(gone)
            merged.append((gone, kept))
        return merged

    def _twin(self, track: Track) -> Track | None:
        for other in self.tracks:
            if other is track or float(np.linalg.norm(other.point - track.point)) > self._most_merge_m:
                continue
            together, fewer = len(other.images & track.images), min(len(other.images), len(track.images))
            if together > _SHARED_IMAGES * fewer:
                continue
            is_near = _distance(other, track.point, track.spread) < _SAME_PERSON
            if (is_near and not together) or fewer >= _ENOUGH_IMAGES:
                return other
        return None


def _distance(track: Track, point: Floats, spread: npt.NDArray[np.float64]) -> float:
    """Squared Mahalanobis distance."""
    offset = point - track.point
    return float(offset @ np.linalg.solve(track.spread + spread, offset))
