"""Stops become the same commands whoever derives them; other orders become none."""

from fleet.commands import Verb
from missions.direct import WITHIN_S, commands_of
from missions.model import Order, OrderVerb
from world.ids import OperatorId, VehicleId
from world.time import Instant

NOW = Instant(mono_ns=5, utc_ns=7)


def order(verb: OrderVerb) -> Order:
    return Order(id="o1", verb=verb, by=OperatorId("ann"), at=NOW, vehicles=(VehicleId("U01"), VehicleId("U02")))


def test_a_stop_names_every_vehicle_once_with_ids_that_follow_from_the_order() -> None:
    commands = commands_of(order(OrderVerb.STOP), NOW)
    assert [(command.id, command.vehicle, command.verb) for command in commands] == [
        ("o1/U01", "U01", Verb.STOP),
        ("o1/U02", "U02", Verb.STOP),
    ]
    assert all(command.issued_by == "ann" and command.deadline == NOW.plus_s(WITHIN_S) for command in commands)


def test_two_ways_derive_equal_ids() -> None:
    early, late = commands_of(order(OrderVerb.RETURN), NOW), commands_of(order(OrderVerb.RETURN), NOW.plus_s(1))
    assert [command.id for command in early] == [command.id for command in late]


def test_other_orders_are_no_direct_commands() -> None:
    assert commands_of(order(OrderVerb.LAUNCH), NOW) == ()
    assert commands_of(order(OrderVerb.ACCEPT_CONTACT), NOW) == ()
