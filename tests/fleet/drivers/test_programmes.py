"""Programmes one by one: what they ask for, what they do without, and where they end."""

from typing import Any

import pytest

from fleet.commands import AckResult, Command, Verb
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.step import Outgoing, Run, Talk
from fleet.drivers.mavlink.streams import RATES_HZ, Streams
from fleet.drivers.registry import DRIVERS
from fleet.model import VehicleKind
from fleet.wire.message import Message
from tests.fleet.drivers.test_fold import NOW, after, beat, frame, known, place
from tests.support.fleet_bench import PILOT, at, route
from world.ids import CommandId, VehicleId


def order(verb: Verb, **rest: Any) -> Command:
    return Command(
        id=CommandId("c"), vehicle=VehicleId("U01"), verb=verb, issued_by=PILOT, deadline=NOW.plus_s(60.0), **rest
    )


def begun(command: Command, at_known: Known, kind: VehicleKind = VehicleKind.COPTER) -> tuple[Run, list[Outgoing]]:
    talk = Talk(sysid=1, known=lambda: at_known, on_mission=lambda mission: None)
    run = Run(DRIVERS[kind].programmes[command.verb](talk, command))
    return run, run.begin(at_known, NOW)


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        (Verb.GO_TO, "go_to needs position"), (Verb.UPLOAD_ROUTE, "upload_route needs route"),
        (Verb.SET_SPEED, "set_speed needs speed_m_s"), (Verb.TAKE_OFF, "take_off needs height_m"),
        (Verb.SET_RETURN_HEIGHT, "set_return_height needs height_m"), (Verb.LOOK_AT, "look_at needs heading_deg"),
    ],
)
def test_a_missing_argument_ends_it_at_once(verb: Verb, words: str) -> None:
    run, sent = begun(order(verb), known())
    assert run.result is AckResult.REFUSED_BY_VEHICLE
    assert words in run.reason
    assert sent == []


def test_without_a_position_some_things_cannot_be() -> None:
    run, _ = begun(order(Verb.GO_TO, position=at(0, 0, 40)), known())
    assert "position of the vehicle is not known" in run.reason
    run, _ = begun(order(Verb.UPLOAD_ROUTE, route=route()), known())
    assert "neither home nor position" in run.reason
    run, _ = begun(order(Verb.LOOK_AT, position=at(0, 0, 40)), known())
    assert "known own position" in run.reason


def test_every_kind_ends_motion_in_its_own_modes() -> None:
    wanted = {
        VehicleKind.COPTER: {Verb.STOP: 17, Verb.HOLD: 17, Verb.RETURN: 6, Verb.LAND: 9},
        VehicleKind.ROVER: {Verb.STOP: 4, Verb.HOLD: 4, Verb.RETURN: 11, Verb.LAND: 4},
        VehicleKind.SUB: {Verb.STOP: 16, Verb.HOLD: 16, Verb.RETURN: 9, Verb.LAND: 9},
        VehicleKind.PLANE: {Verb.STOP: 12, Verb.HOLD: 12, Verb.RETURN: 11, Verb.LAND: 26},
        VehicleKind.BOAT: {Verb.STOP: 5, Verb.HOLD: 5, Verb.RETURN: 11, Verb.LAND: 4},
    }
    for kind, verbs in wanted.items():
        for verb, mode in verbs.items():
            _, sent = begun(order(verb), known(kind), kind)
            assert [(each.fields["command"], each.fields["param2"]) for each in sent] == [(176, mode), (512, 0.0)]


def commands(sent: list[Outgoing]) -> list[int]:
    return [each.fields["command"] for each in sent]


def test_a_mode_is_asked_to_be_shown_again_when_it_came_after_the_showing() -> None:
    """PX4 acknowledges the request before the mode has changed; ArduPilot shows it at once."""
    run, sent = begun(order(Verb.RETURN), known())
    assert commands(sent) == [176, 512]
    later = NOW.plus_s(0.01)
    shape = {"autopilot": 3, "type": 2, "base_mode": 1, "system_status": 4}
    assert run.hear(ack(512, 0), known(), later) == []
    assert run.hear(frame("HEARTBEAT", custom_mode=5, **shape), known(), later) == []
    assert commands(run.hear(ack(176, 0), known(), later)) == [512]
    assert run.hear(ack(512, 0), known(), later) == [], "asked once more, not for ever"
    assert not has_ended(run)
    shown = after(frame("HEARTBEAT", custom_mode=6, **shape))
    run.hear(frame("HEARTBEAT", custom_mode=6, **shape), shown, later)
    assert run.result is AckResult.ACCEPTED


def test_a_kill_is_for_one_vehicle() -> None:
    _, sent = begun(order(Verb.KILL), known())
    fields = sent[0].fields
    assert (fields["command"], fields["param1"], fields["param2"]) == (400, 0.0, 21196.0)
    assert fields["target_system"] == 1


def has_ended(run: Run) -> bool:
    return run.result is not None


def ack(command: int, result: int, **rest: Any) -> Message:
    return frame("COMMAND_ACK", command=command, result=result, **rest)


