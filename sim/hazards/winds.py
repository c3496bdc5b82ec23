"""The wind over a disaster: constant between changes, the same for all hazards of a place."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.hazards.hazard import Floats
from sim.scenarios.hazards import WindSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Winds:
    """from_s (k,) in order, the first 0; toward_m_s (k, 2) where it blows to, east and north, at 10 m."""

    from_s: Floats
    toward_m_s: Floats

    @classmethod
    def of(cls, wind_m_s: float, wind_from_deg: float, changes: Sequence[WindSpec] = ()) -> "Winds":
        steps = sorted([WindSpec(at_s=0.0, wind_m_s=wind_m_s, wind_from_deg=wind_from_deg), *changes], key=_when)
        angle = np.radians([step.wind_from_deg + 180.0 for step in steps])
        speed = np.array([step.wind_m_s for step in steps])
        return cls(
            from_s=np.array([step.at_s for step in steps]),
            toward_m_s=np.column_stack([np.sin(angle), np.cos(angle)]) * speed[:, None],
        )

    def at(self, now_s: float) -> Floats:
        """(2,)"""
        return np.asarray(self.toward_m_s[self.index(now_s)])

    def index(self, now_s: float) -> int:
        return int(np.searchsorted(self.from_s, now_s, side="right")) - 1


def _when(step: WindSpec) -> float:
    return step.at_s
