"""AUTOPILOTS.md 10-11: the mission handshake with its refusals, time-outs and what is read back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.wire.enums import MissionResult
from tests.sim.support import Place, Station, bare, item, spec

SHORT = [item(16), item(22, 0, 0, 20), item(16, 50, 0, 20), bare(20)]


def one() -> Station:
    (station,) = Place([spec()]).stations.values()
    return station


def begin(station: Station, count: int) -> None:
    station.say("MISSION_COUNT", target_system=1, target_component=1, count=count, mission_type=0)


def test_it_asks_with_mission_request_even_for_int_items() -> None:
    station = one()
    assert station.upload(SHORT) is MissionResult.ACCEPTED
    assert [message.seq for message in station.all("MISSION_REQUEST")] == [0, 1, 2, 3]
    assert not station.all("MISSION_REQUEST_INT")


def test_a_silent_sender_is_asked_every_second_and_dropped_after_eight() -> None:
    station = one()
    begin(station, 3)
    station.place.pass_time(7.5)
    assert len(station.all("MISSION_REQUEST")) == 8
    assert not station.all("MISSION_ACK")
    station.place.pass_time(1)
    assert station.last("MISSION_ACK").type == MissionResult.OPERATION_CANCELLED
    assert "Mission upload timeout" in station.texts()
    assert station.upload(SHORT) is MissionResult.ACCEPTED


@pytest.mark.parametrize(("bad", "result"), [
    (item(31999, 10, 0, 20), MissionResult.UNSUPPORTED),
    (item(16, 10, 0, 20) | {"x": 910_000_000}, MissionResult.INVALID_PARAM5_X),
    (item(16, 10, 0, 20) | {"y": 1_810_000_000}, MissionResult.INVALID_PARAM6_Y),
    (item(16, 10, 0, 20, frame=8), MissionResult.UNSUPPORTED_FRAME),
])
def test_bad_items_are_refused_by_their_fault(bad: dict[str, object], result: MissionResult) -> None:
    assert one().upload([item(16), bad, item(16, 20, 0, 20)]) is result


def test_count_zero_and_clear_all_clear() -> None:
    station = one()
    station.upload(SHORT)
    assert len(station.download()) == 4
    begin(station, 0)
    assert station.last("MISSION_ACK").type == MissionResult.ACCEPTED
    assert station.download() == []
    station.upload(SHORT)
    station.say("MISSION_CLEAR_ALL", target_system=1, target_component=1, mission_type=255)
    assert station.download() == []


def test_float_items_work_with_a_warning() -> None:
    station = one()
    assert station.upload(SHORT, floats=True) is MissionResult.ACCEPTED
    assert station.texts().count("got MISSION_ITEM; use MISSION_ITEM_INT!") == 1
    assert abs(station.download()[2].x - SHORT[2]["x"]) < 400, "a float carries about 1e-5 degrees"


def test_read_back_is_not_what_was_sent() -> None:
    station = one()
    station.upload([item(16, 500, 500, 3), *SHORT[1:]])
    back = station.download()
    assert [(message.command, message.frame) for message in back[1:]] == [(22, 3), (16, 3), (20, 2)]
    home = back[0]
    assert abs(home.x - item(16)["x"]) < 400, "item 0 is the real home, not what was uploaded"
    assert home.z == pytest.approx(900, abs=2)


def test_a_fence_of_two_points_is_an_error_and_three_are_stored() -> None:
    station = one()
    corners = [item(5001, a, b, 0, 3, frame=0) for a, b in ((-50, -50), (50, -50), (0, 50))]
    assert station.upload([c | {"param1": 2} for c in corners[:2]], mission_type=1) is MissionResult.ERROR
    assert station.upload(corners, mission_type=1) is MissionResult.ACCEPTED
    assert len(station.download(mission_type=1)) == 3
    assert station.upload([item(5100, 5, 5, 20, frame=3)], mission_type=2) is MissionResult.ACCEPTED
    assert len(station.download(mission_type=2)) == 1


def test_an_item_out_of_turn_is_refused_and_the_upload_goes_on() -> None:
    station = one()
    begin(station, 2)
    fields = {"target_system": 1, "target_component": 1, "mission_type": 0, "current": 0, "autocontinue": 1}
    station.say("MISSION_ITEM_INT", seq=1, **SHORT[1], **fields)
    assert station.last("MISSION_ACK").type == MissionResult.INVALID_SEQUENCE
    station.say("MISSION_ITEM_INT", seq=0, **SHORT[0], **fields)
    station.say("MISSION_ITEM_INT", seq=1, **SHORT[1], **fields)
    assert station.last("MISSION_ACK").type == MissionResult.ACCEPTED


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000), st.floats(5, 120)), min_size=1, max_size=20))
def test_waypoints_survive_the_round_trip(points: list[tuple[float, float, float]]) -> None:
    station = one()
    sent = [item(16), *[item(16, east, north, round(up, 1)) for east, north, up in points]]
    assert station.upload(sent) is MissionResult.ACCEPTED
    for given_item, back in zip(sent[1:], station.download()[1:], strict=True):
        assert abs(back.x - given_item["x"]) <= 1
        assert abs(back.y - given_item["y"]) <= 1
        assert back.z == pytest.approx(given_item["z"], abs=1e-4)
