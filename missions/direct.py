"""Stop, hold and return as commands, the same whoever derives them: they may be sent by two ways at once."""

from fleet.commands import Command, Verb
from missions.model import Order, OrderVerb
from world.ids import CommandId
from world.time import Instant

DIRECT = {OrderVerb.STOP: Verb.STOP, OrderVerb.HOLD: Verb.HOLD, OrderVerb.RETURN: Verb.RETURN}
WITHIN_S = 15.0


def commands_of(order: Order, now: Instant) -> tuple[Command, ...]:
    """One per named vehicle, with ids that follow from the order: the fleet runs a repeated one once."""
    verb = DIRECT.get(order.verb)
    if verb is None:
        return ()
    return tuple(
        Command(
            id=CommandId(f"{order.id}/{vehicle}"),
            vehicle=vehicle,
            verb=verb,
            issued_by=order.by,
            deadline=now.plus_s(WITHIN_S),
        )
        for vehicle in order.vehicles
    )
