"""Writes what two outside programs say of Rothermel's fire, for tests/golden/rothermel.json.

Run in a throw-away environment: python -m venv DIR; DIR/bin/pip install pyretechnics pyrothermel; then
DIR/bin/python scripts/fire_golden.py > tests/golden/rothermel.json. Pyretechnics 2026.10.20 (single precision, its own
fuel table) and pyrothermel 0.1.4 (Behave in C++, its own fuel table), 400 seeded cases and every fuel in both.
"""

import json
import math
import random
import sys

from pyretechnics import fuel_models, surface_fire
from pyrothermel import FuelModel, MoistureScenario, PyrothermelRun, UnitsPreset, units

SEED, CASES = 20261125, 400
FUELS = [n for n in fuel_models.list_fuel_model_numbers() if not 91 <= n <= 99]


def draw(rng: random.Random, fuel: int) -> dict[str, float]:
    """Units: fractions, m/s at midflame, degrees the wind blows to, rise over run, degrees uphill."""
    one_hour = rng.uniform(0.03, 0.16)
    herbs, woody = rng.uniform(0.3, 1.5), rng.uniform(0.6, 1.5)
    if fuel <= 13:  # Pyretechnics calls all live fuel of Anderson's herbaceous; Behave, as BehavePlus, woody in four
        herbs = woody
    return {
        "fuel": fuel,
        "moisture": [
            round(x, 4)
            for x in (one_hour, one_hour + 0.01, one_hour + 0.02, herbs, woody)
        ],
        "wind_m_s": round(rng.choice([0.0, rng.uniform(0.1, 6.0)]), 3),
        "wind_to_deg": round(rng.uniform(0.0, 360.0), 1),
        "slope": round(rng.choice([0.0, rng.uniform(0.02, 0.9)]), 3),
        "uphill_deg": round(rng.uniform(0.0, 360.0), 1),
        "toward_deg": round(rng.uniform(0.0, 360.0), 1),
    }


def by_pyretechnics(case: dict) -> dict[str, float]:
    one, ten, hundred, herbs, woody = case["moisture"]
    model = fuel_models.get_fuel_model(case["fuel"])
    moist = fuel_models.moisturize(model, (one, ten, hundred, 0.0, herbs, woody))
    least = surface_fire.calc_surface_fire_behavior_no_wind_no_slope(moist)
    head = surface_fire.calc_surface_fire_behavior_max(
        least, case["wind_m_s"] * 60.0, (case["wind_to_deg"] + 180.0) % 360.0, case["slope"],
        (case["uphill_deg"] + 180.0) % 360.0,
    )
    x, y, _ = head["max_spread_direction"]
    return {
        "calm_m_min": least["base_spread_rate"], "head_m_min": head["max_spread_rate"],
        "heading": [x, y], "length_to_width": head["length_to_width_ratio"],
        "fireline_kw_m": head["max_fireline_intensity"], "flame_m": head["max_flame_length"],
    }


def by_behave(case: dict) -> dict[str, float]:
    preset = UnitsPreset.metric()
    preset.windspeed_units = units.SpeedUnits.MetersPerSecond
    preset.spread_rate_units = units.SpeedUnits.MetersPerMinute
    # its kJ/kg are taken for Btu/lb on the way back in, so they never leave Btu/lb
    preset.heat_of_combustion_units = units.HeatOfCombustionUnits.BtusPerPound
    one, ten, hundred, herbs, woody = case["moisture"]
    run = PyrothermelRun(
        FuelModel.from_existing(case["fuel"], preset), MoistureScenario(one, ten, hundred, herbs, woody),
        case["wind_m_s"], units_preset=preset, wind_direction=(case["wind_to_deg"] + 180.0) % 360.0,
        slope=math.degrees(math.atan(case["slope"])), aspect=(case["uphill_deg"] + 180.0) % 360.0,
    )
    said = run.run_surface_fire_in_direction_of_max_spread()
    return {
        "head_m_min": said["spread_rate"], "heading_deg": said["direction"], "flame_m": said["flame_length"],
        "fireline_kw_m": said["fireline_intensity"], "reaction_kw_m2": said["reaction_intensity"],
        "toward_m_min": run.run_surface_fire_in_direction_of_interest(case["toward_deg"])["spread_rate"],
    }


def rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, list):
        return [rounded(each) for each in value]
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return value


def main() -> None:
    rng = random.Random(SEED)
    cases = [draw(rng, fuel) for fuel in FUELS] + [draw(rng, rng.choice(FUELS)) for _ in range(CASES - len(FUELS))]
    rows = [{**case, "pyretechnics": by_pyretechnics(case), "behave": by_behave(case)} for case in cases]
    json.dump({"seed": SEED, "cases": [rounded(row) for row in rows]}, sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    main()
