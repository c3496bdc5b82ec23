"""AUTOPILOTS.md 14: lists, reads, sets; unknown names are met with silence and senseless values accepted."""

import pytest

from fleet.wire.encode import Encoder
from fleet.wire.enums import ParamType
from sim.autopilot.parameters import Parameters, UnknownParameter, as_kept
from sim.autopilot.parameters.tables import table_of
from sim.vehicles.spec import Kind
from tests.sim.support import Place, Station, spec

ME = {"target_system": 1, "target_component": 1}


def one() -> Station:
    (station,) = Place([spec()]).stations.values()
    return station


def test_the_whole_list_arrives_with_indices() -> None:
    station = one()
    station.say("PARAM_REQUEST_LIST", **ME)
    station.place.pass_time(1)
    values = station.all("PARAM_VALUE")
    assert [message.param_index for message in values] == list(range(values[0].param_count))
    assert len({message.param_id for message in values}) == values[0].param_count


def test_read_and_set_by_name() -> None:
    station = one()
    station.say("PARAM_REQUEST_READ", param_id="RTL_ALT", param_index=-1, **ME)
    assert station.last("PARAM_VALUE").param_value == 1500
    station.say("PARAM_SET", param_id="RTL_ALT", param_value=-7.0, param_type=9, **ME)
    assert (station.last("PARAM_VALUE").param_value, station.last("PARAM_VALUE").param_index) == (-7, 65535)


def test_an_answer_by_name_has_no_index() -> None:
    station = one()
    station.say("PARAM_REQUEST_READ", param_id="RTL_ALT", param_index=-1, **ME)
    assert station.last("PARAM_VALUE").param_index == 65535
    station.say("PARAM_REQUEST_READ", param_id="", param_index=17, **ME)
    assert station.last("PARAM_VALUE").param_index == 17
    station.say("PARAM_REQUEST_READ", param_id="RTL_ALT", param_index=30000, **ME)
    assert station.last("PARAM_VALUE").param_index == 17


@pytest.mark.parametrize(("name", "kind", "sent", "kept"), [
    ("RTL_ALT", 6, 1234.6, 1234.0), ("ARMING_CHECK", 6, -3.0, -3.0), ("FENCE_ENABLE", 2, 300.0, 127.0),
    ("ANGLE_MAX", 4, -1e9, -32768.0), ("FENCE_RADIUS", 9, 1e30, 1e30), ("SERVO9_FUNCTION", 4, 94.0, 94.0),
])
def test_values_are_kept_as_their_type_can(name: str, kind: int, sent: float, kept: float) -> None:
    station = one()
    station.say("PARAM_SET", param_id=name, param_value=sent, param_type=9, **ME)
    station.say("PARAM_REQUEST_READ", param_id=name, param_index=-1, **ME)
    for message in station.all("PARAM_VALUE"):
        assert (message.param_id, message.param_type) == (name, kind)
        assert message.param_value == pytest.approx(kept, rel=1e-6)


def test_a_list_takes_its_time_and_ends_with_its_link() -> None:
    station = one()
    datagrams: list[bytes] = []
    port = station.place.service.machines[0].open_port(datagrams.append)
    request = Encoder(255, 190).encode("PARAM_REQUEST_LIST", **ME)
    station.place.service.machines[0].hear(request, port)
    station.place.pass_time(0.2)
    some = len(datagrams)
    assert some > 2
    assert max(map(len, datagrams)) <= 1400
    station.place.service.machines[0].close_port(port)
    station.place.pass_time(1)
    assert len(datagrams) == some


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_lists_hundreds_of_proper_ones(kind: Kind) -> None:
    table = table_of(kind)
    assert len(table.names) > 600
    assert all(1 <= len(name) <= 16 for name in table.names)
    assert all(as_kept(table.defaults[name], table.types[name]) == table.defaults[name] for name in table.names)
    assert set(table.types.values()) == {ParamType.INT8, ParamType.INT16, ParamType.INT32, ParamType.REAL32}


def test_unknown_names_get_silence() -> None:
    station = one()
    station.say("PARAM_REQUEST_READ", param_id="NO_SUCH", param_index=-1, **ME)
    station.say("PARAM_SET", param_id="NO_SUCH", param_value=1.0, param_type=9, **ME)
    station.place.pass_time(3)
    assert not station.all("PARAM_VALUE")


def test_a_scenario_with_a_foreign_parameter_says_so() -> None:
    with pytest.raises(UnknownParameter, match="a sub has no parameter RTL_ALT"):
        Parameters(Kind.SUB, {"RTL_ALT": 1.0})
