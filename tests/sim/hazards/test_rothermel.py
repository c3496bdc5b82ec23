"""Rates of fire agree with two outside programs, Behave and Pyretechnics, over all fuels (scripts/fire_golden.py)."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.hazards.fuels import standard_fuels
from sim.hazards.hazard import Floats, Rows
from sim.hazards.rothermel import Beds, Spread, beds, flame_length_m, length_to_width, midflame_share, spread

GOLDEN = Path(__file__).parents[2] / "golden" / "rothermel.json"


@cache
def golden() -> list[dict[str, object]]:
    cases: list[dict[str, object]] = json.loads(GOLDEN.read_text())["cases"]
    return cases


def column(*path: str) -> Floats:
    def read(case: dict[str, object]) -> object:
        value: object = case
        for key in path:
            assert isinstance(value, dict)
            value = value[key]
        return value

    return np.array([read(case) for case in golden()], float)


def vectors(azimuth: str, length: str) -> Floats:
    angle = np.radians(column(azimuth))
    return np.column_stack([np.sin(angle), np.cos(angle)]) * column(length)[:, None]


def fuel_rows() -> Rows:
    row = {int(number): k for k, number in enumerate(standard_fuels().number)}
    return np.array([row[int(number)] for number in column("fuel")])


@cache
def ours(decimals: int = 9) -> tuple[Beds, Spread]:
    """Pyretechnics' table has loads to four decimals; with those rounded alike only the equations can differ."""
    fuels = standard_fuels()
    fuels = replace(fuels, loads=np.round(fuels.loads, decimals))
    bed = beds(fuels, fuel_rows(), column("moisture"))
    return bed, spread(bed, vectors("wind_to_deg", "wind_m_s"), vectors("uphill_deg", "slope"))


def off(ours: Floats, theirs: Floats, floor: float) -> Floats:
    """Relative where the rate is more than `floor`, absolute below."""
    return np.asarray(np.abs(ours - theirs) / np.maximum(np.abs(theirs), floor))


def test_every_standard_fuel_is_among_the_cases() -> None:
    fuels = standard_fuels()
    burns = {int(n) for n, loads in zip(fuels.number, fuels.loads, strict=True) if loads.any()}
    assert burns == {int(number) for number in column("fuel")}
    assert len(burns) == 53


def test_head_rate_agrees_with_behave() -> None:
    _, head = ours()
    error = off(head.rate_m_s * 60.0, column("behave", "head_m_min"), 1e-3)
    herbs = standard_fuels().loads[fuel_rows(), 4] > 0.0
    has_cured = (column("fuel") > 100) & herbs
    assert error[~has_cured & (column("fuel") != 7)].max() < 3e-5
    """FM7: Behave rounds the fineness of its shrubs, 1 %."""
    assert error.max() < 0.03
    """Behave rounds Burgan's curing to 1.333 - 1.11 M, which shows where hardly anything is cured."""


def test_rate_without_wind_and_slope_agrees_with_pyretechnics() -> None:
    bed, _ = ours(4)
    assert off(bed.rate_m_s * 60.0, column("pyretechnics", "calm_m_min"), 1e-3).max() < 1e-3


def test_head_agrees_with_pyretechnics_where_wind_and_slope_do_not_mix() -> None:
    bed, head = ours(4)
    pure = (column("slope") == 0.0) | (column("wind_m_s") == 0.0)
    assert pure.sum() > 200
    assert off(head.rate_m_s * 60.0, column("pyretechnics", "head_m_min"), 1e-3)[pure].max() < 1e-3
    ratio = length_to_width(head.effective_wind_m_s)
    level = column("slope") == 0.0
    assert off(ratio, column("pyretechnics", "length_to_width"), 1e-3)[level].max() < 1e-3
    fireline = bed.heat_kj_m2 * head.rate_m_s
    assert off(fireline, column("pyretechnics", "fireline_kw_m"), 1.0)[pure].max() < 3e-3
    assert off(flame_length_m(fireline), column("pyretechnics", "flame_m"), 0.05)[pure].max() < 1e-3


def test_heading_agrees_with_behave_where_the_fire_moves() -> None:
    _, head = ours()
    moves = (column("behave", "head_m_min") > 1e-2) & (np.hypot(*head.heading.T) > 0.0)
    degrees = np.degrees(np.arctan2(head.heading[:, 0], head.heading[:, 1]))
    turn = (degrees - column("behave", "heading_deg") + 180.0) % 360.0 - 180.0
    assert np.abs(turn[moves]).max() < 0.5


def test_rate_in_any_direction_agrees_with_behave() -> None:
    _, head = ours()
    angle = np.radians(column("toward_deg"))
    rate = head.toward(np.column_stack([np.sin(angle), np.cos(angle)])) * 60.0
    error = off(rate, column("behave", "toward_m_min"), 1e-3)
    assert error.max() < 0.03


def test_reaction_intensity_agrees_with_behave() -> None:
    bed, _ = ours()
    assert off(bed.reaction_kw_m2, column("behave", "reaction_kw_m2"), 1.0).max() < 0.02


def test_what_does_not_burn_has_no_rate() -> None:
    fuels = standard_fuels()
    rows = np.array([fuels.row(name) for name in ("NB1", "NB2", "NB3", "NB8", "NB9")])
    bed = beds(fuels, rows, np.full((5, 5), 0.05))
    head = spread(bed, np.full((5, 2), 3.0), np.full((5, 2), 0.2))
    assert not bed.rate_m_s.any()
    assert not head.rate_m_s.any()
    assert np.isfinite(head.eccentricity).all()


def test_fuel_as_wet_as_its_extinction_does_not_burn() -> None:
    fuels = standard_fuels()
    rows = np.flatnonzero((fuels.loads > 0).any(1) & (fuels.loads[:, 4:] == 0).all(1))
    wet = np.repeat(fuels.extinction[rows][:, None], 5, axis=1)
    assert beds(fuels, rows, wet).rate_m_s == pytest.approx(np.zeros(len(rows)), abs=1e-9)


def test_a_canopy_shelters_the_flames() -> None:
    open_share = midflame_share(np.array([0.3, 1.8]))
    assert open_share == pytest.approx([0.363, 0.546], abs=0.02)
    """Andrews 2012, RMRS-GTR-266, unsheltered: 0.36 at 1 ft of fuel, 0.55 at 6 ft."""
    assert (midflame_share(np.array([0.3, 1.8]), 0.7, 15.0) < 0.2).all()
