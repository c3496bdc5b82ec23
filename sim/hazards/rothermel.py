"""Surface fire spread after Rothermel (1972) with Albini's (1976) changes, over arrays of places.

Rothermel R.C. 1972, INT-115; Albini F.A. 1976, INT-30; both as restated by Andrews P.L. 2018, RMRS-GTR-371. Cured herbs
of dynamic models after Burgan 1979 (Scott & Burgan 2005). Ellipse: Anderson H.E. 1983, INT-305, length to width at most
8 (Finney 1998). Residence time: Anderson 1969. Flame length: Byram 1959. Wind at midflame: Andrews 2012, RMRS-GTR-266.
Coefficients are in ft, lb, Btu, min; what goes out is in SI.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.hazards.fuels import Fuels
from sim.hazards.hazard import Floats, Rows

FT_M: Final = 0.3048
_BTU_FT2_KJ_M2: Final = 1.05505585262 / FT_M**2
_DENSITY, _MINERAL, _SILICA_FREE = 32.0, 0.0555, 0.01
"""Of every standard fuel particle: lb/ft3, total and effective mineral content."""
_CLASS_EDGES: Final = np.array([16.0, 48.0, 96.0, 192.0, 1200.0])
_DEAD, _LIVE = slice(0, 4), slice(4, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beds:
    """Fuel beds at a given moisture, (n,) each; rate 0 where they do not burn."""

    rate_m_s: Floats
    """Without wind and slope."""
    reaction_kw_m2: Floats
    residence_s: Floats
    wind_most_m_s: Floats
    """Rothermel's limit of the effective wind."""
    wind_factor: Floats
    wind_power: Floats
    """phi_w = factor * (m/s) ** power."""
    slope_factor: Floats
    """phi_s = factor * (rise over run) ** 2."""
    depth_m: Floats
    fine_kg_m2: Floats
    """Load of what carries the fire: dead 1 h and herbs."""

    @property
    def heat_kj_m2(self) -> Floats:
        """Released by the flaming front on a square metre."""
        return self.reaction_kw_m2 * self.residence_s


def beds(fuels: Fuels, rows: Rows, moisture: Floats) -> Beds:
    """rows: (n,) of the fuel table; moisture: (n, 5) fractions of 1 h, 10 h, 100 h, live herbaceous, live woody."""
    loads, moist = _cured(fuels.loads[rows], fuels.number[rows], moisture)
    sav, depth = fuels.sav[rows], fuels.depth[rows]
    surface = sav * loads / _DENSITY
    within = np.hstack([_shares(surface[:, _DEAD]), _shares(surface[:, _LIVE])])
    between = _shares(np.column_stack([surface[:, _DEAD].sum(1), surface[:, _LIVE].sum(1)]))
    mean_sav = (between * _by_kind(within * sav)).sum(1)
    is_fuel = (mean_sav > 0.0) & (depth > 0.0)
    mean_sav, deep = np.where(is_fuel, mean_sav, 1.0), np.where(is_fuel, depth, 1.0)
    packing = loads.sum(1) / _DENSITY / deep
    relative = np.where(is_fuel, packing / (3.348 * mean_sav**-0.8189), 1.0)
    reaction = _reaction(fuels, rows, loads, moist, within, sav, mean_sav, relative) * is_fuel
    flux = np.exp((0.792 + 0.681 * np.sqrt(mean_sav)) * (packing + 0.1)) / (192.0 + 0.2595 * mean_sav)
    heating = np.where(sav > 0.0, np.exp(-138.0 / np.where(sav > 0.0, sav, 1.0)), 0.0)
    preignition = (between * _by_kind(within * heating * (250.0 + 1116.0 * moist))).sum(1)
    sink = loads.sum(1) / deep * preignition
    rate = np.where(sink > 0.0, reaction * flux / np.where(sink > 0.0, sink, 1.0), 0.0)
    power = 0.02526 * mean_sav**0.54
    factor = 7.47 * np.exp(-0.133 * mean_sav**0.55) * relative ** -(0.715 * np.exp(-3.59e-4 * mean_sav))
    return Beds(
        rate_m_s=rate * FT_M / 60.0,
        reaction_kw_m2=reaction * _BTU_FT2_KJ_M2 / 60.0,
        residence_s=np.where(is_fuel, 384.0 / mean_sav * 60.0, 0.0),
        wind_most_m_s=0.9 * reaction * FT_M / 60.0,
        wind_factor=factor * (60.0 / FT_M) ** power,
        wind_power=power,
        slope_factor=np.where(is_fuel, 5.275 * np.where(is_fuel, packing, 1.0) ** -0.3, 0.0),
        depth_m=depth * FT_M,
        fine_kg_m2=(loads[:, 0] + loads[:, 3]) * 4.88243,
    )


