"""Whether vehicles answer by themselves what a plan counts on: from their profiles, judged apart from the guard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fleet.model import UNANSWERED, FailsafeAction, FailsafeCause, VehicleKind, VehicleProfile
from missions.model import Plan, SearchIntent
from missions.words import Words
from world.ids import VehicleId

_IDLE: Mapping[FailsafeCause, frozenset[FailsafeAction]] = {
    FailsafeCause.LINK_LOSS: frozenset({FailsafeAction.NONE, FailsafeAction.WARN}),
    FailsafeCause.LOW_BATTERY: frozenset({FailsafeAction.NONE, FailsafeAction.WARN, FailsafeAction.CONTINUE}),
    FailsafeCause.FENCE_BREACH: frozenset({FailsafeAction.NONE, FailsafeAction.WARN, FailsafeAction.CONTINUE}),
}
"""No answers. A search needs no link, so to go on without one is an answer."""
_CAUSES: Mapping[FailsafeCause, tuple[str, str]] = {
    FailsafeCause.LINK_LOSS: ("a lost link", "失联"),
    FailsafeCause.LOW_BATTERY: ("a low battery", "电量低"),
    FailsafeCause.FENCE_BREACH: ("a breach of its fence", "越过电子围栏"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailsafeDemand:
    """What one vehicle must answer by itself before a plan may count on it."""

    is_needed: bool = True
    accepts_none: frozenset[FailsafeCause] = frozenset()
    """Causes that it need not answer: accepted in writing by who runs the site."""


class Declared:
    """The newest profile of every vehicle. Who has no demand of its own must answer every cause."""

    def __init__(self, demands: Mapping[VehicleId, FailsafeDemand] | None = None) -> None:
        self._demands = dict(demands or {})
        self._profiles: dict[VehicleId, VehicleProfile] = {}

    def hear(self, profile: VehicleProfile) -> None:
        self._profiles[profile.vehicle] = profile

    def is_read_back(self, vehicle: VehicleId) -> bool:
        """Whether the vehicle has said anything of itself yet, or need not."""
        return vehicle in self._profiles or not self._demand(vehicle).is_needed

    def faults(self, vehicles: Iterable[VehicleId]) -> list[Words]:
        """One sentence for each of these vehicles that no plan may count on, with the remedy."""
        found = (self._fault(vehicle) for vehicle in vehicles)
        return [fault for fault in found if fault is not None]

    def _demand(self, vehicle: VehicleId) -> FailsafeDemand:
        return self._demands.get(vehicle, FailsafeDemand())

    def _fault(self, vehicle: VehicleId) -> Words | None:
        demand, profile = self._demand(vehicle), self._profiles.get(vehicle)
        if not demand.is_needed:
            return None
        if profile is None:
            return Words(
                text=f"the failsafes of {vehicle} have not been read back: switch it on, or mend its link",
                text_zh=f"{vehicle} 的失效保护设置尚未读回：请开机或恢复链路",
            )
        cause = _missing(profile, demand.accepts_none)
        return None if cause is None else _words(profile, cause)


def _missing(profile: VehicleProfile, accepts_none: frozenset[FailsafeCause]) -> FailsafeCause | None:
    """The first cause without an answer. What was not understood is none, whatever a site accepts."""
    actions = {setting.cause: setting.action for setting in profile.failsafes}
    excused = accepts_none | UNANSWERED.get(profile.kind, frozenset())
    for cause in FailsafeCause:
        action = actions.get(cause)
        is_idle = action is None or action in _IDLE[cause]
        if action is FailsafeAction.UNKNOWN or (is_idle and cause not in excused):
            return cause
    return None


def _words(profile: VehicleProfile, cause: FailsafeCause) -> Words:
    """The vehicle's own, which name the parameter to set, where it has any."""
    for said in profile.undeclared:
        if said.cause is cause:
            return Words(text=said.text, text_zh=said.text_zh)
    name, name_zh = _CAUSES[cause]
    return Words(
        text=f"{profile.vehicle} has no answer to {name}: set a failsafe for it and read it back",
        text_zh=f"{profile.vehicle} 对{name_zh}没有应对动作：请设置相应的失效保护并读回",
    )


def offered(intent: SearchIntent) -> tuple[VehicleId, ...]:
    """Vehicles that a plan of this intent may use: those that search, and those with a route drawn for them."""
    patrolled = {request.vehicle for request in intent.patrols}
    return tuple(
        offer.vehicle for offer in intent.offers if offer.kind is VehicleKind.COPTER or offer.vehicle in patrolled
    )


def planned(plan: Plan) -> tuple[VehicleId, ...]:
    return tuple(task.vehicle for task in plan.tasks)
