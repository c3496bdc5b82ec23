"""One suspected person: position fused over images and vehicles, and the odds that somebody is there."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from perception.model import ContactState, Covariance
from world.ids import ContactId, VehicleId
from world.time import Instant

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A detection on the ground: (2,) ENU metres, its fresh error, and the error one vehicle's images share."""

    point: Floats
    noise: Floats
    bias: Floats
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The ground one examined image covered: corners (n, 2) in order, ENU metres."""

    vehicle: VehicleId
    image: int
    at: Instant
    corners: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class OddsModel:
    """How looks change the odds. Repeats by one vehicle tell little: what fooled it once fools it again."""

    most_evidence: float = 2.5
    """Of one detection. Two doubtful ones by two vehicles do not confirm, two clear ones do."""
    repeat_share: float = 0.3
    most_by_one_vehicle: float = 2.9
    most: float = 6.0
    own_detection_probability: float = 0.35
    """Of a person already seen by this vehicle: one miss may be a branch or a turn of the body."""
    other_detection_probability: float = 0.6
    announced_above: float = 0.8
    """Once this likely, the track is worth anybody's attention; a doubtful blob waits for its second sighting."""
    confirmed_above: float = 0.95
    rejected_below: float = 0.05


@dataclass(slots=True)
class _Share:
    """What one vehicle contributed: information of its noise, and the mean of its bias covariances."""

    information: Floats
    vector: Floats
    bias_sum: Floats
    count: int

    def estimate(self) -> tuple[Floats, Floats]:
        noise = np.linalg.inv(self.information)
        return noise @ self.vector, noise + self.bias_sum / self.count


@dataclass(slots=True, eq=False)
class Track:
    """Mutable inside the tracker; the world sees `Contact` values."""

    id: ContactId
    first_seen: Instant
    last_seen: Instant
    odds: OddsModel
    state: ContactState = ContactState.CANDIDATE
    log_odds: float = 0.0
    looks: int = 0
    is_announced: bool = False
    image_digest: str | None = None
    best_score: float = 0.0
    images: set[tuple[VehicleId, int]] = field(default_factory=set)
    _shares: dict[VehicleId, _Share] = field(default_factory=dict)
    _doubts: dict[VehicleId, float] = field(default_factory=dict)
    """What misses of vehicles that never saw this person took from the odds."""
    point: Floats = field(default_factory=lambda: np.zeros(2))
    spread: Floats = field(default_factory=lambda: np.eye(2))

    @property
    def seen_by(self) -> tuple[VehicleId, ...]:
        return tuple(sorted(self._shares))

    @property
    def probability(self) -> float:
        return 1 / (1 + math.exp(-self.log_odds))

    @property
    def covariance(self) -> Covariance:
        s = self.spread
        return Covariance(ee_m2=float(s[0, 0]), en_m2=float(s[0, 1]), nn_m2=float(s[1, 1]))

    def add(self, area: Area, sighting: Sighting) -> None:
        """A detection in one image."""
        self._raise_odds(area.vehicle, sighting.score)
        self._fuse_share(area.vehicle, sighting)
        self.images.add((area.vehicle, area.image))
        self.looks += 1
        self.last_seen = max(self.last_seen, area.at)
        self._settle()

    def miss(self, area: Area) -> None:
        """An image that covered this place and showed nobody."""
        seen_before = area.vehicle in self._shares
        model = self.odds
        detected = model.own_detection_probability if seen_before else model.other_detection_probability
        change = math.log(1 - detected)
        self.log_odds += change
        if not seen_before:
            self._doubts[area.vehicle] = self._doubts.get(area.vehicle, 0.0) - change
        self.looks += 1
        self._settle()

    def absorb(self, other: "Track") -> None:
        """Another track of the same person."""
        for vehicle, theirs in other._shares.items():
            mine = self._shares.get(vehicle)
            if mine is None:
                self._shares[vehicle] = theirs
                continue
            mine.information = mine.information + theirs.information
            mine.vector = mine.vector + theirs.vector
            mine.bias_sum = mine.bias_sum + theirs.bias_sum
            mine.count += theirs.count
        ceiling = self.odds.most if len(self._shares) > 1 else self.odds.most_by_one_vehicle
        self.log_odds = min(ceiling, max(self.log_odds, other.log_odds) + max(0.0, min(self.log_odds, other.log_odds)))
        self.images |= other.images
        self.is_announced |= other.is_announced
        self.looks += other.looks
        self.first_seen = min(self.first_seen, other.first_seen)
        self.last_seen = max(self.last_seen, other.last_seen)
        if other.best_score > self.best_score:
            self.best_score, self.image_digest = other.best_score, other.image_digest
        self._fuse()
        self._settle()

    def _raise_odds(self, vehicle: VehicleId, score: float) -> None:
        """A vehicle that sees somebody after all takes its doubts back: a tree was in its way."""
        model = self.odds
        self.log_odds += self._doubts.pop(vehicle, 0.0)
        evidence = min(_logit(score), model.most_evidence)
        if not self._shares:
            self.log_odds = evidence
        elif vehicle in self._shares:
            ceiling = model.most if len(self._shares) > 1 else model.most_by_one_vehicle
            raised = self.log_odds + model.repeat_share * max(evidence, 0.0)
            self.log_odds = max(self.log_odds, min(raised, ceiling))
        else:
            self.log_odds = min(self.log_odds + max(evidence, 0.0), model.most)

    def _fuse_share(self, vehicle: VehicleId, sighting: Sighting) -> None:
        information = np.asarray(np.linalg.inv(sighting.noise), float)
        share = self._shares.get(vehicle)
        if share is None:
            self._shares[vehicle] = _Share(information, information @ sighting.point, sighting.bias.copy(), 1)
        else:
            share.information = share.information + information
            share.vector = share.vector + information @ sighting.point
            share.bias_sum = share.bias_sum + sighting.bias
            share.count += 1
        self._fuse()

    def _fuse(self) -> None:
        """Vehicles err independently of each other; each one's bias stays in its share however often it looks."""
        total: Floats = np.zeros((2, 2))
        vector: Floats = np.zeros(2)
        for vehicle in self.seen_by:
            point, spread = self._shares[vehicle].estimate()
            information = np.asarray(np.linalg.inv(spread), float)
            total = total + information
            vector = vector + information @ point
        self.spread = np.asarray(np.linalg.inv(total), float)
        self.point = self.spread @ vector

    def _settle(self) -> None:
        """Confirmed stays confirmed: only people take that back."""
        self.is_announced |= self.probability >= self.odds.announced_above
        if self.state is ContactState.CONFIRMED:
            return
        if self.probability < self.odds.rejected_below:
            self.state = ContactState.REJECTED
        elif len(self._shares) > 1 and self.probability >= self.odds.confirmed_above:
            self.state = ContactState.CONFIRMED
        else:
            self.state = ContactState.CANDIDATE


def _logit(score: float) -> float:
    clipped = min(max(score, 1e-3), 1 - 1e-3)
    return math.log(clipped / (1 - clipped))
