"""AUTOPILOTS.md 14: lists, reads, sets; unknown names are met with silence and senseless values accepted."""

import pytest

from sim.autopilot.parameters import Parameters, UnknownParameter
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


def test_unknown_names_get_silence() -> None:
    station = one()
    station.say("PARAM_REQUEST_READ", param_id="NO_SUCH", param_index=-1, **ME)
    station.say("PARAM_SET", param_id="NO_SUCH", param_value=1.0, param_type=9, **ME)
    station.place.pass_time(3)
    assert not station.all("PARAM_VALUE")


def test_a_scenario_with_a_foreign_parameter_says_so() -> None:
    with pytest.raises(UnknownParameter, match="a sub has no parameter RTL_ALT"):
        Parameters(Kind.SUB, {"RTL_ALT": 1.0})