def _cured(loads: Floats, number: Rows, moisture: Floats) -> tuple[Floats, Floats]:
    """Moves the dry share of the herbs of dynamic models to the dead; (n, 6) loads and moistures."""
    is_dynamic = (number > 100) & (loads[:, 4] > 0.0)
    green = np.where(is_dynamic, np.clip(moisture[:, 3] / 0.9 - 1.0 / 3.0, 0.0, 1.0), 1.0)
    loads = loads.copy()
    loads[:, 3] = loads[:, 4] * (1.0 - green)
    loads[:, 4] *= green
    return loads, np.column_stack([moisture[:, :3], moisture[:, 0], moisture[:, 3:]])


def _shares(parts: Floats) -> Floats:
    whole = parts.sum(1, keepdims=True)
    return np.asarray(parts / np.where(whole > 0.0, whole, 1.0))


def _by_kind(parts: Floats) -> Floats:
    """(n, 2) sums of dead and live."""
    return np.column_stack([parts[:, _DEAD].sum(1), parts[:, _LIVE].sum(1)])


def _reaction(
    fuels: Fuels, rows: Rows, loads: Floats, moist: Floats, within: Floats, sav: Floats, mean_sav: Floats,
    relative: Floats,
) -> Floats:
    """Btu/ft2/min."""
    a = 133.0 * mean_sav**-0.7913
    most = mean_sav**1.5 / (495.0 + 0.0594 * mean_sav**1.5)
    velocity = most * relative**a * np.exp(a * (1.0 - relative))
    net = _by_kind(_by_class(within, sav) * loads * (1.0 - _MINERAL))
    damping = 0.174 * _SILICA_FREE**-0.19
    dry = fuels.extinction[rows]
    limits = np.column_stack([dry, _live_extinction(dry, loads, moist, sav)])
    ratio = _by_kind(within * moist) / np.where(limits > 0.0, limits, 1.0)
    ratio = np.minimum(ratio, 1.0)
    wet = (1.0 - 2.59 * ratio + 5.11 * ratio**2 - 3.52 * ratio**3) * (limits > 0.0)
    return np.asarray(velocity * damping * fuels.heat[rows] * (net * np.maximum(wet, 0.0)).sum(1))


def _by_class(within: Floats, sav: Floats) -> Floats:
    """Albini's weights of the net load: classes of the same size in dead or in live fuel share theirs."""
    size = np.digitize(sav, _CLASS_EDGES)
    weights = np.zeros_like(within)
    for kind in (_DEAD, _LIVE):
        alike = size[:, kind, None] == size[:, None, kind]
        weights[:, kind] = (alike * within[:, None, kind]).sum(2)
    return weights


