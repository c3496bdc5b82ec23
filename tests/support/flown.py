"""A simulated vehicle with a log on board: it was armed, stood, and disarmed itself."""

from functools import cache

from sim.autopilot.logbook import Log
from tests.sim.support import Place, Station, spec

STOOD_S = 100


def stand_armed(station: Station, seconds: float) -> None:
    """Armed without take-off until it disarms itself; 0 is for ever, and not waited for."""
    station.say(
        "PARAM_SET", target_system=1, target_component=1, param_id="DISARM_DELAY", param_value=float(seconds),
        param_type=2,
    )
    assert station.mode(0) == 0
    assert station.arm() == 0
    if seconds:
        station.place.wait(lambda: not station.place.service.machines[0].is_armed, seconds + 5)


@cache
def log_data() -> bytes:
    """A log as the simulator itself has it."""
    place = Place([spec()])
    (station,) = place.stations.values()
    stand_armed(station, STOOD_S)
    (log,) = place.service.machines[0].logs
    return bytes(log.data)


def flown(place: Place) -> None:
    """Puts that log on board."""
    place.service.machines[0].logs.append(Log(1, 1_800_000_000, bytearray(log_data())))


def flown_and_armed(place: Place) -> None:
    flown(place)
    (station,) = place.stations.values()
    stand_armed(station, 0)
