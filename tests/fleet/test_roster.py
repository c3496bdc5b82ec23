"""A roster refuses what would mix vehicles up, in one sentence."""

import pytest

from fleet.model import VehicleKind
from fleet.roster import BadRoster, PathSpec, Roster, RosterEntry
from world.ids import VehicleId


def entry(name: str, sysid: int, *paths: str) -> RosterEntry:
    """A path is a link, or a link and an address: `radio`, `radio 10.0.0.7`."""
    ways = tuple(PathSpec(link=link, peer=peer or None) for link, _, peer in (path.partition(" ") for path in paths))
    return RosterEntry(vehicle=VehicleId(name), kind=VehicleKind.COPTER, sysid=sysid, paths=ways)


def test_entries_come_in_order_of_id() -> None:
    roster = Roster([entry("U02", 2), entry("U01", 7)])
    assert [each.vehicle for each in roster] == ["U01", "U02"]
    assert len(roster) == 2
    assert VehicleId("U02") in roster
    assert roster[VehicleId("U01")].sysid == 7


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([entry("U01", 1), entry("U01", 2)], "U01 is in the roster twice"),
        ([entry("U01", 1, "radio"), entry("U02", 1, "radio")], "U02 and U01 share system id 1 on link radio"),
        ([entry("U01", 1, "lan", "radio"), entry("U02", 1, "radio 10.0.0.7")], "share system id 1 on link radio"),
        ([entry("U01", 1, "radio 10.0.0.7"), entry("U02", 1, "radio 10.0.0.7:14550")], "share system id 1"),
        ([entry("U01", 0)], "system id 0; give it one from 1 to 254"),
        ([entry("U01", 255)], "system id 255"),
    ],
)
def test_mixed_up_rosters_are_refused(entries: list[RosterEntry], words: str) -> None:
    with pytest.raises(BadRoster, match=words):
        Roster(entries)


def test_the_same_system_id_is_fine_on_lines_or_addresses_of_their_own() -> None:
    assert len(Roster([entry("U01", 1), entry("U02", 1)])) == 2
    assert len(Roster([entry("U01", 1, "radio"), entry("U02", 1, "lan")])) == 2
    assert len(Roster([entry("U01", 1, "radio 10.0.0.7"), entry("U02", 1, "radio 10.0.0.8:14550")])) == 2
