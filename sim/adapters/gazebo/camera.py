"""Gazebo's pictures as those of vehicles' cameras: what an autopilot says it took, with the pixels of that moment.

Gazebo's cameras shoot at a fixed rate, autopilots when they like: a capture gets the picture nearest to it in time,
which is half a period off at most.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from sim.adapters.gazebo.bridge import Picture
from sim.adapters.gazebo.model import Pictures
from sim.autopilot.camera import Capture
from sim.engine.columns import TICK_NS
from world.ids import VehicleId
from world.time import NS_PER_S

_KEPT: Final = 4
"""Pictures of each camera: they come one period after their exposure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """A capture with its pixels, exposed `late_ns` after the capture (before it when negative)."""

    capture: Capture
    picture: Picture
    late_ns: int


@dataclass(slots=True, kw_only=True)
class _Lens:
    vehicle: VehicleId
    period_ns: int
    pictures: deque[Picture] = field(default_factory=lambda: deque(maxlen=_KEPT))
    waiting: deque[Capture] = field(default_factory=deque)


class GazeboCameras:
    """`see` is for the stage, `capture` for SimService; every capture comes out of `on_exposed` once, in order."""

    def __init__(self, cameras: Sequence[Pictures], *, on_exposed: Callable[[Exposed], None]) -> None:
        self._on_exposed = on_exposed
        self._lenses = [
            _Lens(vehicle=VehicleId(camera.vehicle), period_ns=round(NS_PER_S / camera.rate_hz)) for camera in cameras
        ]
        self._by_vehicle = {lens.vehicle: lens for lens in self._lenses}

    def vehicle_of(self, picture: Picture) -> VehicleId:
        return self._lenses[picture.header.camera].vehicle

    def see(self, picture: Picture) -> None:
        lens = self._lenses[picture.header.camera]
        lens.pictures.append(picture)
        self._develop(lens)

    def capture(self, row: int, capture: Capture) -> None:
        """Captures of vehicles without a camera in Gazebo have no pixels: they are left out."""
        lens = self._by_vehicle.get(capture.vehicle)
        if lens is not None:
            lens.waiting.append(capture)
            self._develop(lens)

    def _develop(self, lens: _Lens) -> None:
        while lens.waiting and lens.pictures:
            at_ns = lens.waiting[0].tick * TICK_NS
            if lens.pictures[-1].t_ns < at_ns - lens.period_ns // 2:
                return
            nearest = min(lens.pictures, key=lambda picture: abs(picture.t_ns - at_ns))
            late_ns = nearest.t_ns - at_ns
            self._on_exposed(Exposed(capture=lens.waiting.popleft(), picture=nearest, late_ns=late_ns))
