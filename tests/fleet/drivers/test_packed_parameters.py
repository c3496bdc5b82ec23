"""ArduPilot's packed parameter file: golden bytes, what pymavlink reads in it too, and no nonsense believed."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.mavftp import MAVFTP

from fleet.drivers.mavlink.packed_parameters import BadParameterFile, total_of, unpack_parameters
from fleet.drivers.mavlink.parameter import Parameter
from fleet.wire.enums import ParamType
from sim.autopilot.parameters import Parameters
from sim.autopilot.parameters.packed import pack
from sim.vehicles.spec import Kind

# By hand after AP_Filesystem_Param.cpp: three parameters of five; two zero bytes of padding before the second.
PLAIN = bytes.fromhex(
    "1b67 0300 0500"
    "01 60" + b"FOO_BAR".hex() + "ff"
    "0000"
    "03 24" + b"MAX".hex() + "40420f00"
    "04 00" + b"X".hex() + "0000c03f"
)
WITH_DEFAULTS = bytes.fromhex("1c67 0200 0200" "12 30" + b"RTL1".hex() + "dc05 e803" "02 03" + b"2".hex() + "0700")


def test_the_golden_bytes_are_read() -> None:
    assert unpack_parameters(PLAIN) == [
        Parameter(name="FOO_BAR", value=-1.0, kind=ParamType.INT8),
        Parameter(name="FOO_MAX", value=1_000_000.0, kind=ParamType.INT32),
        Parameter(name="X", value=1.5, kind=ParamType.REAL32),
    ]
    assert unpack_parameters(WITH_DEFAULTS) == [
        Parameter(name="RTL1", value=1500.0, kind=ParamType.INT16, default=1000.0),
        Parameter(name="RTL2", value=7.0, kind=ParamType.INT16),
    ]
    assert total_of(PLAIN) == 5


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("size", [239, 80, 110])
def test_a_simulated_vehicles_file_is_read_alike_by_pymavlink(kind: Kind, size: int) -> None:
    parameters = Parameters(kind, {"SYSID_THISMAV": 7, "FENCE_RADIUS": 12.5})
    data = pack(parameters, "withdefaults=1", size)
    ours, theirs = unpack_parameters(data), MAVFTP.ftp_param_decode(data)
    assert theirs is not None
    assert [(each.name, each.value) for each in ours] == [(name.decode(), v) for name, v, _ in theirs.params]
    assert {each.name: each.value for each in ours} == pytest.approx({n: parameters[n] for n in parameters.table.names})
    assert {each.name for each in ours if each.default is not None} == {"SYSID_THISMAV", "FENCE_RADIUS"}
    assert len(ours) > 600


def test_no_value_lies_across_two_reads() -> None:
    parameters = Parameters(Kind.COPTER, {})
    for size in (239, 100, 41):
        assert len(unpack_parameters(pack(parameters, "", size))) == len(parameters.table.names)


@settings(max_examples=300)
@given(st.data())
def test_a_spoilt_file_is_refused_or_read_with_proper_names(data: st.DataObject) -> None:
    whole = bytearray(pack(Parameters(Kind.COPTER, {}), "start=0&count=60", 239))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        found = unpack_parameters(cut)
    except BadParameterFile:
        return
    assert all(each.name.replace("_", "").isalnum() and not math.isinf(len(each.name)) for each in found)


@given(st.binary(max_size=400))
def test_foreign_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BadParameterFile):
        unpack_parameters(data[:1] + b"\x00" + data)
