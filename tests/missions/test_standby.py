"""Vehicles with nothing left to search wait for second looks while others search, and no longer than they can."""

from fleet.model import VehicleKind
from missions.book import Book
from missions.model import Plan, VehicleOffer
from missions.standby import SHARE, VISITS, is_needed
from perception.model import Contact, ContactState, Covariance
from tests.support.search_area import frame
from world.ids import ContactId, Digest, IntentId, MissionId, PlanId, VehicleId
from world.position import Geodetic
from world.time import Instant

HERE = Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=750)
STARTED = Instant(mono_ns=0, utc_ns=0)


def offer(kind: VehicleKind = VehicleKind.COPTER) -> VehicleOffer:
    return VehicleOffer(
        vehicle=VehicleId("U01"), kind=kind, home=HERE, cruise_m_s=8.0, climb_m_s=2.5, endurance_s=1000.0
    )


def contact(probability: float, *seen_by: str) -> Contact:
    return Contact(
        id=ContactId("C1"),
        state=ContactState.CANDIDATE,
        position=HERE,
        covariance=Covariance(ee_m2=1, en_m2=0, nn_m2=1),
        probability=probability,
        looks=1,
        seen_by=tuple(VehicleId(vehicle) for vehicle in seen_by),
        first_seen=STARTED,
        last_seen=STARTED,
    )


def book(*contacts: Contact) -> Book:
    plan = Plan(
        id=PlanId("p"),
        mission=MissionId("m"),
        intent=IntentId("i"),
        revision=0,
        digest=Digest("0" * 64),
        tasks=(),
        cells=(),
        cell_m=22.0,
        makespan_s=1.0,
        makespan_bound_s=1.0,
        min_separation_m=10.0,
    )
    return Book(frame=frame(), plan=plan, contacts={one.id: one for one in contacts})


def test_it_waits_for_a_contact_that_another_saw() -> None:
    assert is_needed(book(contact(0.9, "U02")), offer(), STARTED, STARTED.plus_s(100))


def test_it_does_not_wait_for_its_own_contact_nor_for_a_doubtful_one() -> None:
    assert not is_needed(book(contact(0.9, "U01")), offer(), STARTED, STARTED.plus_s(100))
    assert not is_needed(book(contact(0.3, "U02")), offer(), STARTED, STARTED.plus_s(100))


def test_it_goes_home_with_energy_to_spare() -> None:
    late = STARTED.plus_s(SHARE * 1000.0 + 1)
    assert not is_needed(book(contact(0.9, "U02")), offer(), STARTED, late)


def test_robots_and_vehicles_on_their_pads_do_not_wait() -> None:
    assert not is_needed(book(contact(0.9, "U02")), offer(VehicleKind.ROVER), STARTED, STARTED.plus_s(100))
    assert not is_needed(book(contact(0.9, "U02")), offer(), None, STARTED.plus_s(100))


def test_a_contact_visited_often_enough_keeps_nobody() -> None:
    visited = book(contact(0.9, "U02"))
    visited.visited[ContactId("C1")] = VISITS
    assert not is_needed(visited, offer(), STARTED, STARTED.plus_s(100))
