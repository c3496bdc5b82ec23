"""An ordinary DroneKit script, as its users write them: arm, take off, go somewhere, come back."""

import json
import sys
import time
from typing import Any

from dronekit import LocationGlobalRelative, VehicleMode, connect

vehicle: Any = connect(sys.argv[1], wait_ready=True, timeout=30)
home = vehicle.location.global_relative_frame
while not vehicle.is_armable:
    time.sleep(0.2)
vehicle.mode = VehicleMode("GUIDED")
while vehicle.mode.name != "GUIDED":
    time.sleep(0.1)
vehicle.armed = True
while not vehicle.armed:
    time.sleep(0.1)
vehicle.simple_takeoff(20)
while vehicle.location.global_relative_frame.alt < 19:
    time.sleep(0.1)
target = LocationGlobalRelative(home.lat + 0.0005, home.lon, 20)
vehicle.simple_goto(target)
while abs(vehicle.location.global_relative_frame.lat - target.lat) > 2e-5:
    time.sleep(0.1)
away = vehicle.location.global_relative_frame
vehicle.mode = VehicleMode("RTL")
while vehicle.armed:
    time.sleep(0.2)
end = vehicle.location.global_relative_frame
print(json.dumps({"away_deg": away.lat - home.lat, "end_deg": abs(end.lat - home.lat), "end_m": end.alt}), flush=True)
vehicle.close()
