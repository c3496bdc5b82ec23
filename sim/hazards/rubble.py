"""Rubble with cavities: solid but for the voids, until somebody digs or the pile settles."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.hazards.hazard import NS, Action, Arrays, Blow, Collapse, Conditions, Flags, Floats, Hazard, point
from sim.scenarios.hazards import RubbleSpec

REACH_M: Final = 3.0
"""Of a breaching tool above its cavity, in plan."""
SHAFT_M: Final = 0.45
"""Half the width of a shaft with room for its walls."""
_STEP_M: Final = 0.1


class Rubble(Hazard):
    """Per cavity: energy put into the shaft to it, where that begins, whether it is open or crushed."""

    name = "rubble"
    pace_ns = NS

    def __init__(self, spec: RubbleSpec, *, ground_up_m: float = 0.0) -> None:
        super().__init__()
        self._spec = spec
        half = np.array([*spec.size_m, spec.height_m]) / 2
        middle = np.array([*spec.at_m, ground_up_m + half[2]])
        self.low, self.high = middle - half, middle + half
        self.cavities = {cavity.id: k for k, cavity in enumerate(spec.cavities)}
        self.at = np.array([(*cavity.at_m, ground_up_m + cavity.up_m) for cavity in spec.cavities]).reshape(-1, 3)
        self.half = np.array([cavity.size_m for cavity in spec.cavities]).reshape(-1, 3) / 2
        self.cover_m = np.maximum(self.high[2] - (self.at[:, 2] + self.half[:, 2]), 0.0)
        self._given_j = np.zeros(len(self.at))
        self._shaft = self.at.copy()
        self._open, self._crushed = np.zeros(len(self.at), np.int64), np.zeros(len(self.at), np.int64)

    def advance(self) -> None:
        """Rubble moves only when something moves it."""

    def is_open(self, cavity: str) -> bool:
        """Whether a shaft leads to it."""
        return bool(self._open[self.cavities[cavity]])

    def is_crushed(self, cavity: str) -> bool:
        return bool(self._crushed[self.cavities[cavity]])

    def dug_m(self, cavity: str) -> float:
        """Depth of the shaft so far."""
        number = self.cavities[cavity]
        return float(min(self._given_j[number] / self._spec.breach_j_per_m, self.cover_m[number]))

    def is_solid(self, points: Floats) -> Flags:
        """(n,) rubble at points (n, 3): in the pile, in no cavity and no open shaft."""
        inside = ((points >= self.low) & (points <= self.high)).all(1)
        gap = points[:, None, :] - self.at
        void = (np.abs(gap) <= self.half).all(2) & (self._crushed == 0)
        beside = np.abs(points[:, None, :2] - self._shaft[:, :2]).max(2) <= SHAFT_M
        shaft = beside & (points[:, None, 2] >= self.at[:, 2]) & (self._open > 0)
        return np.asarray(inside & ~(void | shaft).any(1))

    def feel(self, points: Floats, into: Conditions) -> None:
        into.is_blocked |= self.is_solid(points)

    def blocks(self, one: Floats, other: Floats) -> bool:
        count = max(int(np.sqrt(((other - one) ** 2).sum()) / _STEP_M), 1)
        return bool(self.is_solid(one + (other - one) * np.linspace(0.0, 1.0, count + 1)[:, None]).any())

    def act(self, action: Action) -> bool:
        if not len(self.at):
            return False
        at = point(action.at)
        if isinstance(action, Blow):
            return self._dig(at, action.joules)
        if isinstance(action, Collapse):
            away = np.sqrt(((self.at - at) ** 2).sum(1))
            hit = (away <= action.length_m / 2) & (self._crushed == 0)
            self._crushed[hit], self._open[hit] = 1, 0
            return bool(hit.any())
        return False

    def can_dig(self, at: Floats) -> bool:
        """Whether a tool at a point (3,) stands on the pile above a cavity with no way in yet."""
        return len(self.at) > 0 and self._under(at) >= 0

    def _under(self, at: Floats) -> int:
        away = np.hypot(*(self.at[:, :2] - at[:2]).T)
        away = np.where((self._open == 0) & (self._crushed == 0), away, np.inf)
        is_on_pile = bool(((at >= self.low - 1.0) & (at <= self.high + 1.0)).all())
        return int(np.argmin(away)) if is_on_pile and away.min() <= REACH_M else -1

    def _dig(self, at: Floats, joules: float) -> bool:
        number = self._under(at)
        if number < 0:
            return False
        self._given_j[number] += joules
        if self._given_j[number] >= self._spec.breach_j_per_m * self.cover_m[number]:
            self._open[number] = 1
        return True

    _KEPT: Final = ("given_j", "open", "crushed")

    def arrays(self) -> Arrays:
        return {name: getattr(self, f"_{name}").copy() for name in self._KEPT}

    def restore(self, arrays: Mapping[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]) -> None:
        for name in self._KEPT:
            setattr(self, f"_{name}", arrays[name].copy())
