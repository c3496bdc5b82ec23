"""A vehicle that joins later is guarded like the others; one whose firmware turns out to be another has its bounds."""

from fleet.authority import Authority
from fleet.commands import Verb
from fleet.guard import LIMITS, PX4_LIMITS, Guard, GuardedVehicle
from fleet.model import VehicleKind
from fleet.wire.encode import Encoder
from tests.fleet.guard.test_commands import NOW, command, state
from tests.support.fleet_bench import PILOT, flat_site
from world.ids import VehicleId

U01 = VehicleId("U01")


def guard() -> tuple[Guard, list[bytes]]:
    sent: list[bytes] = []
    made = Guard(
        send=lambda vehicle, data: sent.append(data), authority=Authority(commanders=[PILOT]), vehicles={},
        site=flat_site(),
    )
    return made, sent


def mode(number: float, sub: float = 0.0) -> bytes:
    rest = dict.fromkeys(("param4", "param5", "param6", "param7"), 0.0)
    return Encoder(255, 190).encode(
        "COMMAND_LONG", target_system=1, target_component=1, command=176, confirmation=0, param1=1.0, param2=number,
        param3=sub, **rest,
    )


def test_nobody_is_commanded_before_he_is_enrolled() -> None:
    made, sent = guard()
    assert "not in the guard's table" in str(made.admit(command(Verb.HOLD), state(), NOW))
    made.enrol(U01, GuardedVehicle(sysid=1, limits=LIMITS[VehicleKind.COPTER]))
    assert made.admit(command(Verb.HOLD), state(), NOW) is None
    assert made.transmit(U01, mode(17.0), NOW) is None
    assert len(sent) == 1


def test_who_needs_failsafes_is_said() -> None:
    made, _ = guard()
    for needs in (True, False):
        made.enrol(U01, GuardedVehicle(sysid=1, limits=LIMITS[VehicleKind.COPTER], needs_failsafes=needs))
        assert made.needs_failsafes(U01) is needs


def test_other_firmware_other_modes() -> None:
    made, _ = guard()
    made.enrol(U01, GuardedVehicle(sysid=1, limits=LIMITS[VehicleKind.COPTER]))
    made.rebound(U01, PX4_LIMITS[VehicleKind.COPTER])
    assert made.admit(command(Verb.HOLD), state(), NOW) is None
    assert made.transmit(U01, mode(4.0, 3.0), NOW) is None
    assert "is not among those" in str(made.transmit(U01, mode(17.0), NOW))
