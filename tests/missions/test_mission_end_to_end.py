"""A whole mission over the demo area: people found, vehicles lost, the service killed, all in virtual time."""

from collections import Counter

import pytest

from fleet.commands import Command, Verb
from fleet.model import Alarm, FlightMode
from missions.model import Find, Order, OrderVerb, Phase, TaskPhase
from perception.model import Contact, ContactState
from tests.support.mission_stage import PILOT, Stage, is_over
from tests.support.search_area import demo_intent, frame, mountain
from world.ids import ContactId, VehicleId
from world.position import Enu

GROUP = ((0.0, 0.0), (6.0, 5.0), (-14.0, 3.0), (10.0, -12.0), (20.0, 15.0))


def small_stage(*, misses_every: int = 0, auto_accept: bool = True) -> Stage:
    """A fifth of a square kilometre and four copters: for what does not depend on size."""
    return demo_stage(copters=4, with_robots=False, misses_every=misses_every, scale=0.5, auto_accept=auto_accept)


def demo_stage(
    *,
    copters: int = 8,
    with_robots: bool = True,
    misses_every: int = 0,
    scale: float = 1.0,
    auto_accept: bool = True,
) -> Stage:
    terrain, at = mountain(), frame()
    people = tuple(
        Enu(east_m=-100.0 + dx, north_m=100.0 + dy, up_m=terrain.height_m(-100.0 + dx, 100.0 + dy)) for dx, dy in GROUP
    )
    intent = demo_intent(terrain, at, copters=copters, with_robots=with_robots, scale=scale)
    return Stage(
        terrain=terrain,
        frame=at,
        intent=intent,
        people=people,
        misses_every=misses_every,
        auto_accept=auto_accept,
    )


def finds(stage: Stage) -> set[str]:
    return {value.contact for _, _, value in stage.bus.record if isinstance(value, Find)}


def alarms(stage: Stage) -> list[str]:
    return [value.key for _, _, value in stage.bus.record if isinstance(value, Alarm)]


def sent(stage: Stage, verb: Verb) -> list[Command]:
    return [command for _, command in stage.fleet.commands if command.verb is verb]


def test_everybody_is_found_and_everything_comes_home() -> None:
    stage = demo_stage()
    stage.play(is_over)
    assert stage.last.phase is Phase.DONE
    assert stage.last.cells_done == len(stage.last.looks_per_cell)
    assert {task.phase for task in stage.last.tasks} == {TaskPhase.DONE}
    assert len(finds(stage)) == len(GROUP)
    assert stage.fleet.least_apart_m >= stage.intent.min_separation_m
    assert stage.loop.time() < 900.0


def test_the_cells_of_a_lost_vehicle_go_to_the_others_within_a_second_of_detection() -> None:
    stage = demo_stage()
    stage.acts.append((400.0, lambda s: s.fleet.kill(VehicleId("U05"))))
    stage.play(is_over)
    lost_at = next(at for topic, at, v in stage.bus.record if isinstance(v, Alarm) and v.key == "vehicle-lost/U05")
    replanned_at = next(at for topic, at, v in stage.bus.record if topic == "mission/plan" and v in stage.plans()[1:])
    assert replanned_at.mono_ns - lost_at.mono_ns <= 1_000_000_000
    assert stage.last.phase is Phase.DONE
    assert stage.last.orphans == 0
    assert stage.last.cells_done == len(stage.last.looks_per_cell)
    assert stage.fleet.least_apart_m >= stage.intent.min_separation_m


@pytest.mark.parametrize(
    "at_s",
    [30.0, pytest.param(130.0, marks=pytest.mark.deep), 402.0, pytest.param(780.0, marks=pytest.mark.deep)],
)
def test_a_killed_service_goes_on_where_it_was(at_s: float) -> None:
    stage = demo_stage()
    stage.acts.append((400.0, lambda s: s.fleet.kill(VehicleId("U05"))))
    stage.acts.append((at_s, Stage.restart))
    stage.play(is_over)
    assert stage.last.phase is Phase.DONE
    assert stage.last.orphans == 0
    assert stage.last.cells_done == len(stage.last.looks_per_cell)
    raised = [value for _, _, value in stage.bus.record if isinstance(value, Alarm) and value.is_active]
    given = Counter(alarm.vehicle for alarm in raised if alarm.key.startswith("gives-way/"))
    for craft in stage.fleet.craft.values():
        starts = [c for c in sent(stage, Verb.START_ROUTE) if c.vehicle == craft.offer.vehicle]
        visits = [c for c in sent(stage, Verb.LOOK_AT) if c.vehicle == craft.offer.vehicle]
        detours = len(visits) + given[craft.offer.vehicle]
        assert len(starts) <= 1 + detours + 1
    uploads = [upload for craft in stage.fleet.craft.values() for upload in craft.uploads]
    in_auto = [upload for upload in uploads if upload[1] is FlightMode.AUTO]
    assert len(in_auto) <= 8, "only the re-plan after the loss reloads vehicles that fly their route"


