"""Leases are named, expire, and yield to commanders only."""

import pytest

from fleet.authority import Authority, LeaseTaken
from fleet.commands import Lease
from world.ids import OperatorId, VehicleId
from world.time import Instant

U01 = VehicleId("U01")
LI, WANG, CHIEF = OperatorId("li"), OperatorId("wang"), OperatorId("chief")
NOW = Instant(mono_ns=0, utc_ns=0)


def lease(holder: OperatorId, until_s: float = 60.0) -> Lease:
    return Lease(vehicle=U01, holder=holder, expires=NOW.plus_s(until_s))


def test_a_lease_is_given_renewed_and_expires() -> None:
    authority = Authority()
    assert authority.holder(U01, NOW) is None
    authority.grant(lease(LI), NOW)
    authority.grant(lease(LI, 120.0), NOW.plus_s(50.0))
    assert authority.holder(U01, NOW.plus_s(119.0)) == LI
    assert authority.holder(U01, NOW.plus_s(120.0)) is None
    assert not authority.may_command(LI, U01, NOW.plus_s(120.0))
    authority.grant(lease(WANG, 200.0), NOW.plus_s(120.0))


def test_a_taken_lease_yields_to_a_commander_only() -> None:
    authority = Authority(commanders=[CHIEF])
    authority.grant(lease(LI), NOW)
    with pytest.raises(LeaseTaken, match="U01 is leased to li; wang is no commander"):
        authority.grant(lease(WANG), NOW)
    assert authority.may_command(CHIEF, U01, NOW)
    authority.grant(lease(CHIEF), NOW)
    assert authority.holder(U01, NOW) == CHIEF
    assert not authority.may_command(LI, U01, NOW)


def test_a_lease_is_given_back_by_ending_it() -> None:
    authority = Authority()
    authority.grant(lease(LI), NOW)
    authority.grant(lease(LI, 0.0), NOW)
    assert authority.holder(U01, NOW) is None
