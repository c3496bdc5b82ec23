"""Verb.OPERATE: one order to one payload, checked against its capabilities, ended by what the payload shows."""

from collections.abc import Mapping
from typing import Any

from fleet.commands import Command
from fleet.drivers.mavlink.step import Programme, StepFailed, Talk
from fleet.drivers.payloads.registry import PAYLOADS
from fleet.drivers.payloads.shape import PayloadDriver, asked_by
from fleet.model import DOMAIN_OF


def operate(
    talk: Talk, command: Command, payloads: Mapping[str, PayloadDriver[Any]] = PAYLOADS
) -> Programme:
    """Fails with one sentence for what the payload cannot do; asks nothing else of the vehicle."""
    order = command.order
    if order is None:
        raise StepFailed("operate needs order; name payload and action")
    driver = payloads.get(order.payload)
    if driver is None:
        raise StepFailed(f"payload {order.payload} is not known; use one of {', '.join(payloads)}")
    domain = DOMAIN_OF[talk.known().state.kind]
    if domain not in driver.capabilities.carriers:
        raise StepFailed(f"{order.payload} is not for {domain} vehicles; order it of {_places(driver)} vehicles")
    action = driver.actions.get(order.action)
    if action is None:
        raise StepFailed(f"{order.payload} knows no {order.action}; use one of {', '.join(driver.actions)}")
    yield from action.programme(talk, asked_by(command, order, action))


def _places(driver: PayloadDriver[Any]) -> str:
    return " or ".join(sorted(driver.capabilities.carriers))
