"""What the place is to payloads: gas, tags, tremors, hoses, material, water. Without a world nothing is there."""

from collections.abc import Callable
from dataclasses import dataclass

from world.position import Enu


@dataclass(frozen=True, slots=True, kw_only=True)
class Gas:
    """The air at one point; fresh air by default."""

    ch4_pct: float = 0.0
    co_ppm: float = 0.0
    o2_pct: float = 20.9
    co2_pct: float = 0.04
    h2s_ppm: float = 0.0
    temperature_c: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """An ultra-wideband tag that somebody carries."""

    id: int
    at: Enu


@dataclass(frozen=True, slots=True, kw_only=True)
class Tremor:
    """One knock or fall: when by UTC, and how hard the ground moves 1 m away."""

    at: Enu
    utc_us: int
    peak_velocity_m_s: float


def fresh_air(at: Enu) -> Gas:
    return Gas()


def nothing_between(one: Enu, other: Enu) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Of one vehicle, now; whoever knows the world replaces it as the world changes."""

    gas: Callable[[Enu], Gas] = fresh_air
    tags: tuple[Tag, ...] = ()
    is_blocked: Callable[[Enu, Enu], bool] = nothing_between
    """Whether something solid lies between two points."""
    tremors: tuple[Tremor, ...] = ()
    shaking_m_s: float = 0.0
    """Of the ground, by engines and tools nearby."""
    supply_mpa: float = 0.0
    """Pressure of the hose at the shut valve; 0 without a hose."""
    yields_at_n: float | None = None
    """Force at which the material before the tool gives way; None where there is none."""
    intake_depth_m: float = 0.0
    """Water above the pump's intake."""
    load_kg: float = 0.0
    """What lies between the jaws or hangs on the hook."""
