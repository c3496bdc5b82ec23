"""What is wrong with a vehicle at this moment: told with every state, so that people act; the guard steers nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from fleet.guard.energy import Around, left_s, to_landing_s
from fleet.guard.routes import is_under_way
from fleet.model import VehicleState
from world.ids import VehicleId
from world.position import Enu
from world.time import Instant

WARN_C, RETREAT_C = 70.0, 85.0
"""Temperatures inside a robot near fire."""


class ConcernCause(StrEnum):
    LINK = "link"
    POSITION = "position"
    FENCE = "fence"
    HEIGHT = "height"
    HAZARD = "hazard"
    ENERGY = "energy"
    HEAT = "heat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One thing that is wrong, in both languages. `is_urgent`: bring the vehicle back now."""

    vehicle: VehicleId
    cause: ConcernCause
    text: str
    text_zh: str
    at: Instant
    is_urgent: bool = False


Found = Iterator[tuple[ConcernCause, str, str, bool]]


def concerns(state: VehicleState, around: Around, inside_c: float | None, now: Instant) -> list[Concern]:
    """All of them. inside_c: temperature inside, None not known."""
    found = [*_heat(inside_c)]
    if state.is_armed is True:
        found += _link(state, around, now)
    if is_under_way(state):
        found += _energy(state, around)
        found += _place(state, around)
    return [
        Concern(vehicle=state.vehicle, cause=cause, text=text, text_zh=text_zh, at=now, is_urgent=is_urgent)
        for cause, text, text_zh, is_urgent in found
    ]


def _heat(inside_c: float | None) -> Found:
    if inside_c is not None and inside_c >= WARN_C:
        is_urgent = inside_c >= RETREAT_C
        text = f"{inside_c:.0f} °C inside; " + ("retreat now" if is_urgent else f"retreat at {RETREAT_C:.0f} °C")
        text_zh = f"内部温度 {inside_c:.0f} °C，" + ("立即撤回" if is_urgent else f"{RETREAT_C:.0f} °C 时撤回")
        yield ConcernCause.HEAT, text, text_zh, is_urgent


def _link(state: VehicleState, around: Around, now: Instant) -> Found:
    age_s = state.heard.age_s(now)
    if age_s > around.limits.max_link_age_s:
        yield ConcernCause.LINK, f"nothing heard for {age_s:.0f} s", f"已 {age_s:.0f} 秒无数据", False


def _energy(state: VehicleState, around: Around) -> Found:
    if state.battery_pct is None:
        yield ConcernCause.ENERGY, "the battery is unknown", "电量未知", False
    elif state.position is not None:
        needed_s = to_landing_s(around.site.enu(state.position), around)
        has_s = left_s(state.battery_pct, around.limits)
        if needed_s > has_s:
            kept_s = max(0.0, has_s)
            text = f"{kept_s:.0f} s left above the reserve; the nearest safe landing is {needed_s:.0f} s away"
            text_zh = f"备用电量以上仅剩 {kept_s:.0f} 秒，最近安全着陆点需 {needed_s:.0f} 秒"
            yield ConcernCause.ENERGY, text, text_zh, True


def _place(state: VehicleState, around: Around) -> Found:
    if state.position is None:
        yield ConcernCause.POSITION, "its position is unknown", "位置未知", False
        return
    at = around.site.enu(state.position)
    fault = around.site.fence_fault(at, at, 0.0)
    if fault is not None:
        yield ConcernCause.FENCE, f"it {fault}", "越出围栏或进入禁区", True
    fault = around.site.hazard_fault(at, at, around.equipment, around.limits.max_ambient_c)
    if fault is not None:
        yield ConcernCause.HAZARD, f"it {fault}", "进入与其防护等级不符的危险区", True
    yield from _height(at, around)


def _height(at: Enu, around: Around) -> Found:
    limits, site = around.limits, around.site
    agl_m = site.agl_m(at)
    if limits.max_agl_m is not None and agl_m is not None and agl_m > limits.max_agl_m:
        text = f"{agl_m:.0f} m above the terrain; {limits.max_agl_m:.0f} m is the most allowed"
        yield ConcernCause.HEIGHT, text, f"离地 {agl_m:.0f} 米，超过 {limits.max_agl_m:.0f} 米", False
    if site.ceiling_up_m is not None and at.up_m > site.ceiling_up_m:
        over_m = at.up_m - site.ceiling_up_m
        yield ConcernCause.HEIGHT, f"{over_m:.0f} m above the site's ceiling", f"超出升限 {over_m:.0f} 米", False
    depth_m, deepest_m = around.home.up_m - at.up_m, limits.min_above_home_m
    if deepest_m is not None and depth_m > -deepest_m:
        text = f"{depth_m:.0f} m deep; {-deepest_m:.0f} m is the most allowed"
        yield ConcernCause.HEIGHT, text, f"深度 {depth_m:.0f} 米，超过 {-deepest_m:.0f} 米", False
    over_bed_m = site.least_over_bed_m(at, at)
    if limits.min_over_bed_m is not None and over_bed_m is not None and over_bed_m < limits.min_over_bed_m:
        yield ConcernCause.HEIGHT, f"{over_bed_m:.1f} m above the bottom", f"距水底仅 {over_bed_m:.1f} 米", False
