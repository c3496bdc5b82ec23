"""Camera component 100 of a vehicle: when it shoots, how it looks, and the pictures' announcement."""

import math
from dataclasses import dataclass
from typing import Final

from sim.engine.columns import NEVER, TICKS_PER_S
from sim.vehicles.spec import CameraSpec
from world.attitude import Quaternion
from world.ids import VehicleId
from world.position import Enu

LENS_UP_M: Final = 0.3
"""Of the lens above the feet or base of the vehicle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One picture, as it truly was taken: lens position and camera FRD -> NED. `index` counts from 0 per vehicle."""

    vehicle: VehicleId
    index: int
    tick: int
    utc_ns: int
    position: Enu
    attitude: Quaternion


class Camera:
    """On a mount stabilised in roll and pitch. All lenses shoot together."""

    def __init__(self, spec: CameraSpec) -> None:
        self.spec = spec
        self.pitch_rad = math.radians(spec.pitch_deg)
        self.yaw_rad = 0.0
        """To the vehicle's nose; only a gimbal turns it."""
        self.trigger_m = 0.0
        self.wants_shot = False
        self.interval_ticks = 0
        self.left = 0
        """Pictures of a series still to come; -1 goes on until stopped."""
        self.count = 0
        self._last_at: tuple[float, float] | None = None
        self._last_tick = -round(spec.min_interval_s * TICKS_PER_S)
        self._series_tick: int | None = None

    def trigger_every(self, distance_m: float, *, shoots_now: bool) -> None:
        """0 stops. The first picture comes at once, as from ArduPilot, whose last place is still unset then."""
        self.trigger_m = max(distance_m, 0.0)
        self._last_at = None
        self.wants_shot = shoots_now

    def shoot_every(self, interval_s: float, count: int) -> None:
        """A series; count 0 goes on until stopped. The first picture comes at once."""
        self.interval_ticks = max(round(interval_s * TICKS_PER_S), 1)
        self.left, self._series_tick = count or -1, None

    def stop_series(self) -> None:
        self.left = 0
        self.wants_shot = False

    def may_be_due(self, tick: int) -> bool:
        """Whether it is worth looking at the place."""
        is_asked = self.wants_shot or self.trigger_m > 0 or self._is_next(tick)
        return is_asked and tick - self._last_tick >= self.spec.min_interval_s * TICKS_PER_S

    def next_look(self) -> int:
        """The first tick at which a picture may be due."""
        if not (self.wants_shot or self.trigger_m > 0 or self.left):
            return NEVER
        next_tick = self._last_tick + math.ceil(self.spec.min_interval_s * TICKS_PER_S)
        if self.wants_shot or self.trigger_m > 0 or self._series_tick is None:
            return next_tick
        return max(next_tick, self._series_tick + self.interval_ticks)

    def is_due(self, tick: int, east_m: float, north_m: float) -> bool:
        """Whether to shoot now; the distance counts from the last picture, over ground."""
        if not self.may_be_due(tick):
            return False
        if self.wants_shot or self._is_next(tick) or self._last_at is None:
            return True
        return self.trigger_m > 0 and math.dist(self._last_at, (east_m, north_m)) >= self.trigger_m

    def shoot(self, tick: int, east_m: float, north_m: float) -> int:
        """Number of the picture."""
        if self._is_next(tick):
            self.left -= self.left > 0
            self._series_tick = tick
        self.wants_shot = False
        self._last_at, self._last_tick = (east_m, north_m), tick
        self.count += 1
        return self.count - 1

    def _is_next(self, tick: int) -> bool:
        is_first = self._series_tick is None
        return self.left != 0 and (is_first or tick - (self._series_tick or 0) >= self.interval_ticks)

    def aim(self, here: Enu, there: Enu) -> None:
        """Tilt to a place; the vehicle's nose does the rest."""
        flat = math.hypot(there.east_m - here.east_m, there.north_m - here.north_m)
        self.pitch_rad = math.atan2(there.up_m - here.up_m - LENS_UP_M, max(flat, 0.01))

    def level(self) -> None:
        """Back to the mounting angle."""
        self.pitch_rad = math.radians(self.spec.pitch_deg)
