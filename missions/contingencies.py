"""What can go wrong with a vehicle in a mission, and what is done about it: one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fleet.model import DOMAIN_OF, Alarm, Domain, FlightMode, LinkState, Severity, VehicleState
from world.ids import VehicleId
from world.time import Instant


class Cause(StrEnum):
    """Why a vehicle takes no further part. The value is the alarm's key."""

    LOST = "vehicle-lost"
    CRASHED = "vehicle-crashed"
    NOT_READY = "vehicle-not-ready"
    REFUSED = "vehicle-refused"
    LEFT_ROUTE = "vehicle-left-route"
    RETURN_ORDERED = "return-ordered"
    STOP_ORDERED = "stop-ordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contingency:
    """One row. In every case its unfinished cells go to the others; `comes_home` says whether to wait for it to
    land."""

    severity: Severity
    comes_home: bool
    text: str
    text_zh: str


CONTINGENCIES: Mapping[Cause, Contingency] = {
    Cause.LOST: Contingency(
        severity=Severity.WARNING,
        comes_home=False,
        text="{vehicle} is lost: nothing is heard of it; its own failsafes decide. Its cells go to the others.",
        text_zh="{vehicle} 失联：按其自身失效保护设置动作，其搜索区由其他设备接替。",
    ),
    Cause.CRASHED: Contingency(
        severity=Severity.WARNING,
        comes_home=False,
        text="{vehicle} is down away from its pad. Its cells go to the others.",
        text_zh="{vehicle} 在场外着陆或坠落，其搜索区由其他设备接替。",
    ),
    Cause.NOT_READY: Contingency(
        severity=Severity.CAUTION,
        comes_home=False,
        text="{vehicle} does not become ready: {why}. Its cells go to the others.",
        text_zh="{vehicle} 未就绪（{why}），其搜索区由其他设备接替。",
    ),
    Cause.REFUSED: Contingency(
        severity=Severity.CAUTION,
        comes_home=True,
        text="{vehicle} does not carry out its task: {why}. Its cells go to the others.",
        text_zh="{vehicle} 未执行任务（{why}），其搜索区由其他设备接替。",
    ),
    Cause.LEFT_ROUTE: Contingency(
        severity=Severity.CAUTION,
        comes_home=True,
        text="{vehicle} left its route by itself ({why}). Its cells go to the others.",
        text_zh="{vehicle} 自行脱离航线（{why}），其搜索区由其他设备接替。",
    ),
    Cause.RETURN_ORDERED: Contingency(
        severity=Severity.ADVISORY,
        comes_home=True,
        text="{vehicle} was ordered to return. Its cells go to the others.",
        text_zh="{vehicle} 奉令返航，其搜索区由其他设备接替。",
    ),
    Cause.STOP_ORDERED: Contingency(
        severity=Severity.ADVISORY,
        comes_home=False,
        text="{vehicle} was ordered to stop. Its cells go to the others.",
        text_zh="{vehicle} 奉令停止，其搜索区由其他设备接替。",
    ),
}

HOME_BY_ITSELF = frozenset({FlightMode.RETURN, FlightMode.LAND, FlightMode.SURFACE})


def alarm_for(cause: Cause, vehicle: VehicleId, at: Instant, why: str = "") -> Alarm:
    row = CONTINGENCIES[cause]
    fields = {"vehicle": vehicle, "why": why}
    return Alarm(
        key=f"{cause}/{vehicle}",
        severity=row.severity,
        vehicle=vehicle,
        text=row.text.format(**fields),
        text_zh=row.text_zh.format(**fields),
        at=at,
        is_active=True,
    )


def cause_in(alarm: Alarm) -> Cause | None:
    """The contingency an alarm of this service speaks of."""
    head, _, subject = alarm.key.partition("/")
    return Cause(head) if alarm.vehicle == subject and head in set(Cause) else None


def seen_in(state: VehicleState, *, is_flying: bool, is_at_home: bool, search_left: bool) -> tuple[Cause, str] | None:
    """What a vehicle's own state says about it while it is under way."""
    if state.link is LinkState.LOST:
        return Cause.LOST, ""
    if is_flying and _is_down(state) and not is_at_home:
        return Cause.CRASHED, ""
    if is_flying and search_left and state.mode in HOME_BY_ITSELF:
        return Cause.LEFT_ROUTE, f"mode {state.mode}"
    return None


def _is_down(state: VehicleState) -> bool:
    """What flies is down on the ground even while it is armed still; the others always stand on something."""
    if DOMAIN_OF[state.kind] is Domain.AIR:
        return state.is_landed is True
    return state.is_armed is False and state.is_landed is not False
