"""Parameters against odd vehicles: bytewise numbers, lists that change while they are read, names that are refused."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.commands import AckResult
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.offers import Offers
from fleet.drivers.mavlink.parameter import is_same, parameter_of, to_wire
from fleet.drivers.mavlink.parameters import ListParameters, ReadParameters
from fleet.drivers.mavlink.step import StepFailed, Talk, perform
from fleet.drivers.mavlink.whole_list import read_all
from fleet.wire.enums import Capability, ParamType
from tests.fleet.drivers.test_fold import NOW, frame, known
from tests.support.scripted_parameters import Board, converse

PX4_VALUES = {
    "COM_FLTMODE1": (-1.0, ParamType.INT32), "MPC_XY_VEL_MAX": (12.0, ParamType.REAL32),
    "SYS_AUTOSTART": (4001.0, ParamType.INT32), "_HASH_CHECK": (3_735_928_559.0, ParamType.UINT32),
}
PX4 = Offers(capabilities=int(Capability.PARAM_ENCODE_BYTEWISE))


def board() -> Board:
    return Board(values={f"P{k:03d}": (float(k), ParamType.REAL32) for k in range(50)})


def listing() -> tuple[ListParameters, Known]:
    """A step that has asked for the list."""
    held = known()
    step = ListParameters(Talk(sysid=1, known=lambda: held, on_mission=lambda mission: None), is_bytewise=False)
    step.poll(held, NOW)
    return step, held


def test_px4s_whole_numbers_are_bytes() -> None:
    finished = converse(Board(values=dict(PX4_VALUES), is_px4=True), lambda talk: read_all(talk, PX4))
    assert {each.name: each.value for each in finished.value} == {name: v for name, (v, _) in PX4_VALUES.items()}


@given(st.integers(-(2**31), 2**31 - 1))
def test_every_bytewise_number_comes_back_or_is_one_of_those_named(number: int) -> None:
    carried = struct.unpack("<f", struct.pack("<i", number))[0]
    message = frame(
        "PARAM_VALUE", param_id="N", param_value=carried, param_type=ParamType.INT32, param_count=1, param_index=0
    )
    read = parameter_of(message, is_bytewise=True).value
    is_named = -8_388_607 <= number <= -4_194_305 or 2_139_095_040 < number < 2_143_289_344
    assert read == (number + 4_194_304 if is_named and read != number else number)


@given(st.integers(-(2**31), 2**31 - 1), st.booleans())
def test_a_number_is_sent_unchanged_or_refused(number: int, is_bytewise: bool) -> None:
    carried, reason = 0.0, ""
    try:
        carried = to_wire("N", float(number), ParamType.INT32, is_bytewise=is_bytewise)
    except StepFailed as failure:
        reason = failure.reason
    octets = struct.pack("<f", carried)
    is_carried = (struct.unpack("<i", octets)[0] if is_bytewise else carried) == number
    assert is_carried or reason == f"N = {number} cannot pass through the float of PARAM_SET unchanged"


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (3.5, ParamType.INT16, "N is a whole number; 3.5 cannot be written"),
        (40000.0, ParamType.INT16, "N is of type INT16, which does not reach 40000"),
        (math.nan, ParamType.INT8, "N is a whole number; nan cannot be written"),
        (math.inf, ParamType.REAL32, "N takes a finite number, not inf"),
        (1e39, ParamType.REAL32, "N takes a finite number, not 1e+39"),
    ],
)
def test_what_a_type_cannot_hold_is_said(value: float, kind: ParamType, words: str) -> None:
    with pytest.raises(StepFailed) as failure:
        to_wire("N", value, kind, is_bytewise=False)
    assert failure.value.reason == words


@given(st.floats(-1e30, 1e30))
def test_rounding_to_32_bits_is_no_difference(value: float) -> None:
    rounded = struct.unpack("<f", struct.pack("<f", value))[0]
    assert is_same(value, rounded)
    assert not is_same(value, rounded * 1.001 + math.copysign(1.0, rounded))


@pytest.mark.parametrize("after", [0, 1, 20, 49])
def test_a_list_that_grows_while_it_is_read_is_read_anew(after: int) -> None:
    growing = board()
    growing.grows_after = after
    finished = converse(growing, lambda talk: perform(ListParameters(talk, is_bytewise=False)))
    assert finished.result is AckResult.ACCEPTED
    assert [each.name for each in finished.value] == list(growing.values)


def test_a_value_set_by_others_meanwhile_is_the_one_that_counts() -> None:
    step, held = listing()
    for index, name in ((0, "A"), (65535, "A"), (1, "B")):
        value = 5.0 if index == 65535 else 1.0
        step.hear(frame(
            "PARAM_VALUE", param_id=name, param_value=value, param_type=9, param_count=2, param_index=index
        ), held, NOW)
    assert step.value is not None
    assert [(each.name, each.value) for each in step.value] == [("A", 5.0), ("B", 1.0)]


def test_a_name_that_comes_twice_is_no_whole_list() -> None:
    step, held = listing()
    for index in (0, 1):
        step.hear(frame(
            "PARAM_VALUE", param_id="A", param_value=1.0, param_type=9, param_count=2, param_index=index
        ), held, NOW)
    assert not step.is_ended
    assert [each.name for each in step.poll(held, NOW)] == ["PARAM_REQUEST_LIST"]


def test_a_vehicle_without_parameters_is_said() -> None:
    finished = converse(Board(values={}), lambda talk: perform(ListParameters(talk, is_bytewise=False)))
    assert finished.reason == "the vehicle does not answer when asked for its parameters"


def test_an_error_for_a_name_ends_it_at_once() -> None:
    finished = converse(
        Board(values=dict(PX4_VALUES), is_px4=True, errors=True),
        lambda talk: perform(ReadParameters(talk, ["NO_SUCH"], is_bytewise=True)),
    )
    assert finished.reason == "the vehicle refuses to read parameter NO_SUCH (error 1)"
    assert len(finished.sent) == 1
