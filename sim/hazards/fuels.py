"""The standard fuels as arrays, one row a model, read once from fuels.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from sim.hazards.hazard import Floats, Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuels:
    """(m,) and, for the six size classes, (m, 6): dead 1 h, 10 h, 100 h, dead herbaceous, live herbaceous, live woody.

    US units, as in the tables: ft, fractions, Btu/lb, lb/ft2, 1/ft. The fourth class is empty until moisture cures
    part of the herbs of a dynamic model into it.
    """

    names: tuple[str, ...]
    number: Rows
    depth: Floats
    extinction: Floats
    heat: Floats
    loads: Floats
    sav: Floats

    def row(self, name: str) -> int:
        return self.names.index(name)


@cache
def standard_fuels() -> Fuels:
    """All of Anderson 13 (FM1 to FM13), Scott and Burgan 40, and NB: what does not burn."""
    table = tomllib.loads((Path(__file__).parent / "fuels.toml").read_text(encoding="utf-8"))
    loads, sav = (np.array([row[key] for row in table.values()], float) for key in ("loads", "sav"))
    empty = np.zeros((len(table), 1))
    number = np.array([row["number"] for row in table.values()], np.int64)
    is_dynamic = (number > 100) & (loads[:, 3] > 0.0)
    return Fuels(
        names=tuple(table),
        number=number,
        depth=np.array([row["depth"] for row in table.values()], float),
        extinction=np.array([row["extinction"] for row in table.values()], float) / 100.0,
        heat=np.array([row["heat"] for row in table.values()], float) * 1000.0,
        loads=np.hstack([loads[:, :3], empty, loads[:, 3:]]),
        sav=np.hstack([sav[:, :3], np.where(is_dynamic, sav[:, 3], 0.0)[:, None], sav[:, 3:]]),
    )
