"""A record is shown by the same views: forward, back, at any speed, and it takes no orders."""

from pathlib import Path
from typing import Any

import pytest

from command.bus.codec import encode_value
from command.store.record import Record, RecordBroken
from command.store.telemetry import Telemetry
from command.survey import load_survey
from command.web.orders import ApprovalRequest, OrderRequest, Refused, ReplayAction, ReplayRequest
from command.web.replay import ReplaySource, load_events
from missions.model import OrderVerb
from perception.model import ContactState
from tests.support import story
from tests.support.clocks import StillClock


@pytest.fixture
def source(tmp_path: Path) -> ReplaySource:
    write_record(tmp_path / "events.db")
    story.write_terrain(tmp_path / "terrain.npz")
    survey = load_survey(tmp_path / "terrain.npz")
    return ReplaySource(load_events(tmp_path / "events.db"), survey=survey, clock=StillClock(story.at(0.0)))


def write_record(path: Path) -> None:
    record, telemetry = Record(path), Telemetry(path.with_name("telemetry.db"))
    events: list[tuple[float, str, Any]] = [
        (0.0, "mission/intent", story.intent()),
        (1.0, "mission/plan", story.plan()),
        (60.0, "perception/contact", story.contact(1, ContactState.CANDIDATE, 60.0)),
        (90.0, "mission/find", story.find(1, 90.0)),
    ]
    for seconds, topic, value in events:
        record.append([(topic, encode_value(topic, value))], story.at(seconds))
    for second in range(2, 100):
        fleet, progress = story.fleet(second), story.progress(second)
        telemetry.sample("fleet/state", encode_value("fleet/state", fleet), story.at(second))
        telemetry.sample("mission/progress", encode_value("mission/progress", progress), story.at(second))
    record.close()
    telemetry.close()


def test_events_and_samples_come_in_one_order(source: ReplaySource) -> None:
    assert source.length_s == 99.0
    source.seek(59.5)
    assert source.snapshot()["contacts"]["id"] == []
    assert source.snapshot()["utc_ms"] == story.at(59.5).utc_ns / 1e6
    assert source.snapshot()["vehicles"]["age_s"][0] == pytest.approx(0.5)
    source.seek(61.0)
    assert source.snapshot()["contacts"]["id"] == ["C-01"]


def test_going_back_forgets_what_had_not_happened_yet(source: ReplaySource) -> None:
    source.seek(99.0)
    assert source.snapshot()["finds"]["contact"] == ["C-01"]
    version = source.snapshot()["scene_version"]
    source.seek(10.0)
    snapshot = source.snapshot()
    assert snapshot["finds"]["contact"] == []
    assert snapshot["scene_version"] != version
    assert source.scene()["plan"]["digest"] == story.DIGEST


def test_it_plays_to_the_end_and_stays_there(source: ReplaySource) -> None:
    source.advance(1000.0)
    assert source.snapshot()["replay"]["position_s"] == 99.0


def test_the_playhead_is_controlled_by_requests(source: ReplaySource) -> None:
    source.act(ReplayRequest(action=ReplayAction.SEEK, value=42.0))
    source.act(ReplayRequest(action=ReplayAction.SPEED, value=1000.0))
    source.act(ReplayRequest(action=ReplayAction.PAUSE))
    assert source.snapshot()["replay"] == {"position_s": 42.0, "length_s": 99.0, "speed": 60.0, "is_playing": False}
    with pytest.raises(Refused, match="needs a value"):
        source.act(ReplayRequest(action=ReplayAction.SEEK))


def test_a_record_takes_no_orders(source: ReplaySource) -> None:
    for request in (
        OrderRequest(id="order-0001", verb=OrderVerb.STOP, vehicles=["U01"]),
        ApprovalRequest(digest=story.DIGEST),
    ):
        with pytest.raises(Refused, match="replay"):
            source.act(request)


def test_an_empty_record_and_a_file_of_something_else_are_named(tmp_path: Path) -> None:
    Record(tmp_path / "events.db").close()
    with pytest.raises(RecordBroken, match="holds no events"):
        load_events(tmp_path / "events.db")
    (tmp_path / "notes.db").write_text("these are notes, not a database at all")
    with pytest.raises(RecordBroken, match="not an event record"):
        load_events(tmp_path / "notes.db")
