"""Parameters kept at hand: read once on the ground, followed afterwards, never begun in flight."""

from dataclasses import replace

from fleet.drivers.mavlink.chores import Chore
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.parameter_cache import ParameterCache
from fleet.drivers.mavlink.parameter_chore import AGAIN_S, KeepParameters
from fleet.drivers.mavlink.remembered import Recalled
from fleet.drivers.mavlink.step import Outgoing, Talk
from fleet.wire.enums import ParamType
from tests.fleet.drivers.test_fold import NOW, frame, known
from tests.support.scripted_parameters import Board
from world.ids import VehicleId


def held(*, is_armed: bool | None) -> Known:
    plain = known()
    return replace(
        plain, state=replace(plain.state, is_armed=is_armed), vitals=replace(plain.vitals, heartbeat=NOW)
    )


def chore_of(at_known: Known, cache: ParameterCache, told: list[Recalled]) -> KeepParameters:
    talk = Talk(sysid=1, known=lambda: at_known, on_mission=lambda mission: None)
    return KeepParameters(talk, VehicleId("U01"), cache, turn=0, on_list=told.append)


def live(chore: Chore, board: Board, seconds: float, begin_s: float = 0.0) -> list[Outgoing]:
    """A session's part: ten ticks a second, answers at once."""
    sent: list[Outgoing] = []
    for tick in range(round(seconds * 10)):
        now = NOW.plus_s(begin_s + tick * 0.1)
        for outgoing in chore.requests(now):
            sent.append(outgoing)
            for message in board.answer(outgoing):
                chore.hear(message, now)
    return sent


def board() -> Board:
    return Board(values={f"P{k}": (float(k), ParamType.REAL32) for k in range(30)})


def test_they_are_read_once_and_followed() -> None:
    cache, told = ParameterCache(), list[Recalled]()
    chore = chore_of(held(is_armed=False), cache, told)
    live(chore, board(), 20)
    assert {name: each.value for name, each in chore.parameters.items()} == {f"P{k}": float(k) for k in range(30)}
    assert [each.was_kept for each in told] == [False]
    assert live(chore, board(), 200, begin_s=20) == []
    chore.hear(frame(
        "PARAM_VALUE", param_id="P3", param_value=9.0, param_type=9, param_count=30, param_index=65535
    ), NOW.plus_s(30))
    assert chore.parameters["P3"].value == 9.0
    again = chore_of(held(is_armed=False), cache, told)
    live(again, board(), 20)
    assert told[-1].was_kept


def test_nothing_begins_in_flight_or_before_a_heartbeat() -> None:
    for at_known in (held(is_armed=True), held(is_armed=None), known()):
        assert live(chore_of(at_known, ParameterCache(), []), board(), 10) == []


def test_a_mute_vehicle_is_asked_again_later() -> None:
    chore = chore_of(held(is_armed=False), ParameterCache(), [])
    mute = Board(values={})
    live(chore, mute, 40)
    assert chore.failure == "the vehicle does not answer when asked for its parameters"
    assert live(chore, mute, 10, begin_s=40) == []
    assert live(chore, mute, 20, begin_s=AGAIN_S)
