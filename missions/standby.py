"""Whether a vehicle that has flown all its strips still waits in the air: somebody may need a second look from it."""

from fleet.model import VehicleKind
from missions.book import Book
from missions.model import VehicleOffer
from perception.model import Contact
from world.ids import VehicleId
from world.time import Instant

CREDIBLE = 0.6
"""Least probability of a contact that anybody is sent to."""
VISITS = 3
"""Second looks that one contact gets at most."""
CELLS = 3
"""Fewer cells than this left to another vehicle are gaps, not a search."""
SHARE = 0.75
"""Of its endurance, counted from take-off: then it goes home whatever is left."""


def wants_second_look(book: Book, contact: Contact) -> bool:
    return contact.probability >= CREDIBLE and book.visited.get(contact.id, 0) < VISITS


def is_needed(book: Book, offer: VehicleOffer, started: Instant | None, now: Instant) -> bool:
    if offer.kind is not VehicleKind.COPTER or started is None or book.plan is None:
        return False
    if started.age_s(now) > SHARE * offer.endurance_s:
        return False
    return _others_search(book, offer.vehicle) or any(
        wants_second_look(book, contact) and offer.vehicle not in contact.seen_by for contact in book.open_candidates()
    )


def _others_search(book: Book, vehicle: VehicleId) -> bool:
    tasks = book.plan.tasks if book.plan else ()
    others = [task.vehicle for task in tasks if task.cells and task.vehicle != vehicle and task.vehicle not in book.out]
    return any(len(book.undone_of(other)) >= CELLS for other in others)
