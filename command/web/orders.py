"""What a page may ask: strict requests in, values of the topic table out, one sentence for everything wrong."""

from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec

from missions.model import Approval, Order, OrderVerb, Plan
from world.ids import ContactId, Digest, OperatorId, VehicleId
from world.time import Instant

_NAMES_TARGETS = frozenset({OrderVerb.STOP, OrderVerb.HOLD, OrderVerb.RETURN, OrderVerb.LAUNCH, OrderVerb.RESUME})
Asked = TypeVar("Asked", bound=msgspec.Struct)
_ShortName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Refused(ValueError):
    """A request that was understood as wrong; the sentence is for the person who sent it."""


class PlanChanged(Refused):
    """The digest on the page is no longer the plan's."""


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/order. The page makes up `id`, so that a repeat after a lost answer changes nothing."""

    id: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9-]{8,64}\Z")]
    verb: OrderVerb
    vehicles: Annotated[list[_ShortName], msgspec.Meta(max_length=1000)] = []
    contact: _ShortName | None = None


class ApprovalRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/approve."""

    digest: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class ReplayAction(StrEnum):
    PLAY = "play"
    PAUSE = "pause"
    SEEK = "seek"
    SPEED = "speed"


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of POST /api/replay. `value`: seconds from the start for SEEK, times real time for SPEED."""

    action: ReplayAction
    value: Annotated[float, msgspec.Meta(ge=0.0, le=1e7)] | None = None


Request = OrderRequest | ApprovalRequest | ReplayRequest


def parse(body: bytes, kind: type[Asked]) -> Asked:
    """Strict JSON; raises Refused."""
    try:
        return msgspec.json.decode(body, type=kind, strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        raise Refused(f"The request was not understood: {broken}.") from broken


def to_order(request: OrderRequest, *, by: OperatorId, at: Instant, known: tuple[VehicleId, ...]) -> Order:
    """Raises Refused when the targets are missing, doubled or unknown."""
    vehicles = tuple(VehicleId(name) for name in request.vehicles)
    if request.verb in _NAMES_TARGETS and not vehicles:
        raise Refused(f"The order {request.verb} names no vehicle, and there is no broadcast.")
    if request.verb not in _NAMES_TARGETS and request.contact is None:
        raise Refused(f"The order {request.verb} names no contact.")
    unknown = [name for name in vehicles if name not in known]
    if unknown:
        raise Refused(f"No vehicle is called {', '.join(unknown)}.")
    if len(set(vehicles)) != len(vehicles):
        raise Refused("A vehicle is named twice.")
    contact = None if request.contact is None else ContactId(request.contact)
    return Order(id=request.id, verb=request.verb, by=by, at=at, vehicles=vehicles, contact=contact)


def to_approval(request: ApprovalRequest, plan: Plan | None, *, by: OperatorId, at: Instant) -> Approval:
    """Raises Refused without a plan, PlanChanged when the digest is another plan's."""
    if plan is None:
        raise Refused("There is no plan to approve yet.")
    if request.digest != plan.digest:
        raise PlanChanged(f"The plan changed to revision {plan.revision} meanwhile; look at it again before approving.")
    return Approval(plan=plan.id, digest=Digest(request.digest), by=by, at=at, covers_replans=True)
