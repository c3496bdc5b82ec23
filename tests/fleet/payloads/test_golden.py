"""The bytes of every order to every payload, as they have always been."""

import json
from pathlib import Path
from typing import Any

import pytest

from fleet.drivers.payloads.registry import PAYLOADS
from fleet.guard.payloads import PAYLOADS as GUARDED
from fleet.model import Domain
from sim.vehicles.spec import Kind
from tests.support.payload_bench import PayloadBench

GOLDEN = Path(__file__).parents[2] / "golden" / "wire" / "payload_orders.json"


ORDERS = [(n, action) for n, row in PAYLOADS.items() if n not in ("camera", "gimbal") for action in row.actions]
"""Those two speak standard messages only, which their own tests read."""


def sent(name: str, action: str) -> list[str]:
    """Frames of one order with all setpoints at the middle of the guard's limits, repeats left out."""
    is_ground = Domain.GROUND in PAYLOADS[name].capabilities.carriers
    bench = PayloadBench(name, kind=Kind.ROVER if is_ground else Kind.COPTER)
    bounds = GUARDED[name].actions[action].bounds
    middle: dict[str, Any] = {each: (bound.low + bound.high) / 2.0 for each, bound in bounds.items()}
    if name == "light" and middle:
        middle["strobe_hz"] = 2.0
    command = bench.command(name, action, in_s=0.5, **middle)
    bench.give(command)
    assert bench.frames
    return [frame.hex() for frame in bench.frames][: 2 if name == "light" and action == "start" else 1]


@pytest.mark.parametrize(("name", "action"), ORDERS)
def test_orders_are_golden(name: str, action: str) -> None:
    golden = json.loads(GOLDEN.read_text())
    assert sent(name, action) == golden[f"{name} {action}"]


def test_nothing_golden_is_left_over() -> None:
    assert set(json.loads(GOLDEN.read_text())) == {f"{name} {action}" for name, action in ORDERS}
