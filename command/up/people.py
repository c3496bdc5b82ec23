"""What a person may say from outside: in whose name, by which role, with which lease; and what is added to it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from command.bus.codec import encode_value
from command.site.model import Role, SiteConfig, User
from fleet.authority import Authority
from fleet.commands import Command, Lease, Verb
from fleet.group import GroupOrder, GroupVerb
from fleet.inquiries import Inquiry
from missions.approval import BY_HAND
from missions.model import Approval, Order, OrderVerb
from world.ids import CommandId, Digest, OperatorId, PlanId, VehicleId
from world.time import Instant

SIGNED_IN: Mapping[str, str] = {
    "mission/intent": "asked_by",
    "mission/approval": "by",
    "mission/order": "by",
    "fleet/command": "issued_by",
    "fleet/group_order": "issued_by",
    "fleet/inquiry": "asked_by",
    "fleet/lease_request": "by",
    "fleet/share_request": "by",
}
"""What outside may say, and the field with its author's name."""
COMMANDERS_SAY = frozenset({"mission/intent", "mission/approval"})
PILOTS_ORDER = frozenset({OrderVerb.STOP, OrderVerb.HOLD, OrderVerb.RETURN})
APPROVED_BY_GIVING = frozenset({Verb.ARM, Verb.TAKE_OFF})
"""Need an approval: who orders exactly this by hand gives it with the order."""


class NotAllowed(Exception):
    """One sentence to whom it was that spoke."""


@dataclass(slots=True)
class People:
    """Judges what named people say. `publish` is for what follows from it: leases and approvals."""

    site: SiteConfig
    authority: Authority
    publish: Callable[[str, Any], None]
    _leases: dict[VehicleId, Lease] = field(default_factory=dict)

    def named(self, name: str | None, default: str | None) -> User:
        """Raises NotAllowed."""
        wanted = OperatorId(name or default or "")
        if wanted in self.site.users:
            return self.site.users[wanted]
        names = ", ".join(self.site.users)
        if not wanted:
            raise NotAllowed(f"nobody knows who you are: say it with --as, one of {names}")
        raise NotAllowed(f"{wanted} is not in [users] of {self.site.file}: say who you are with --as, one of {names}")

    def hear(self, user: User, topic: str, value: Any, now: Instant) -> Any:
        """The value to pass on, after whatever has to be said first. Raises NotAllowed."""
        author = SIGNED_IN.get(topic)
        if author is None:
            raise NotAllowed(f"{topic} is not said from outside")
        if getattr(value, author) != user.name:
            raise NotAllowed(f"{user.name} cannot speak for {getattr(value, author)}")
        if topic in COMMANDERS_SAY and user.role is not Role.COMMANDER:
            raise NotAllowed(f"{user.name} is a pilot: a commander gives intents and approvals")
        match value:
            case Order():
                self._order(user, value, now)
            case Command():
                return self._command(user, value, now)
            case GroupOrder():
                return self._group(user, value, now)
            case Inquiry() | Approval():
                pass
            case _ if topic in ("fleet/lease_request", "fleet/share_request"):
                self.check(user, value.vehicle)
        return value

    def _order(self, user: User, order: Order, now: Instant) -> None:
        if user.role is not Role.COMMANDER and order.verb not in PILOTS_ORDER:
            raise NotAllowed(f"{user.name} is a pilot: a commander orders {order.verb}")
        for vehicle in order.vehicles:
            self._hold(user, vehicle, now)

    def _command(self, user: User, command: Command, now: Instant) -> Command:
        if command.plan_digest is not None:
            raise NotAllowed("a command by hand belongs to no plan: leave its digest out")
        self._hold(user, command.vehicle, now)
        if command.verb not in APPROVED_BY_GIVING:
            return command
        digest = digest_of(command)
        self._approve(user, command.id, digest, now)
        return replace(command, plan_digest=digest)

    def _group(self, user: User, order: GroupOrder, now: Instant) -> GroupOrder:
        if order.arguments.plan_digest is not None:
            raise NotAllowed("an order by hand belongs to no plan: leave its digest out")
        for vehicle in order.vehicles or ():
            self._hold(user, vehicle, now)
        if order.verb is not GroupVerb.TAKE_OFF_IN_LANES:
            return order
        digest = Digest(hashlib.sha256(encode_value("fleet/group_order", order)).hexdigest())
        self._approve(user, order.id, digest, now)
        return replace(order, arguments=replace(order.arguments, plan_digest=digest))

    def _approve(self, user: User, order: CommandId, digest: Digest, now: Instant) -> None:
        """Who gives by hand what needs an approval approves exactly that."""
        plan = PlanId(f"{BY_HAND}{order}")
        self.publish(
            "mission/approval", Approval(plan=plan, digest=digest, by=user.name, at=now, covers_replans=False)
        )

    def _hold(self, user: User, vehicle: VehicleId, now: Instant) -> None:
        """A pilot who commands a free vehicle holds it from then on; half-way through the lease is renewed."""
        if user.role is Role.COMMANDER:
            return
        self.check(user, vehicle)
        holder = self.authority.holder(vehicle, now)
        if holder not in (None, user.name):
            return  # the guard says whose it is
        lease = self._leases.get(vehicle)
        left_s = 0.0 if lease is None or holder is None else now.age_s(lease.expires)
        if left_s < user.lease_s / 2:
            lease = Lease(vehicle=vehicle, holder=user.name, expires=now.plus_s(user.lease_s))
            self._leases[vehicle] = lease
            self.authority.grant(lease, now)  # the record may be slow, and an order to stop goes before it
            self.publish("fleet/lease", lease)

    def check(self, user: User, vehicle: VehicleId) -> None:
        """Raises NotAllowed for a vehicle that this person never holds."""
        if user.role is not Role.COMMANDER and not user.covers(vehicle):
            raise NotAllowed(f"{user.name} may hold {', '.join(user.vehicles)} only, not {vehicle}: see [users]")


def digest_of(command: Command) -> Digest:
    """Of exactly what was ordered."""
    return Digest(hashlib.sha256(encode_value("fleet/command", command)).hexdigest())
