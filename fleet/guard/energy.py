"""Time as the guard counts it: ways against the wind, the nearest safe landing, and what the battery still gives."""

import math
from dataclasses import dataclass

from fleet.guard.limits import VehicleLimits
from fleet.guard.space import EquipmentClass, Site, leg_m
from fleet.model import VehicleState
from world.ids import VehicleId
from world.position import Enu
from world.time import Instant

WIND_LASTS_S = 900.0
"""A measurement older than this says nothing any more; the site's worst wind is counted with again."""
GUSTS = 1.3
"""A measured mean is counted this much stronger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wind:
    """How the air moves over the ground: towards the east and north."""

    east_m_s: float
    north_m_s: float


class WindBook:
    """Winds as measured, by vehicle or for the whole site (None)."""

    def __init__(self) -> None:
        self._noted: dict[VehicleId | None, tuple[Wind, Instant]] = {}

    def note(self, where: VehicleId | None, wind: Wind, now: Instant) -> None:
        """Numbers that are none are no measurement."""
        if math.isfinite(wind.east_m_s + wind.north_m_s):
            self._noted[where] = (wind, now)

    def wind(self, vehicle: VehicleId, now: Instant) -> Wind | None:
        """What is known where a vehicle is, its own measurement first."""
        for where in (vehicle, None):
            noted = self._noted.get(where)
            if noted is not None and noted[1].age_s(now) <= WIND_LASTS_S:
                return noted[0]
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """One vehicle's bounds and what lies around it. `rally`: its own landing places, read back from on board."""

    site: Site
    limits: VehicleLimits
    home: Enu
    wind: Wind | None = None
    rally: tuple[Enu, ...] = ()
    equipment: EquipmentClass = EquipmentClass.NONE


def way_s(start: Enu, end: Enu, speed_m_s: float, around: Around) -> float:
    """Time for a straight way at no more than a ground speed, against the wind; infinite where it does not get."""
    length_m = leg_m(start, end)
    if length_m == 0.0:
        return 0.0
    ground_m_s = min(speed_m_s, _against_wind_m_s(start, end, around))
    return length_m / ground_m_s if ground_m_s > 0.0 else math.inf


def _against_wind_m_s(start: Enu, end: Enu, around: Around) -> float:
    air_m_s = around.limits.air_speed_m_s
    if air_m_s is None:
        return math.inf
    if around.wind is None:
        return air_m_s - around.site.worst_wind_m_s
    east_m, north_m = end.east_m - start.east_m, end.north_m - start.north_m
    flat_m = math.hypot(east_m, north_m)
    if flat_m == 0.0:
        return air_m_s
    wind_east, wind_north = GUSTS * around.wind.east_m_s, GUSTS * around.wind.north_m_s
    along = (wind_east * east_m + wind_north * north_m) / flat_m
    across = (wind_east * north_m - wind_north * east_m) / flat_m
    # what a tail wind gives is not counted with
    return math.sqrt(max(0.0, air_m_s**2 - across**2)) + min(0.0, along)


def to_landing_s(at: Enu, around: Around) -> float:
    """Time to the nearest safe landing: home, or a rally point or site that a straight way within the fence reaches."""
    least_s = way_s(at, around.home, around.limits.cruise_m_s, around)
    for place in (*around.rally, *around.site.landings):
        needed_s = way_s(at, place, around.limits.cruise_m_s, around)
        if needed_s < least_s and around.site.fence_fault(at, place, 0.0) is None:
            least_s = needed_s
    return least_s


def left_s(battery_pct: float, limits: VehicleLimits) -> float:
    """Time that the battery gives above its reserve; below 0 when it has less."""
    return (battery_pct - limits.reserve_pct) / 100.0 * limits.endurance_s


def shortage(needed_s: float, state: VehicleState, limits: VehicleLimits) -> str | None:
    """One clear sentence when the battery does not last so long above its reserve."""
    if state.battery_pct is None:
        return "the battery of the vehicle is unknown"
    has_s = left_s(state.battery_pct, limits)
    if needed_s <= has_s:
        return None
    return f"{_said(needed_s)}; the battery lasts {max(0.0, has_s):.0f} s above its reserve"


def _said(needed_s: float) -> str:
    if math.isinf(needed_s):
        return "it makes no way against the wind"
    return f"the way and the return take {needed_s:.0f} s"
