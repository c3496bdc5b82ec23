"""The guard never refuses what the planners plan: its own estimates are more careful, but not beyond the plans'."""

from typing import Any

from command.app.fences import fence_of
from command.app.intent import search_intent
from fleet.authority import Authority
from fleet.commands import Command, Verb
from fleet.guard import LIMITS, Guard, GuardedVehicle, Site
from fleet.model import LinkState, VehicleState
from missions.model import Task, VehicleOffer
from missions.planners.search_plan import plan_search
from sim.scenario import load, shipped
from sim.worlds.hills import synthesise
from tests.fleet.guard.test_commands import NOW
from world.ids import CommandId, OperatorId

MISSIONS = OperatorId("missions")


def standing(offer: VehicleOffer) -> VehicleState:
    return VehicleState(
        vehicle=offer.vehicle, kind=offer.kind, heard=NOW, link=LinkState.FRESH, position=offer.home, home=offer.home,
        is_armed=False, is_landed=True, battery_pct=100.0,
    )


def test_every_route_of_a_planned_search_passes() -> None:
    scenario = load(shipped("quick_search"))
    terrain, frame = synthesise(scenario), scenario.frame()
    intent = search_intent(scenario, terrain, asked_by=MISSIONS, water_up_m=None)
    plan = plan_search(intent, terrain, frame)
    offers = {offer.vehicle: offer for offer in intent.offers}
    guard = Guard(
        send=lambda vehicle, data: None,
        authority=Authority(commanders=[MISSIONS]),
        vehicles={
            v.id: GuardedVehicle(sysid=v.sysid, limits=LIMITS[offers[v.id].kind]) for v in scenario.vehicles
        },
        site=Site(frame=frame, terrain=terrain, fence=fence_of(scenario, terrain)),
    )
    guard.approve(plan.digest)

    def verdicts(task: Task) -> list[str | None]:
        order: dict[str, Any] = {
            "id": CommandId("c"), "vehicle": task.vehicle, "issued_by": MISSIONS, "deadline": NOW.plus_s(60.0),
            "plan_digest": plan.digest,
        }
        asked = [Command(verb=Verb.UPLOAD_ROUTE, route=task.route, **order)]
        if task.return_height_m is not None:
            asked.append(Command(verb=Verb.SET_RETURN_HEIGHT, height_m=task.return_height_m, **order))
        return [guard.admit(command, standing(offers[task.vehicle]), NOW) for command in asked]

    assert len(plan.tasks) == len(scenario.vehicles)
    assert {verdict for task in plan.tasks for verdict in verdicts(task)} == {None}
