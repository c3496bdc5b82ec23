"""A link that loses, repeats, delays and reorders datagrams, the same way for the same seed."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

Deliver = Callable[[bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roughness:
    """Shares of datagrams lost and repeated; each takes up to `delay_s`, so that later ones overtake."""

    seed: int
    lost: float = 0.0
    repeated: float = 0.0
    delay_s: float = 0.0


def rough(how: Roughness) -> Callable[[Deliver], Deliver]:
    """A channel for `fleet_bench`, for both directions."""
    dice = random.Random(how.seed)

    def channel(deliver: Deliver) -> Deliver:
        def carry(data: bytes) -> None:
            if dice.random() < how.lost:
                return
            for _ in range(2 if dice.random() < how.repeated else 1):
                asyncio.get_running_loop().call_later(dice.random() * how.delay_s, deliver, data)

        return carry

    return channel
