"""How far lost people of a category go, and the way there."""

import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Final

import numpy as np

from sim.hazards.hazard import Floats

OURS: Final = Path(__file__).parent / "lost_person.toml"
SHARES: Final = (0.25, 0.50, 0.75, 0.95)
_NORMAL: Final = NormalDist()
_AT: Final = np.array([_NORMAL.inv_cdf(share) for share in SHARES])


class NoBehaviour(ValueError):
    """A file of distances that cannot be used, or a category that is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """quantiles_m (4,) at SHARES; between them the logarithm goes straight over the normal score."""

    quantiles_m: Floats

    def at(self, share: Floats) -> Floats:
        """Distance that a share of people stay within, metres; 0 < share < 1."""
        score = np.array([_NORMAL.inv_cdf(float(each)) for each in np.ravel(share)])
        logs = np.log(self.quantiles_m)
        slopes = np.diff(logs) / np.diff(_AT)
        leg = np.clip(np.searchsorted(_AT, score, side="right") - 1, 0, len(slopes) - 1)
        return np.asarray(np.exp(logs[leg] + slopes[leg] * (score - _AT[leg])).reshape(np.shape(share)))


@cache
def behaviour(file: Path = OURS) -> dict[str, dict[str, tuple[float, ...]]]:
    """category -> country -> km. Raises NoBehaviour with file and remedy."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as reason:
        raise NoBehaviour(f"{file} cannot be read as TOML ({reason}); see sim/people/lost_person.toml") from reason
    for category, countries in table.items():
        rows = countries.values() if isinstance(countries, dict) else [countries]
        for row in rows:
            is_good = isinstance(row, list) and len(row) == len(SHARES)
            is_good = is_good and all(isinstance(km, int | float) and km > 0.0 for km in row)
            if not is_good or any(a >= b for a, b in pairwise(row)):
                raise NoBehaviour(f"{file}, {category}: {row!r} are no four rising distances in km; mend the row")
    return {category: {country: tuple(row) for country, row in rows.items()} for category, rows in table.items()}


def distances(category: str, country: str, file: Path = OURS) -> Distances:
    """Raises NoBehaviour, which names what there is."""
    table = behaviour(file)
    if category not in table:
        raise NoBehaviour(f"{category!r} is not in {file.name}; use one of {', '.join(table)}")
    if country not in table[category]:
        raise NoBehaviour(f"{category} has no {country!r} in {file.name}; use one of {', '.join(table[category])}")
    return Distances(quantiles_m=np.array(table[category][country]) * 1000.0)


def pace_m_s(slope: float) -> float:
    """Tobler 1993: 6 km/h exp(-3.5 |slope + 0.05|), and 60 % of it off a path."""
    return float(6.0 / 3.6 * 0.6 * np.exp(-3.5 * abs(slope + 0.05)))
