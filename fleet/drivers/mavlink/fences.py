"""Fence and rally points put on board and read back; done when the digest of what is there is that of what was sent."""

import math
from collections.abc import Generator, Sequence
from typing import Any

from fleet.commands import FenceArea
from fleet.drivers.mavlink.areas import digest, fence_answer, fence_items, mission_answer, rally_answer, rally_items
from fleet.drivers.mavlink.commands import SendCommand
from fleet.drivers.mavlink.items import Item
from fleet.drivers.mavlink.mission import Download, Upload
from fleet.drivers.mavlink.parameters import ReadParameters
from fleet.drivers.mavlink.step import Programme, Step, StepFailed, Talk, perform
from fleet.model import AutopilotKind
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import MissionType
from world.position import Geodetic

UPLOADS = 3
POLYGONS = 4
"""Bit of FENCE_TYPE for uploaded polygons and circles (AC_Fence)."""


def put_fence(talk: Talk, areas: Sequence[FenceArea]) -> Programme:
    """Loads the areas, reads them back, and sees to it that they are in force. () takes them away.

    A ceiling or circle that parameters set stays as it is.
    """
    yield from _put(talk, fence_items(areas), MissionType.FENCE)
    if areas:
        yield from _put_in_force(talk)


def put_rally(talk: Talk, points: Sequence[Geodetic]) -> Programme:
    """Loads the rally points and reads them back. () takes them away."""
    home = talk.known().state.home
    if points and home is None:
        raise StepFailed("the home of the vehicle is not known yet, above which rally points are counted")
    items = rally_items(points, home) if home is not None else ()
    yield from _put(talk, items, MissionType.RALLY)


def _put(talk: Talk, items: Sequence[Item], kind: MissionType) -> Programme:
    back: tuple[Item, ...] = ()
    for _ in range(UPLOADS):
        yield from perform(Upload(talk, items, kind))
        back = yield from perform(Download(talk, kind))
        if digest(back) == digest(items):
            return
    raise StepFailed(
        f"the vehicle does not hold what was sent: {len(items)} items of digest {digest(items):x} went, "
        f"{len(back)} of digest {digest(back):x} came back"
    )


def _put_in_force(talk: Talk) -> Programme:
    if talk.known().vitals.autopilot is AutopilotKind.PX4:
        yield from _px4_in_force(talk)
        return
    kinds = yield from _read(talk, "FENCE_TYPE")
    if not kinds & POLYGONS:
        raise StepFailed(f"the fence is on board but not in force: FENCE_TYPE is {kinds}; set it to {kinds | POLYGONS}")
    yield from perform(SendCommand(talk, MavCommand.DO_FENCE_ENABLE, 1.0))
    if (yield from _read(talk, "FENCE_ENABLE")) <= 0:
        raise StepFailed("the fence is on board but not in force: FENCE_ENABLE is 0; set it to 1")


def _px4_in_force(talk: Talk) -> Programme:
    """PX4 has no switch: a fence on board is in force when GF_ACTION says what to do about it (geofence_params.c)."""
    if (yield from _read(talk, "GF_ACTION")) <= 0:
        raise StepFailed("the fence is on board but not in force: GF_ACTION is 0; set it to 3 (return)")


def _read(talk: Talk, name: str) -> Generator[Step[Any], Any, int]:
    is_bytewise = talk.known().vitals.autopilot is AutopilotKind.PX4
    found = yield from perform(ReadParameters(talk, [name], is_bytewise=is_bytewise))
    value = found[name].value
    return int(value) if math.isfinite(value) else 0


Reading = Generator[Step[Any], Any, dict[str, Any]]


def read_mission(talk: Talk) -> Reading:
    """The whole mission as the vehicle holds it."""
    return mission_answer((yield from perform(Download(talk, MissionType.MISSION))))


def read_fence(talk: Talk) -> Reading:
    """The areas of its fence, with their digest."""
    return fence_answer((yield from perform(Download(talk, MissionType.FENCE))))


def read_rally(talk: Talk) -> Reading:
    """Its rally points, with their digest."""
    return rally_answer((yield from perform(Download(talk, MissionType.RALLY))))
