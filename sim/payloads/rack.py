"""The payloads of one simulated vehicle: orders to each of them, their words to the vehicle's links, power cuts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from fleet.wire.enums import Component, MavResult
from fleet.wire.message import Message
from fleet.wire.readings import PayloadCommand
from fleet.wire.tunnel import TunnelCounters, unpack_message
from sim.payloads.breaching_tool import BreachingTool
from sim.payloads.gas_sensor import GasSensor
from sim.payloads.geophone import Geophone
from sim.payloads.gimbal import Gimbal
from sim.payloads.gripper import Gripper
from sim.payloads.light import Light
from sim.payloads.pump import Pump
from sim.payloads.relay_radio import RelayRadio
from sim.payloads.speaker import Speaker
from sim.payloads.surroundings import Surroundings
from sim.payloads.tool import ToolTwin
from sim.payloads.twin import PACE_TICKS, STATUS_TICKS, Effect, Moment, PowerCut, Said, Twin
from sim.payloads.uwb import Uwb
from sim.payloads.water_monitor import WaterMonitor
from sim.payloads.winch import Winch

if TYPE_CHECKING:
    from sim.autopilot.orders import Order

TWINS: Final[Mapping[str, type[Twin]]] = {
    twin.name: twin
    for twin in (
        WaterMonitor,
        BreachingTool,
        Gripper,
        Winch,
        Pump,
        GasSensor,
        Uwb,
        Geophone,
        Speaker,
        Light,
        RelayRadio,
        Gimbal,
    )
}
_FIRST_STREAM: Final = 0x100
"""Numbers of random streams below this are the engine's sensors (sim/engine/noise.py)."""


class UnknownPayload(ValueError):
    """A vehicle is asked for with a payload that has no twin."""


class Rack:
    """Made of the names in a vehicle's spec; the same name twice is instance 0 and 1. `around` may be replaced."""

    def __init__(
        self, names: Sequence[str], *, seed: int, vehicle: int, twins: Mapping[str, type[Twin]] = TWINS
    ) -> None:
        self.around = Surroundings()
        self.counters = TunnelCounters()
        self.twins: list[Twin] = []
        counts: Counter[str] = Counter()
        for slot, name in enumerate(names):
            if name not in twins:
                raise UnknownPayload(f"payload {name} has no twin; use one of {', '.join(twins)}")
            # as sim.engine.noise.stream: by seed, vehicle and payload only
            dice = np.random.Generator(np.random.Philox(key=[seed, vehicle << 16 | _FIRST_STREAM + slot]))
            self.twins.append(twins[name](counts[name], dice))
            counts[name] += 1

    def twin(self, name: str, instance: int = 0) -> Twin:
        return next(twin for twin in self.twins if twin.name == name and twin.instance == instance)

    def hears(self, component: int) -> bool:
        """Whether one of them is this component."""
        return component == Component.TUNNEL_NODE or any(twin.component == component for twin in self.twins)

    def tunnelled(self, message: Message, moment: Moment, say: Callable[[Said], None]) -> None:
        """A TUNNEL message: what is no order to a payload on board is ignored."""
        order = unpack_message(message, self.counters)
        if not isinstance(order, PayloadCommand):
            return
        for twin in self.twins:
            is_meant = isinstance(twin, ToolTwin) and twin.payload is order.payload and twin.instance == order.instance
            if is_meant:
                twin.take(order, moment.utc_us)
                self._state(twin, moment, say)

    def obey(self, order: "Order", component: int, moment: Moment) -> MavResult | None:
        """A standard command to a component; None when no payload there knows it."""
        for twin in self.twins:
            if twin.component == component:
                result = twin.obey(order, moment)
                if result is not None:
                    return result
        return None

    def step(self, moment: Moment, say: Callable[[Said], None]) -> None:
        """PACE_TICKS pass for all of them."""
        for twin in self.twins:
            twin.step(moment)
        if any(isinstance(twin.effect(), PowerCut) for twin in self.twins):
            for twin in self.twins:
                twin.latch()
        for twin in self.twins:
            if twin.wants_to_say or moment.tick % STATUS_TICKS < PACE_TICKS:
                self._state(twin, moment, say)
            for reading in twin.readings(moment):
                say(reading)

    def effects(self) -> list[tuple[str, int, Effect]]:
        """What all of them do to the world now."""
        found = ((twin.name, twin.instance, twin.effect()) for twin in self.twins)
        return [(name, instance, effect) for name, instance, effect in found if effect is not None]

    def reset_by_hand(self) -> None:
        """Somebody at the vehicle resets what is latched; gas sensors first, for they cut the power."""
        for twin in sorted(self.twins, key=lambda twin: not isinstance(twin.effect(), PowerCut)):
            twin.reset_by_hand()

    def _state(self, twin: Twin, moment: Moment, say: Callable[[Said], None]) -> None:
        twin.wants_to_say = False
        for said in twin.statements(moment):
            say(said)
