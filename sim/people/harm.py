"""What heat, gas and water do to people, as doses that add up to 1 when half of them cannot help themselves.

ISO 13571:2012 (fractional effective dose), from memory: CO 35000 ppm min; convective heat 5e7 T^-3.4 min, lightly
clothed; radiant heat above 2.5 kW/m2 4.2 q^-1.9 min. Oxygen below 10 % within minutes (Purser, from memory): here 2
min. A head under water: 1 min. Half of the dose of a toxic gas is ten minutes at what nobody can be in.
"""

from typing import Final

import numpy as np

from sim.hazards.hazard import Conditions, Floats

OUT, DEAD = 1.0, 2.0
"""Doses at which somebody is unconscious and beyond help; the second is an estimate."""
DROWNS_S: Final = 60.0
MOUTH_M: Final = {"standing": 1.5, "waving": 1.5, "sitting": 0.8, "lying": 0.2}


def harm_per_s(felt: Conditions, mouth_up_m: Floats, danger_mg_m3: float) -> Floats:
    """(n,) dose a second in these conditions."""
    dose = felt.co_ppm / 35000.0 / 60.0
    hot = felt.air_c > 60.0
    dose += np.where(hot, np.maximum(felt.air_c, 60.0) ** 3.4 / 5e7, 0.0) / 60.0
    radiant = felt.heat_kw_m2 > 2.5
    dose += np.where(radiant, np.maximum(felt.heat_kw_m2, 2.5) ** 1.9 / 4.2, 0.0) / 60.0
    dose += np.where(felt.o2_pct < 10.0, 1.0 / 120.0, 0.0)
    dose += 0.5 * felt.toxic_mg_m3 / danger_mg_m3 / 600.0
    drowning = np.nan_to_num(felt.water_up_m, nan=-np.inf) > mouth_up_m
    return np.asarray(dose + np.where(drowning, OUT / DROWNS_S, 0.0))