def test_acks_for_other_stations_and_commands_are_not_ours() -> None:
    run, _ = begun(order(Verb.SET_SPEED, speed_m_s=4.0), known())
    run.hear(ack(178, 4, target_system=254), known(), NOW)
    run.hear(ack(177, 4), known(), NOW)
    assert not has_ended(run)
    run.hear(ack(178, 0, target_system=255), known(), NOW)
    assert run.result is AckResult.ACCEPTED
    assert run.tick(known(), NOW.plus_s(9.0)) == []


def test_progress_puts_off_the_repeats() -> None:
    run, _ = begun(order(Verb.SET_SPEED, speed_m_s=4.0), known())
    run.hear(ack(178, 5), known(), NOW.plus_s(0.5))
    assert run.tick(known(), NOW.plus_s(5.4)) == []
    again = run.tick(known(), NOW.plus_s(5.6))
    assert [each.fields["confirmation"] for each in again] == [1]


def test_a_refusal_carries_the_vehicles_words_and_unknown_results_their_number() -> None:
    run, _ = begun(order(Verb.SET_SPEED, speed_m_s=4.0), known())
    run.hear(ack(178, 99), after(frame("STATUSTEXT", severity=3, text="no way"), now=NOW.plus_s(0.1)), NOW.plus_s(0.1))
    assert run.reason == "DO_CHANGE_SPEED result 99: no way"


def test_a_mission_the_vehicle_refuses() -> None:
    run, sent = begun(order(Verb.UPLOAD_ROUTE, route=route()), after(place(), beat(4)))
    assert [each.name for each in sent] == ["MISSION_COUNT"]
    here = after(place(), beat(4))

    def told(kind: int, **rest: Any) -> list[Outgoing]:
        fields = {"target_system": 255, "target_component": 190, "type": kind, "mission_type": 0} | rest
        return run.hear(frame("MISSION_ACK", **fields), here, NOW)

    def asked(seq: int, **rest: Any) -> list[Outgoing]:
        fields = {"target_system": 255, "target_component": 190, "seq": seq, "mission_type": 0} | rest
        return run.hear(frame("MISSION_REQUEST", **fields), here, NOW)

    assert told(0) == [], "the end of some older upload"
    assert asked(0, mission_type=1) == [], "the fence is another list"
    assert [each.fields["seq"] for each in asked(0)] == [0]
    assert asked(99) == []
    told(13)
    told(15)
    assert not has_ended(run)
    told(3)
    assert run.result is AckResult.REFUSED_BY_VEHICLE
    assert run.reason == "the vehicle refused the mission: unsupported"


def test_a_vehicle_that_stops_asking_is_offered_the_mission_again() -> None:
    here = after(place(), beat(4))
    run, _ = begun(order(Verb.UPLOAD_ROUTE, route=route()), here)
    run.hear(frame("MISSION_REQUEST", target_system=255, target_component=190, seq=0, mission_type=0), here, NOW)
    assert run.tick(here, NOW.plus_s(2.9)) == []
    assert [each.name for each in run.tick(here, NOW.plus_s(3.1))] == ["MISSION_COUNT"]
    for second in range(4, 20):
        run.tick(here, NOW.plus_s(second))
    assert run.result is AckResult.TIMED_OUT
    assert "did not ask for the 11 items of its mission" in run.reason


def test_a_closed_run_says_nothing_more() -> None:
    run, _ = begun(order(Verb.HOLD), known())
    run.close(AckResult.SUPERSEDED, "stop went before it")
    run.close(AckResult.TIMED_OUT, "twice")
    assert (run.result, run.reason) == (AckResult.SUPERSEDED, "stop went before it")
    assert run.tick(known(), NOW.plus_s(9.0)) == []


def test_pace() -> None:
    pace = Pace(every_s=1.0, times=2)
    assert [pace.is_due(NOW.plus_s(k / 2)) for k in range(6)] == [True, False, True, False, False, False]
    assert not pace.is_spent(NOW.plus_s(1.5))
    assert pace.is_spent(NOW.plus_s(2.0))


def test_streams_are_asked_for_one_at_a_time_and_again_when_silent() -> None:
    here = after(beat(0))
    streams = Streams(Talk(sysid=1, known=lambda: here, on_mission=lambda mission: None))
    first = [streams.requests(NOW.plus_s(k / 10))[0].fields["param1"] for k in range(len(RATES_HZ))]
    assert len(set(first)) == len(RATES_HZ)
    assert streams.requests(NOW.plus_s(1.0)) == []
    streams.hear(place(), NOW.plus_s(3.0))
    asked = [streams.requests(NOW.plus_s(4.0))[0].fields["param1"] for _ in range(len(RATES_HZ) - 1)]
    assert 33 not in asked
    assert streams.requests(NOW.plus_s(4.0)) == []
    assert 33 in [r.fields["param1"] for k in range(20) for r in streams.requests(NOW.plus_s(6.5 + k / 10))]


def test_a_stream_the_vehicle_does_not_have_is_asked_for_rarely() -> None:
    here = after(beat(0))
    streams = Streams(Talk(sysid=1, known=lambda: here, on_mission=lambda mission: None), {"HOME_POSITION": 1.0})
    assert len(streams.requests(NOW)) == 1
    streams.hear(ack(511, 2), NOW)
    assert streams.requests(NOW.plus_s(59.0)) == []
    assert len(streams.requests(NOW.plus_s(60.0))) == 1
    silent = known()
    assert Streams(Talk(sysid=1, known=lambda: silent, on_mission=lambda mission: None)).requests(NOW) == []
