"""What all simulated payloads have in common: a seat on their vehicle, things to say, faults to be broken by."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

import numpy as np

from fleet.wire.enums import Component, MavResult
from fleet.wire.readings import PayloadCommand
from sim.engine.columns import STEP_TICKS, TICK_S
from sim.payloads.surroundings import Surroundings
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.orders import Order

PACE_TICKS: Final = 5 * STEP_TICKS
"""Payloads move at 10 Hz, with their autopilot's thoughts."""
PACE_S: Final = PACE_TICKS * TICK_S
STATUS_TICKS: Final = 125
"""Twice a second they say how they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The vehicle at one instant, as it truly is."""

    tick: int
    utc_us: int
    boot_ms: int
    at: Enu
    speed_m_s: float
    is_aloft: bool
    around: Surroundings
    yaw_rad: float = 0.0
    """As the vehicle believes."""
    watched: Enu | None = None
    """Region of interest."""


class Said(NamedTuple):
    """One message of one component."""

    name: str
    component: Component
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a payload does to the world now; what that changes is the world's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCut(Effect):
    """Everything that is not intrinsically safe must be off."""


class Twin:
    """One payload. `injected` is the fault it was broken by, 0 when sound."""

    name: ClassVar[str]
    component: ClassVar[Component] = Component.TUNNEL_NODE
    """Whose commands it hears."""
    carriers: ClassVar[frozenset[str] | None] = None
    """Kinds of vehicle that may carry it; None: every kind."""
    is_single: ClassVar[bool] = False
    """Its standard status names no instance: one on a vehicle."""

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        self.instance = instance
        self.dice = dice
        self.injected = 0
        self.wants_to_say = False

    def take(self, order: PayloadCommand, now_us: int) -> None:
        """An order by TUNNEL that names this payload and instance."""

    def obey(self, order: "Order", moment: Moment) -> MavResult | None:
        """A standard command to this component; None when it is not about this payload."""
        return None

    def step(self, moment: Moment) -> None:
        """PACE_S pass."""

    def statements(self, moment: Moment) -> list[Said]:
        """How it is, said twice a second and whenever something changed."""
        return []

    def readings(self, moment: Moment) -> list[Said]:
        """What it measured since the last step."""
        return []

    def effect(self) -> Effect | None:
        return None

    def latch(self) -> None:
        """Power is cut until somebody resets it by hand."""

    def reset_by_hand(self) -> None:
        """Somebody stands at the vehicle and resets what is latched."""

    def fail(self, code: int) -> None:
        """Break it, on purpose."""
        self.injected = code

    def mend(self) -> None:
        self.injected = 0


def towards(value: float, target: float, per_s: float) -> float:
    """A step of PACE_S from a value to a target at a rate."""
    step = per_s * PACE_S
    return min(value + step, target) if target >= value else max(value - step, target)
