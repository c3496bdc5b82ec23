"""The picture folds topics in order, ages by the stream's own time, and shows the worst first."""

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.views import Picture
from command.views.contacts import ellipse_95
from command.views.vehicles import current_tasks, link_of
from fleet.commands import Ack, AckResult, Command, Verb
from fleet.model import LinkState
from missions.model import Approval, Order, OrderVerb, Phase, TaskPhase, TaskProgress
from perception.model import ContactState, Covariance
from tests.support import story
from world.ids import CommandId, Digest, OperatorId, TaskId, VehicleId
from world.terrain import Terrain


def told(seconds: float = 30.0, lost_at_s: float = math.inf) -> Picture:
    picture = Picture(story.FRAME)
    picture.apply("mission/intent", story.intent())
    picture.apply("mission/plan", story.plan())
    picture.apply("fleet/state", story.fleet(seconds, lost_at_s))
    picture.apply("mission/progress", story.progress(seconds))
    return picture


def test_columns_have_one_row_per_vehicle_and_survive_the_wire() -> None:
    snapshot = told().snapshot()
    assert {len(column) for column in snapshot["vehicles"].values()} == {10}
    assert snapshot["vehicles"]["id"] == list(story.ALL)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(snapshot))
    assert again["vehicles"]["link"] == ["fresh"] * 10
    assert len(again["mission"]["looks"]) == len(story.cells())


def test_nothing_heard_is_empty_and_not_zero() -> None:
    snapshot = Picture().snapshot()
    assert snapshot["mission"] is None
    assert snapshot["vehicles"]["battery_pct"] == []
    assert snapshot["perception"]["missed_looks"] is None


def test_ages_grow_with_the_streams_time_and_with_its_silence() -> None:
    picture = told(100.0, lost_at_s=80.0)
    row = list(story.ALL).index(story.LOST)
    vehicles = picture.snapshot()["vehicles"]
    assert (vehicles["age_s"][row], vehicles["link"][row]) == (20.0, "stale")
    later = picture.snapshot(silent_s=45.0)["vehicles"]
    assert (later["age_s"][row], later["link"][row]) == (65.0, "lost")
    assert later["link"][0] == "stale"


def test_height_above_ground_is_known_over_the_survey_and_for_what_flies() -> None:
    level = Terrain(west_m=-500.0, south_m=-900.0, cell_m=100.0, heights_m=np.full((12, 8), 12.5, np.float32))
    picture = Picture(story.FRAME, level)
    picture.apply("fleet/state", story.fleet(0.0))
    agl_m = dict(zip(story.ALL, picture.snapshot()["vehicles"]["agl_m"], strict=True))
    assert agl_m["U01"] == pytest.approx(60.0 - 12.5, abs=0.01)
    assert agl_m["G01"] is None
    far = Picture(story.FRAME, Terrain(west_m=9000.0, south_m=0.0, cell_m=10.0, heights_m=level.heights_m))
    far.apply("fleet/state", story.fleet(0.0))
    assert set(far.snapshot()["vehicles"]["agl_m"]) == {None}


def test_acoustic_links_are_late_later() -> None:
    states = {state.vehicle: state for state in story.fleet(10.0).vehicles}
    assert link_of(states[VehicleId("U01")], 9.0) is LinkState.LATE
    assert link_of(states[VehicleId("W01")], 9.0) is LinkState.FRESH
    assert link_of(states[VehicleId("W01")], 300.0) is LinkState.LOST


def test_what_the_fleet_says_is_never_softened_by_a_young_age() -> None:
    state = replace(story.fleet(10.0).vehicles[0], link=LinkState.STALE)
    assert link_of(state, 0.1) is LinkState.STALE


def test_cells_lie_where_the_plan_put_them() -> None:
    cells = told().scene.snapshot()["plan"]["cells"]
    east_m, north_m = story.FRAME.to_plane(np.array(cells["lat_deg"]), np.array(cells["lon_deg"]))
    planned = story.cells()
    assert east_m == pytest.approx([cell.centre.east_m for cell in planned], abs=1e-3)
    assert north_m == pytest.approx([cell.centre.north_m for cell in planned], abs=1e-3)


def test_scene_version_grows_only_with_the_scene() -> None:
    picture = told()
    version = picture.scene.version
    picture.apply("fleet/state", story.fleet(31.0))
    assert picture.scene.version == version
    picture.apply("mission/plan", story.plan(2))
    assert picture.scene.version == version + 1


@given(st.floats(0.1, 400), st.floats(0.1, 400), st.floats(-0.95, 0.95))
def test_the_ellipse_holds_95_percent(ee_m2: float, nn_m2: float, correlation: float) -> None:
    en_m2 = correlation * math.sqrt(ee_m2 * nn_m2)
    ellipse = ellipse_95(Covariance(ee_m2=ee_m2, en_m2=en_m2, nn_m2=nn_m2))
    bearing = math.radians(ellipse.bearing_deg)
    major = np.array([math.sin(bearing), math.cos(bearing)])
    matrix = np.array([[ee_m2, en_m2], [en_m2, nn_m2]])
    # Along the major axis the squared Mahalanobis distance is the 95 % quantile of chi-square, 5.9915.
    tip = ellipse.semi_major_m * major
    assert tip @ np.linalg.solve(matrix, tip) == pytest.approx(5.9915, rel=1e-3)
    assert ellipse.semi_major_m * ellipse.semi_minor_m == pytest.approx(
        5.9915 * math.sqrt(np.linalg.det(matrix)), rel=1e-3
    )


