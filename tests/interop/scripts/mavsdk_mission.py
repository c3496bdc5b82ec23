"""An ordinary MAVSDK script, as its users write them: ready, arm, take off, fly a mission, return, disarm."""

import json
import math
import sys
import time
from collections.abc import Callable

from mavsdk import ComponentType, Configuration, Mavsdk
from mavsdk.plugins.action import Action, ActionError
from mavsdk.plugins.mission_raw import MissionItem, MissionRaw
from mavsdk.plugins.telemetry import Telemetry

HEIGHT_M = 20.0
STEPS_E7 = ((0, 0), (3500, 0), (3500, 4500), (0, 4500))
"""Corners of a square of about 40 m, in 1e-7 degrees from home."""


def wait(what: str, is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)


def arm(action: Action) -> int:
    """Real autopilots may refuse the first time; returns the attempts it took."""
    for attempt in range(1, 6):
        try:
            action.arm()
        except ActionError:
            time.sleep(0.5)
        else:
            return attempt
    raise TimeoutError("arm")


def square(lat_e7: int, lon_e7: int) -> list[MissionItem]:
    """Item 0 is home, then take-off and four waypoints."""
    def item(seq: int, command: int, lat: int, lon: int) -> MissionItem:
        return MissionItem(
            seq=seq, frame=6, command=command, current=int(seq == 0), autocontinue=1, x=lat, y=lon, z=HEIGHT_M,
        )

    corners = [item(2 + n, 16, lat_e7 + dlat, lon_e7 + dlon) for n, (dlat, dlon) in enumerate(STEPS_E7)]
    return [item(0, 16, lat_e7, lon_e7), item(1, 22, lat_e7, lon_e7), *corners]


def fly(url: str) -> dict[str, object]:
    mavsdk = Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION))
    mavsdk.add_any_connection(url)
    system = mavsdk.first_autopilot(20.0)
    if system is None:
        raise TimeoutError("no autopilot found")
    action, telemetry, mission = Action(system), Telemetry(system), MissionRaw(system)
    for set_rate in (telemetry.set_rate_position, telemetry.set_rate_home, telemetry.set_rate_health,
                     telemetry.set_rate_landed_state):
        set_rate(5.0)
    wait("ready", lambda: bool(telemetry.health().is_global_position_ok and telemetry.health().is_armable), 30)
    wait("position", lambda: math.isfinite(telemetry.position().latitude_deg), 10)
    home = telemetry.position()
    items = square(round(home.latitude_deg * 1e7), round(home.longitude_deg * 1e7))
    action.set_takeoff_altitude(HEIGHT_M)
    attempts = arm(action)
    action.takeoff()
    wait("airborne", lambda: bool(telemetry.position().relative_altitude_m > HEIGHT_M - 2), 30)
    mission.upload_mission(items)
    reached: list[int] = []
    mission.subscribe_mission_progress(lambda progress, _: reached.append(progress.current))
    mission.start_mission()
    away = []

    def is_done() -> bool:
        at = telemetry.position()
        away.append(max(abs(at.latitude_deg - home.latitude_deg), abs(at.longitude_deg - home.longitude_deg)))
        return bool(reached) and max(reached) >= len(items)

    wait("mission", is_done, 40)
    action.return_to_launch()
    wait("disarmed", lambda: not telemetry.armed(), 40)
    end = telemetry.position()
    return {
        "arm_attempts": attempts, "farthest_deg": max(away), "read_back": len(mission.download_mission()),
        "end_offset_deg": max(abs(end.latitude_deg - home.latitude_deg), abs(end.longitude_deg - home.longitude_deg)),
        "end_height_m": end.relative_altitude_m,
    }


if __name__ == "__main__":
    print(json.dumps(fly(sys.argv[1])), flush=True)
