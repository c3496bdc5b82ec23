"""Firebrands: how far they fly and whether they light what they land on.

Flight: lognormal in distance with the wind (Sardoy et al. 2008, Combust. Flame 154:478; coefficients recalled, not
read); Perryman et al. 2013 let a brand live on over an exponential way. Ignition: Schroeder 1969, as in Pyretechnics.
"""

from typing import Final

import numpy as np

from sim.hazards.hazard import Floats

_AIR_KG_M3, _AIR_KJ_KG_K, _AIR_K, _G = 1.1, 1.121, 300.0, 9.81
"""Sardoy's air; kJ and MW agree through the 1000 below."""
SIDE: Final = 0.1
"""Standard deviation of the way to the side as a share of the way; estimate."""


def flight(fireline_kw_m: float, wind_m_s: float) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm of a brand's way in metres."""
    power = fireline_kw_m / 1000.0
    length = (fireline_kw_m / (_AIR_KG_M3 * _AIR_KJ_KG_K * _AIR_K * np.sqrt(_G))) ** (2.0 / 3.0)
    wind = max(wind_m_s, 0.1)
    if wind / np.sqrt(_G * max(length, 1e-9)) <= 1.0:
        mean = 1.47 * power**0.54 * wind**-0.55 + 1.14
        spread = 0.86 * power**-0.21 * wind**0.44 + 0.19
    else:
        mean = 1.32 * power**0.26 * wind**0.11 - 0.02
        spread = 4.95 * power**-0.01 * wind**-0.02 - 3.48
    return float(mean), float(max(spread, 0.05))


def lights(air_c: float, moisture: Floats) -> Floats:
    """Chance that a brand lights fine fuel of a moisture (fraction)."""
    heat = 144.512 - 0.266 * air_c - 0.00058 * air_c**2 - air_c * moisture
    heat = heat + 18.54 * (1.0 - np.exp(-15.1 * moisture)) + 640.0 * moisture
    chance = 0.000048 * (np.maximum(400.0 - heat, 0.0) * 0.1) ** 4.3 * 0.02
    return np.asarray(np.minimum(chance, 1.0))
