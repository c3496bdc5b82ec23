"""SET_PARAMETERS: in order, of the vehicle's own types, verified; a failure says what was written and what stands."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.commands import AckResult, Command, Verb
from fleet.drivers.mavlink.set_parameters import set_parameters
from fleet.drivers.mavlink.step import Talk
from fleet.drivers.registry import DRIVERS
from fleet.wire.enums import ParamType
from tests.fleet.drivers.test_fold import NOW
from tests.sim.support import Place
from tests.support.fleet_bench import PILOT
from tests.support.reading_bench import read_from_afar
from tests.support.rough_channel import Roughness
from tests.support.scripted_parameters import Board, Finished, converse
from world.ids import CommandId, VehicleId

WANTED = {"RTL_ALT": 3000.0, "WPNAV_SPEED": 712.3, "FENCE_ENABLE": 1.0, "ATC_RAT_RLL_P": 0.1}


def order(parameters: dict[str, float] | None) -> Command:
    return Command(
        id=CommandId("c"), vehicle=VehicleId("U01"), verb=Verb.SET_PARAMETERS, issued_by=PILOT,
        deadline=NOW.plus_s(60.0), parameters=parameters,
    )


def setting(board: Board, parameters: dict[str, float]) -> Finished:
    return converse(board, lambda talk: set_parameters(talk, order(parameters)))


def board(**odd: Any) -> Board:
    return Board(values={
        "A": (1.0, ParamType.INT8), "B": (2.0, ParamType.REAL32), "C": (3.0, ParamType.INT32),
    }, **odd)


def test_every_kind_knows_the_verb() -> None:
    assert all(Verb.SET_PARAMETERS in driver.programmes for driver in DRIVERS.values())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**31), st.floats(0.0, 0.3), st.floats(0.0, 0.5))
def test_over_a_bad_link_a_yes_is_true(seed: int, lost: float, delay_s: float) -> None:
    places: list[Place] = []

    def programme(talk: Talk) -> Any:
        return set_parameters(talk, order(WANTED))

    how = Roughness(seed=seed, lost=lost, repeated=0.1, delay_s=delay_s)
    ended = read_from_afar(programme, how, prepare=places.append)
    assert ended.result is AckResult.ACCEPTED, ended.reason
    (place,) = places
    held = place.service.machines[0].parameters
    assert {name: held[name] for name in WANTED} == pytest.approx(WANTED)


@pytest.mark.parametrize("is_px4", [False, True])
def test_they_are_written_in_order_and_with_the_vehicles_types(is_px4: bool) -> None:
    vehicle = board(is_px4=is_px4)
    finished = setting(vehicle, {"C": -7.0, "A": 5.0, "B": 0.1})
    assert finished.result is AckResult.ACCEPTED
    assert vehicle.set_order == ["C", "A", "B"]
    assert {name: value for name, (value, _) in vehicle.values.items()} == pytest.approx({"A": 5, "B": 0.1, "C": -7})
    kinds = [each.fields["param_type"] for each in finished.sent if each.name == "PARAM_SET"]
    assert kinds == [ParamType.INT32, ParamType.INT8, ParamType.REAL32]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"A": 2.0, "NO_SUCH": 1.0}, "never answered for parameter NO_SUCH"),
        ({"B": 1.0, "A": 300.0}, "A is of type INT8, which does not reach 300"),
        ({"B": 1.0, "C": 0.5}, "C is a whole number; 0.5 cannot be written"),
    ],
)
def test_nothing_is_written_when_something_cannot_be(parameters: dict[str, float], words: str) -> None:
    vehicle = board()
    finished = setting(vehicle, parameters)
    assert words in finished.reason
    assert vehicle.set_order == []


def test_a_failure_says_what_was_written_and_what_stands() -> None:
    finished = setting(board(keeps=frozenset({"B"})), {"A": 7.0, "B": 9.0, "C": 8.0})
    assert finished.result is AckResult.REFUSED_BY_VEHICLE
    assert finished.reason == "the vehicle keeps B at 2 and not 9; B is now 2; written: A = 7; not written: C"
    finished = setting(board(mute=frozenset({"A"})), {"A": 7.0, "B": 9.0})
    assert finished.result is AckResult.TIMED_OUT
    assert finished.reason == "the vehicle does not confirm A; A is now 1; written: nothing; not written: B"


def test_without_parameters_it_ends_at_once() -> None:
    finished = setting(board(), {})
    assert (finished.reason, finished.sent) == ("set_parameters needs parameters", [])
