"""Whatever a station sends, a vehicle answers or ignores it; its model never breaks and time goes on."""

import math
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.autopilot.orders import ORDERS
from sim.machine import VehicleFailed
from sim.vehicles.spec import Kind
from tests.sim.support import Place, Station, bare, item, spec

wild = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, math.nan, math.inf, -math.inf, 3e38, -3e38, 1e-38]),
    st.floats(-400, 400, width=32),
)
places = st.integers(-(2**31), 2**31 - 1)
commands = st.tuples(
    st.just("command"), st.sampled_from([*ORDERS, 0, 31999, 2000]), st.lists(wild, min_size=7, max_size=7),
)
placed = st.tuples(
    st.just("placed"), st.sampled_from(list(ORDERS)), st.tuples(st.integers(0, 21), places, places, wild, wild),
)
local = st.tuples(
    st.just("local"), st.integers(0, 21), st.tuples(st.integers(0, 4095), st.lists(wild, min_size=8, max_size=8)),
)
NAMES = [
    "WPNAV_SPEED", "WPNAV_ACCEL", "WPNAV_RADIUS", "GUID_TIMEOUT", "RTL_ALT", "LAND_SPEED", "DISARM_DELAY",
    "AIRSPEED_CRUISE", "WP_LOITER_RAD", "WP_RADIUS", "RTL_ALTITUDE", "TKOFF_ALT", "TKOFF_DIST", "TECS_CLMB_MAX",
    "TECS_SINK_MAX", "Q_RTL_ALT", "Q_LAND_FINAL_SPD", "WP_SPEED", "WP_ACCEL",
]
GUIDED = {Kind.COPTER: 4, Kind.ROVER: 15, Kind.SUB: 4, Kind.PLANE: 15, Kind.BOAT: 15}
TAKEOFF = 13
sets = st.tuples(st.just("set"), st.sampled_from(NAMES), wild)
uploads = st.tuples(st.just("upload"), st.sampled_from([16, 17, 19, 22, 21, 20, 177, 178, 115, 93, 195, 206]), st.lists(
    wild, min_size=5, max_size=5,
))


def say(station: Station, what: str, which: Any, values: Any) -> None:
    """One thing in the tongue of its strategy."""
    me = {"target_system": 1, "target_component": 1}
    if what == "command":
        station.say("COMMAND_LONG", command=which, confirmation=0, **me,
                    **{f"param{n}": value for n, value in enumerate(values, 1)})
    elif what == "placed":
        frame, x, y, p, z = values
        params = {f"param{n}": p for n in range(1, 5)}
        station.say("COMMAND_INT", command=which, frame=frame, current=0, autocontinue=0, x=x, y=y, z=z, **params, **me)
    elif what == "local":
        mask, (x, y, z, vx, vy, vz, yaw, rate) = values
        motion = {"x": x, "y": y, "z": z, "vx": vx, "vy": vy, "vz": vz, "yaw": yaw, "yaw_rate": rate}
        still = {"afx": 0, "afy": 0, "afz": 0, "time_boot_ms": 0}
        station.say("SET_POSITION_TARGET_LOCAL_NED", coordinate_frame=which, type_mask=mask, **still, **motion, **me)
    elif what == "set":
        station.say("PARAM_SET", param_id=which, param_value=values, param_type=9, **me)
    else:
        p1, p2, p3, p4, z = values
        params = {"param1": p1, "param2": p2, "param3": p3, "param4": p4}
        strange = item(which, 30, 30, 20) | params | {"z": z}
        station.upload([item(16), item(22, 0, 0, 15), strange, bare(20)])
        station.command(300)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([*((kind, False) for kind in Kind), (Kind.PLANE, True)]),
    st.lists(commands | placed | local | sets | uploads, min_size=1, max_size=12),
)
def test_nothing_breaks_a_vehicle(kind_and_rotors: tuple[Kind, bool], said: list[tuple[str, Any, Any]]) -> None:
    kind, has_rotors = kind_and_rotors
    place = Place([spec(kind, parameters={"Q_ENABLE": 1} if has_rotors else {})])
    (station,) = place.stations.values()
    station.mode(GUIDED[kind])
    station.arm()
    if kind is Kind.COPTER or has_rotors:
        station.command(22, 0, 0, 0, 0, 0, 0, 15)
    elif kind is Kind.PLANE:
        station.mode(TAKEOFF)
    for what, which, values in said:
        place.pass_time(0.4)
        say(station, what, which, values)
    place.pass_time(2)
    assert not [event for event in place.events if isinstance(event, VehicleFailed)]