def _live_extinction(dry: Floats, loads: Floats, moist: Floats, sav: Floats) -> Floats:
    constant = np.array([-138.0] * 4 + [-500.0] * 2)
    fine = loads * np.where(sav > 0.0, np.exp(constant / np.where(sav > 0.0, sav, 1.0)), 0.0)
    dead, live = fine[:, _DEAD].sum(1), fine[:, _LIVE].sum(1)
    has_both = (dead > 0.0) & (live > 0.0)
    mean = (fine * moist)[:, _DEAD].sum(1) / np.where(dead > 0.0, dead, 1.0)
    ratio = dead / np.where(has_both, live, 1.0)
    wet = 2.9 * ratio * (1.0 - mean / np.where(dry > 0.0, dry, 1.0)) - 0.226
    return np.where(has_both, np.maximum(dry, wet), dry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The ellipse that fire grows into from a point, (n,) each; heading (n, 2) a horizontal unit vector, 0 in calm."""

    rate_m_s: Floats
    """Of the head, along the slope."""
    heading: Floats
    eccentricity: Floats
    effective_wind_m_s: Floats

    def toward(self, direction: Floats) -> Floats:
        """Rate along a horizontal unit vector (2,) or (n, 2), measured on the slope, from the point of ignition."""
        cosine = self.heading[:, 0] * direction[..., 0] + self.heading[:, 1] * direction[..., 1]
        return np.asarray(self.rate_m_s * (1.0 - self.eccentricity) / (1.0 - self.eccentricity * cosine))


def spread(bed: Beds, wind_m_s: Floats, slope: Floats) -> Spread:
    """wind_m_s: (n, 2) midflame, along the ground, where it blows to; slope: (n, 2) gradient. Both east, north.

    Wind and slope add as vectors of phi_w and phi_s by their azimuths, as in Behave; Pyretechnics tilts the wind up
    the slope first, which makes it stronger by 1 / cos where both act.
    """
    steep = np.hypot(slope[:, 0], slope[:, 1])
    phi_w = bed.wind_factor * np.hypot(wind_m_s[:, 0], wind_m_s[:, 1]) ** bed.wind_power
    phi_s = bed.slope_factor * steep**2
    push = _unit(wind_m_s) * phi_w[:, None] + _unit(slope) * phi_s[:, None]
    phi = np.hypot(push[:, 0], push[:, 1])
    effective = (phi / bed.wind_factor) ** (1.0 / bed.wind_power)
    is_held = effective > bed.wind_most_m_s
    effective = np.where(is_held, bed.wind_most_m_s, effective)
    phi = np.where(is_held, bed.wind_factor * bed.wind_most_m_s**bed.wind_power, phi)
    ratio = length_to_width(effective)
    return Spread(
        rate_m_s=bed.rate_m_s * (1.0 + phi),
        heading=_unit(push),
        eccentricity=np.sqrt(ratio**2 - 1.0) / ratio,
        effective_wind_m_s=effective,
    )


def _unit(vector: Floats) -> Floats:
    length = np.sqrt((vector**2).sum(1, keepdims=True))
    return np.asarray(vector / np.where(length > 0.0, length, 1.0))


def length_to_width(effective_wind_m_s: Floats) -> Floats:
    """Of the ellipse; Anderson 1983 with the -0.397 that makes a circle of calm (Finney 1998)."""
    mph = effective_wind_m_s * (60.0 / FT_M) / 88.0
    ratio = 0.936 * np.exp(0.1147 * mph) + 0.461 * np.exp(-0.0692 * mph) - 0.397
    return np.asarray(np.clip(ratio, 1.0, 8.0))


def midflame_share(depth_m: Floats, canopy_cover: float = 0.0, canopy_m: float = 0.0) -> Floats:
    """Of the wind at 20 ft that reaches the flames; under a canopy much less (Andrews 2012)."""
    fill = canopy_cover / 3.0
    if fill >= 0.05 and canopy_m >= 6.0 * FT_M:
        high = canopy_m / FT_M
        share = 0.555 / (np.sqrt(fill * high) * np.log((20.0 + 0.36 * high) / (0.13 * high)))
        return np.full(depth_m.shape, share)
    depth = np.where(depth_m > 0.0, depth_m, 1.0) / FT_M
    return np.where(depth_m > 0.0, 1.83 / np.log((20.0 + 0.36 * depth) / (0.13 * depth)), 0.0)


def flame_length_m(fireline_kw_m: Floats) -> Floats:
    """Byram 1959."""
    return np.asarray(0.07747042253266703 * fireline_kw_m**0.46)
