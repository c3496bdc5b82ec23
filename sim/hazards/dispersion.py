"""How smoke and gas spread in open air: Gaussian plumes and puffs with Pasquill's classes and Briggs's widths.

Briggs G.A. 1973, Diffusion estimation for small emissions, ATDL 79 (doi 10.2172/5118833), open country and urban; valid
from 100 m to 10 km, used nearer here. Classes by wind and sun: Pasquill 1961 as tabled by Turner 1970 (AP-26).
"""

from enum import StrEnum
from typing import Final

import numpy as np

from sim.hazards.hazard import Floats


class Stability(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


_OPEN: Final = {  # sigma_y = y x (1 + 0.0001 x) ** -0.5; sigma_z = z x (1 + s x) ** p
    Stability.A: (0.22, 0.20, 0.0, 0.0), Stability.B: (0.16, 0.12, 0.0, 0.0),
    Stability.C: (0.11, 0.08, 2e-4, -0.5), Stability.D: (0.08, 0.06, 1.5e-3, -0.5),
    Stability.E: (0.06, 0.03, 3e-4, -1.0), Stability.F: (0.04, 0.016, 3e-4, -1.0),
}
_URBAN: Final = {  # sigma_y = y x (1 + 0.0004 x) ** -0.5
    Stability.A: (0.32, 0.24, 1e-3, 0.5), Stability.B: (0.32, 0.24, 1e-3, 0.5), Stability.C: (0.22, 0.20, 0.0, 0.0),
    Stability.D: (0.16, 0.14, 3e-4, -0.5), Stability.E: (0.11, 0.08, 1.5e-3, -0.5),
    Stability.F: (0.11, 0.08, 1.5e-3, -0.5),
}
LEAST_WIND_M_S: Final = 0.5
"""In calmer air a plume has no axis; Gaussian models do not hold there."""


def widths_m(away_m: Floats, stability: Stability, *, is_urban: bool = False) -> tuple[Floats, Floats]:
    """Standard deviations across and upwards after so many metres downwind; at least 1 mm."""
    y, z, bend, power = (_URBAN if is_urban else _OPEN)[stability]
    x = np.maximum(away_m, 0.01)
    across = y * x / np.sqrt(1.0 + (4e-4 if is_urban else 1e-4) * x)
    return np.maximum(across, 1e-3), np.maximum(z * x * (1.0 + bend * x) ** power, 1e-3)


def plume(
    points: Floats, sources: Floats, rates: Floats, wind_m_s: Floats, stability: Stability, *, widen_m: float = 0.0
) -> Floats:
    """(n,) steady concentration (rate unit times s per m3) at points (n, 3), of sources (m, 3) with rates (m,).

    The ground at each source's foot reflects all; heights are above it. `widen_m` is how wide sources are (1 sigma).
    """
    speed = max(float(np.hypot(*wind_m_s)), LEAST_WIND_M_S)
    axis = wind_m_s / max(float(np.hypot(*wind_m_s)), 1e-9)
    gap = points[:, None, :] - sources[None, :, :]
    along = gap[:, :, 0] * axis[0] + gap[:, :, 1] * axis[1]
    across = gap[:, :, 1] * axis[0] - gap[:, :, 0] * axis[1]
    wide, high = widths_m(along, stability)
    wide, high = np.hypot(wide, widen_m), np.hypot(high, widen_m)
    share = np.exp(-0.5 * (across / wide) ** 2) * np.exp(-0.5 * (gap[:, :, 2] / high) ** 2)
    dense = rates * share / (np.pi * speed * wide * high)
    return np.asarray(np.where(along > 0.0, dense, 0.0).sum(1))


def puffs(points: Floats, centres: Floats, amounts: Floats, wide: Floats, high: Floats) -> Floats:
    """(n,) concentration at points (n, 3) above ground, of puffs (m, 3) whose height is their release's."""
    gap = points[:, None, :] - centres[None, :, :]
    flat = (gap[:, :, 0] ** 2 + gap[:, :, 1] ** 2) / wide**2
    down, up = points[:, None, 2] - centres[None, :, 2], points[:, None, 2] + centres[None, :, 2]
    vertical = np.exp(-0.5 * (down / high) ** 2) + np.exp(-0.5 * (up / high) ** 2)
    return np.asarray((amounts * np.exp(-0.5 * flat) * vertical / ((2.0 * np.pi) ** 1.5 * wide**2 * high)).sum(1))


def stability_of(wind_m_s: float, sun_elevation_deg: float) -> Stability:
    """Pasquill's class by day, by wind at 10 m and the height of an unclouded sun; nights need cloud, ask for them."""
    table = "AABBC" if sun_elevation_deg > 60.0 else "ABBCD" if sun_elevation_deg > 35.0 else "BCCDD"
    column = int(np.searchsorted([2.0, 3.0, 5.0, 6.0], wind_m_s, side="right"))
    return Stability(table[column])
