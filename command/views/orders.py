"""What became of the operator's orders: for each named vehicle, sent, commanded, and how it ended."""

from dataclasses import dataclass, field

from command.views.columns import Snapshot, utc_ms
from fleet.commands import Ack, Command, Verb
from missions.model import Order, OrderVerb
from world.ids import CommandId, VehicleId

_VERB_OF = {OrderVerb.STOP: Verb.STOP, OrderVerb.HOLD: Verb.HOLD, OrderVerb.RETURN: Verb.RETURN}
_KEPT = 6


@dataclass(slots=True, kw_only=True)
class _Target:
    status: str = "sent"
    reason: str = ""
    command: CommandId | None = None


@dataclass(slots=True, kw_only=True)
class _Followed:
    order: Order
    targets: dict[VehicleId, _Target] = field(default_factory=dict)


class Orders:
    """The latest orders. A command belongs to the newest order that asked this verb of this vehicle."""

    def __init__(self) -> None:
        self._followed: list[_Followed] = []

    def apply_order(self, order: Order) -> None:
        if any(followed.order.id == order.id for followed in self._followed):
            return
        followed = _Followed(order=order, targets={vehicle: _Target() for vehicle in order.vehicles})
        self._followed = [*self._followed, followed][-_KEPT:]

    def apply_command(self, command: Command) -> None:
        for followed in reversed(self._followed):
            target = followed.targets.get(command.vehicle)
            if target is None or _VERB_OF.get(followed.order.verb) is not command.verb:
                continue
            if target.command is None:
                target.command, target.status = command.id, "commanded"
            return

    def apply_ack(self, ack: Ack) -> None:
        for followed in self._followed:
            target = followed.targets.get(ack.vehicle)
            if target is not None and target.command == ack.command:
                target.status, target.reason = ack.result.value, ack.reason

    def rows(self) -> list[Snapshot]:
        """Newest first."""
        return [_row(followed) for followed in reversed(self._followed)]


def _row(followed: _Followed) -> Snapshot:
    order, targets = followed.order, followed.targets
    return {
        "id": order.id,
        "verb": order.verb,
        "by": order.by,
        "utc_ms": utc_ms(order.at.utc_ns),
        "contact": order.contact,
        "vehicles": list(targets),
        "status": [target.status for target in targets.values()],
        "reason": [target.reason for target in targets.values()],
    }
