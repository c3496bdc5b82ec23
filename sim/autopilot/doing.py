"""Mission items that are done on the way, without flying anywhere."""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fleet.wire.enums import Command
from sim.autopilot.items import Item

if TYPE_CHECKING:
    from sim.autopilot.ship import Ship


def change_speed(ship: "Ship", item: Item) -> None:
    if item.p2 > 0 and (ship.rules.can_stop or item.p1 == 0):
        ship.speed_m_s = item.p2
        ship.apply_limits()


def turn(ship: "Ship", item: Item) -> None:
    """CONDITION_YAW: p1 angle, p2 rate, p3 direction, p4 1 when relative to the present heading."""
    angle = math.radians(item.p1)
    if item.p4:
        angle = ship.estimate.yaw_rad + (angle if item.p3 >= 0 else -angle)
    ship.row.turn_to(angle, math.radians(item.p2) if item.p2 > 0 else ship.limits.turn_rad_s)


def trigger_by_distance(ship: "Ship", item: Item) -> None:
    if ship.camera is not None:
        ship.camera.trigger_every(item.p1, shoots_now=bool(item.p3))


def shoot(ship: "Ship", item: Item) -> None:
    if ship.camera is not None:
        ship.camera.wants_shot = True


def jump(ship: "Ship", item: Item) -> None:
    """DO_JUMP: p1 sequence, p2 repeats (-1 for ever)."""
    mission, here = ship.mission, ship.mission.seq
    done = mission.jumps.get(here, 0)
    if (item.p2 < 0 or done < item.p2) and 0 < item.p1 < len(mission.items):
        mission.jumps[here] = done + 1
        mission.go_to(int(item.p1))


def set_home(ship: "Ship", item: Item) -> None:
    ship.home = ship.estimate.at if item.p1 else ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m)
    ship.is_home_locked = True


def watch(ship: "Ship", item: Item) -> None:
    ship.watched = ship.locate(item.frame, item.lat_deg, item.lon_deg, item.alt_m)


def stop_watching(ship: "Ship", item: Item) -> None:
    ship.watched = None
    if ship.camera is not None:
        ship.camera.level()


def enable_fence(ship: "Ship", item: Item) -> None:
    ship.parameters.put("FENCE_ENABLE", float(item.p1 > 0))


def mark(ship: "Ship", item: Item) -> None:
    """DO_LAND_START: nothing to do; the landing sequence begins there."""


DOING: Mapping[int, Callable[["Ship", Item], None]] = {
    Command.DO_CHANGE_SPEED: change_speed,
    Command.CONDITION_YAW: turn,
    Command.DO_SET_CAM_TRIGG_DIST: trigger_by_distance,
    Command.DO_DIGICAM_CONTROL: shoot,
    Command.IMAGE_START_CAPTURE: shoot,
    Command.DO_JUMP: jump,
    Command.DO_SET_HOME: set_home,
    Command.DO_SET_ROI_LOCATION: watch,
    Command.DO_SET_ROI_NONE: stop_watching,
    Command.DO_FENCE_ENABLE: enable_fence,
    Command.DO_LAND_START: mark,
}
