"""Twin of the ranging radio: a range to each tag it hears, too long where something solid lies between."""

import math
from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from fleet.wire.readings import Payload, PayloadState, UwbRange
from fleet.wire.tunnel import tunnel_fields
from sim.payloads.surroundings import Tag
from sim.payloads.tool import Four, ToolTwin
from sim.payloads.twin import PACE_S, PACE_TICKS, Moment, Said

HEARD_M: Final = 100.0
SIGMA_M, BLOCKED_SIGMA_M = 0.1, 0.5
DELAY_M: Final = 0.8
"""Mean of how much longer a blocked path is; it is exponential, so never shorter."""


class Uwb(ToolTwin):
    name: ClassVar[str] = "uwb"
    payload: ClassVar[Payload] = Payload.UWB
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {"rate_hz": (0.1, 10.0)}

    def __init__(self, instance: int, dice: np.random.Generator) -> None:
        super().__init__(instance, dice)
        self._due_tick = 0

    def readings(self, moment: Moment) -> list[Said]:
        if self.state is not PayloadState.RUNNING or moment.tick < self._due_tick:
            return []
        self._due_tick = moment.tick + max(round(PACE_TICKS / self.wanted["rate_hz"] / PACE_S), PACE_TICKS)
        ranges = (self._range_to(tag, moment) for tag in moment.around.tags)
        return [Said("TUNNEL", self.component, tunnel_fields(each)) for each in ranges if each is not None]

    def values(self) -> Four:
        return self.wanted["rate_hz"] if self.state is PayloadState.RUNNING else 0.0, None, None, None

    def _range_to(self, tag: Tag, moment: Moment) -> UwbRange | None:
        at = moment.at
        true_m = math.dist((at.east_m, at.north_m, at.up_m), (tag.at.east_m, tag.at.north_m, tag.at.up_m))
        noise, delay = float(self.dice.standard_normal()), float(self.dice.standard_exponential())
        is_blocked = moment.around.is_blocked(at, tag.at)
        if true_m > HEARD_M * (0.3 if is_blocked else 1.0):
            return None
        sigma = BLOCKED_SIGMA_M if is_blocked else SIGMA_M
        measured = true_m + noise * SIGMA_M + (delay * DELAY_M if is_blocked else 0.0)
        return UwbRange(
            instance=self.instance, time_utc_us=moment.utc_us, tag_id=tag.id, range_m=max(measured, 0.0),
            sigma_m=sigma, nlos_probability=0.9 if is_blocked else 0.05,
        )