def test_images_that_were_never_examined_are_taken_again() -> None:
    stage = small_stage(misses_every=2)
    stage.play(is_over)
    assert stage.last.phase is Phase.DONE
    assert any("short of looks" in plan.reason for plan in stage.plans())
    assert stage.last.cells_done > 0.97 * len(stage.last.looks_per_cell)


def test_a_vehicle_that_refuses_is_replaced() -> None:
    stage = small_stage()
    stage.fleet.refuses[VehicleId("U02")] = Verb.START_ROUTE
    stage.play(is_over)
    assert "vehicle-refused/U02" in alarms(stage)
    assert stage.last.phase is Phase.DONE
    assert stage.last.cells_done == len(stage.last.looks_per_cell)


def test_hold_goes_out_at_once_and_resume_takes_the_route_up_again() -> None:
    stage = small_stage()
    stage.acts += [
        (120.0, lambda s: s.order(OrderVerb.HOLD, VehicleId("U01"))),
        (180.0, lambda s: s.order(OrderVerb.RESUME, VehicleId("U01"))),
    ]
    stage.play(is_over)
    held = [at_s for at_s, command in stage.fleet.commands if command.verb is Verb.HOLD]
    assert held == [pytest.approx(120.0, abs=0.1)]
    assert stage.last.phase is Phase.DONE
    assert stage.last.cells_done == len(stage.last.looks_per_cell)


def test_orders_given_while_the_service_is_dead_are_carried_out_once_it_is_back() -> None:
    stage = small_stage(auto_accept=False)
    stage.acts += [
        (260.0, Stage.kill_service),
        (261.0, accept_confirmed),
        (280.0, lambda s: s.order(OrderVerb.HOLD, VehicleId("U01"))),
        (281.0, lambda s: s.order(OrderVerb.RESUME, VehicleId("U02"))),
        (300.0, Stage.restart),
    ]
    stage.play(lambda s: s.loop.time() > 305.0)
    assert finds(stage) == confirmed(stage)
    assert finds(stage)
    assert [round(at_s) for at_s, command in stage.fleet.commands if command.verb is Verb.HOLD] == [300]


def test_an_order_to_move_that_is_too_old_is_not_carried_out() -> None:
    stage = small_stage()
    stage.acts += [
        (150.0, Stage.kill_service),
        (151.0, lambda s: s.order(OrderVerb.RETURN, VehicleId("U01"))),
        (200.0, Stage.restart),
    ]
    stage.play(lambda s: s.loop.time() > 205.0)
    assert sent(stage, Verb.RETURN) == []


def confirmed(stage: Stage) -> set[str]:
    contacts = [value for _, _, value in stage.bus.record if isinstance(value, Contact)]
    return {contact.id for contact in contacts if contact.state is ContactState.CONFIRMED}


def accept_confirmed(stage: Stage) -> None:
    for contact in sorted(confirmed(stage)):
        verb, now = OrderVerb.ACCEPT_CONTACT, stage.clock.now()
        order = Order(id=f"accept-{contact}", verb=verb, by=PILOT, at=now, contact=ContactId(contact))
        stage.bus.publish("mission/order", order)


def test_stop_of_all_vehicles_stops_the_mission() -> None:
    stage = small_stage()
    names = tuple(offer.vehicle for offer in stage.intent.offers)
    stage.acts.append((120.0, lambda s: s.order(OrderVerb.STOP, *names)))
    stage.play(lambda s: is_over(s) and all_hold(s))
    assert all_hold(stage)
    assert stage.last.phase is Phase.STOPPED
    assert {command.vehicle for command in sent(stage, Verb.STOP)} == set(names)


def all_hold(stage: Stage) -> bool:
    return all(craft.mode is FlightMode.HOLD for craft in stage.fleet.craft.values())


def test_a_revision_beyond_the_approval_waits_for_people() -> None:
    stage = small_stage()
    stage.covers_replans = False
    stage.acts.append((150.0, lambda s: s.fleet.kill(VehicleId("U03"))))
    stage.play(lambda s: s.loop.time() > 180.0)
    assert len(stage.plans()) == 2
    assert stage.plans()[1].digest != stage.plans()[0].digest
    late = [command for at_s, command in stage.fleet.commands if at_s > 153.5 and command.verb is Verb.UPLOAD_ROUTE]
    assert late == []