def test_an_eastward_spread_points_east() -> None:
    assert ellipse_95(Covariance(ee_m2=9.0, en_m2=0.0, nn_m2=1.0)).bearing_deg == pytest.approx(90.0)


def test_contacts_to_be_judged_come_first() -> None:
    picture = told()
    for number, state in enumerate((ContactState.REJECTED, ContactState.CONFIRMED, ContactState.CANDIDATE)):
        picture.apply("perception/contact", story.contact(number, state, 30.0))
    picture.apply("mission/find", story.find(1, 31.0))
    snapshot = picture.snapshot()
    assert snapshot["contacts"]["state"] == ["candidate", "confirmed", "rejected"]
    assert snapshot["contacts"]["is_find"] == [False, True, False]
    assert snapshot["finds"]["contact"] == ["C-01"]


def test_alarms_are_counted_worst_first_and_go_when_over() -> None:
    picture = told()
    picture.apply("alarm", story.low_battery(31.0))
    picture.apply("alarm", story.link_lost(32.0))
    picture.apply("alarm", story.link_lost(40.0))
    alarms = picture.snapshot()["alarms"]
    assert alarms["rows"]["severity"] == ["warning", "caution"]
    assert alarms["counts"] == {"warning": 1, "caution": 1, "advisory": 0}
    assert alarms["rows"]["age_s"][0] == pytest.approx(8.0)
    picture.apply("alarm", story.link_lost(50.0, is_active=False))
    snapshot = picture.snapshot()
    assert snapshot["alarms"]["counts"]["warning"] == 0
    assert [kind for kind in snapshot["timeline"]["kind"] if "alarm" in kind] == ["alarm", "alarm", "alarm_over"]


def order(number: int = 1) -> Order:
    return Order(
        id=f"order-{number}",
        verb=OrderVerb.STOP,
        by=OperatorId("ann"),
        at=story.at(31.0),
        vehicles=(VehicleId("U01"), VehicleId("U02")),
    )


def stop(name: str, vehicle: str = "U01") -> Command:
    return Command(
        id=CommandId(name),
        vehicle=VehicleId(vehicle),
        verb=Verb.STOP,
        issued_by=OperatorId("ann"),
        deadline=story.at(40.0),
    )


def ack(name: str, result: AckResult) -> Ack:
    return Ack(
        command=CommandId(name),
        vehicle=VehicleId("U01"),
        verb=Verb.STOP,
        result=result,
        reason="",
        at=story.at(32.0),
    )


def test_an_order_is_followed_per_vehicle() -> None:
    picture = told()
    picture.apply("fleet/command", stop("before"))
    picture.apply("mission/order", order())
    picture.apply("mission/order", order())
    picture.apply("fleet/ack", ack("before", AckResult.ACCEPTED))
    assert [row["status"] for row in picture.snapshot()["orders"]] == [["sent", "sent"]]
    picture.apply("fleet/command", stop("mine"))
    assert picture.snapshot()["orders"][0]["status"] == ["commanded", "sent"]
    picture.apply("fleet/ack", ack("mine", AckResult.REFUSED_BY_VEHICLE))
    assert picture.snapshot()["orders"][0]["status"] == ["refused_by_vehicle", "sent"]


def test_an_approval_counts_for_its_plan_and_for_replans_only_when_it_says_so() -> None:
    picture = told()
    approval = Approval(
        plan=story.PLAN_ID, digest=Digest("0" * 64), by=OperatorId("ann"), at=story.at(30.0), covers_replans=False
    )
    picture.apply("mission/approval", approval)
    assert picture.snapshot()["mission"]["approval"] is None
    exact = Approval(
        plan=story.PLAN_ID, digest=story.DIGEST, by=OperatorId("ann"), at=story.at(31.0), covers_replans=True
    )
    picture.apply("mission/approval", exact)
    assert picture.snapshot()["mission"]["approval"]["is_exact"]


def test_the_timeline_tells_changes_of_phase_once() -> None:
    picture = told()
    picture.apply("mission/progress", story.progress(31.0))
    picture.apply("mission/progress", story.progress(32.0, Phase.RECOVERING))
    rows = picture.snapshot()["timeline"]
    phases = [s for kind, s in zip(rows["kind"], rows["subject"], strict=True) if kind == "phase"]
    assert phases == ["searching", "recovering"]


def test_a_running_task_says_more_than_a_finished_or_waiting_one() -> None:
    def task(name: str, phase: TaskPhase) -> TaskProgress:
        return TaskProgress(task=TaskId(name), vehicle=VehicleId("U01"), phase=phase, route_point=0)

    tasks = (task("a", TaskPhase.DONE), task("b", TaskPhase.RUNNING), task("c", TaskPhase.WAITING))
    assert current_tasks(tasks)[VehicleId("U01")].task == "b"


def test_topics_that_no_view_shows_are_passed_over() -> None:
    picture = told()
    picture.apply("fleet/lens", object())
    assert picture.snapshot()["vehicles"]["id"]
