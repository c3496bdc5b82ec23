"""The shape of a payload's driver: one folder of values.py (what it can do, how it fails), state.py (what it says,
folded) and control.py (how it is told), and one row in registry.py."""

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fleet.commands import Command, PayloadOrder
from fleet.drivers.mavlink.step import Programme, StepFailed, Talk
from fleet.model import Domain
from fleet.wire.message import Message
from world.ids import CommandId, Digest
from world.time import Instant

S = TypeVar("S")
NS_PER_US = 1000
APPROVAL_BYTES = 8
_SHA_256 = re.compile("[0-9a-f]{64}")
Fold = Callable[[S, Message, Instant], S]
"""One message of any of the vehicle's components into the state; messages of other payloads leave it as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setpoint:
    """One number of an order. `tolerance`: how near the payload must report it; `default` None: must be given."""

    name: str
    unit: str
    low: float
    high: float
    source: str
    """Where the limits come from."""
    tolerance: float
    default: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How a payload fails: its number on the wire, words for people, and what is safe then."""

    code: int
    text: str
    text_zh: str
    safe: str
    safe_zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One more figure that operators and planners need."""

    name: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a payload is and can do. `carriers`: where the vehicles move that may carry it."""

    title: str
    title_zh: str
    carriers: frozenset[Domain]
    setpoints: tuple[Setpoint, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    """Reported quantity -> unit."""
    figures: tuple[Figure, ...] = ()
    faults: Mapping[int, Fault] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One order as it is sent: the same for all its repeats."""

    instance: int
    setpoints: Mapping[str, float]
    """All of the action's setpoints, defaults filled in."""
    command_id: int
    deadline_utc_us: int
    approval: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a payload can be told. The programme ends only when the payload shows it."""

    programme: Callable[[Talk, Asked], Programme]
    setpoints: tuple[Setpoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadDriver(Generic[S]):
    """One payload. `fold`: message name -> handler; `unknown`: the state before anything was heard."""

    name: str
    capabilities: Capabilities
    actions: Mapping[str, Action]
    unknown: S
    fold: Mapping[str, Fold[S]]


def faults(*rows: Fault) -> Mapping[int, Fault]:
    return {row.code: row for row in rows}


def command_id(command: CommandId) -> int:
    """The id on the wire: 64 bits that only this command has, the same after every restart; never 0 (unknown)."""
    return int.from_bytes(hashlib.blake2b(command.encode(), digest_size=8).digest(), "little") or 1


def asked_by(command: Command, order: PayloadOrder, action: Action) -> Asked:
    """What goes out for a command; raises StepFailed for setpoints that are missing, unknown or out of limits."""
    return Asked(
        instance=order.instance,
        setpoints=_checked(order, action),
        command_id=command_id(command.id),
        deadline_utc_us=command.deadline.utc_ns // NS_PER_US,
        approval=_approval(command.plan_digest),
    )


def _approval(digest: Digest | None) -> bytes:
    """The first bytes of a SHA-256; zeros without one."""
    if digest is None:
        return bytes(APPROVAL_BYTES)
    if not _SHA_256.fullmatch(digest):
        raise StepFailed(f"plan_digest {digest!r} is no SHA-256; give the 64 hex digits of the approved plan")
    return bytes.fromhex(digest[: 2 * APPROVAL_BYTES])


def _checked(order: PayloadOrder, action: Action) -> Mapping[str, float]:
    what = f"{order.payload} {order.action}"
    known = {setpoint.name: setpoint for setpoint in action.setpoints}
    for name in order.setpoints:
        if name not in known:
            raise StepFailed(f"{what} has no setpoint {name}; it takes {', '.join(known) or 'none'}")
    values = {name: order.setpoints.get(name, setpoint.default) for name, setpoint in known.items()}
    complete = {name: value for name, value in values.items() if value is not None}
    for name, setpoint in known.items():
        if name not in complete:
            raise StepFailed(f"{what} needs {name}; give {setpoint.low:g} to {setpoint.high:g} {setpoint.unit}")
        value = complete[name]
        if not (math.isfinite(value) and setpoint.low <= value <= setpoint.high):
            limits = f"{setpoint.low:g} to {setpoint.high:g} {setpoint.unit}"
            raise StepFailed(f"{what}: {name} {value:g} is outside its limits; give {limits}")
    return complete
