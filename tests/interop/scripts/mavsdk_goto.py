"""An ordinary MAVSDK script: arm, take off, go somewhere, land there."""

import json
import math
import sys

from mavsdk import ComponentType, Configuration, Mavsdk
from mavsdk.plugins.action import Action
from mavsdk.plugins.telemetry import Telemetry

from tests.interop.scripts.mavsdk_mission import arm, wait


def fly(url: str) -> dict[str, float]:
    mavsdk = Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION))
    mavsdk.add_any_connection(url)
    system = mavsdk.first_autopilot(20.0)
    if system is None:
        raise TimeoutError("no autopilot found")
    action, telemetry = Action(system), Telemetry(system)
    telemetry.set_rate_position(5.0)
    wait("ready", lambda: bool(telemetry.health().is_global_position_ok and telemetry.health().is_armable), 30)
    wait("position", lambda: math.isfinite(telemetry.position().latitude_deg), 10)
    home = telemetry.position()
    action.set_takeoff_altitude(20.0)
    arm(action)
    action.takeoff()
    wait("airborne", lambda: bool(telemetry.position().relative_altitude_m > 18), 30)
    action.goto_location(home.latitude_deg + 0.0005, home.longitude_deg, home.absolute_altitude_m + 25.0, 0.0)
    wait("there", lambda: bool(telemetry.position().latitude_deg > home.latitude_deg + 0.00048), 30)
    action.land()
    wait("disarmed", lambda: not telemetry.armed(), 40)
    end = telemetry.position()
    return {"away_deg": end.latitude_deg - home.latitude_deg, "end_m": end.relative_altitude_m}


if __name__ == "__main__":
    print(json.dumps(fly(sys.argv[1])), flush=True)
