"""Whether a contact is a find is asked until somebody answers, and not after."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fleet.model import Alarm
from missions.alarms import Alarms
from missions.book import Book
from missions.confirming import Confirmer
from missions.crew import Crew
from missions.model import Order, OrderVerb
from missions.planners.search_plan import airspace_of
from missions.survey import Ground, Survey
from perception.model import Contact, ContactState
from tests.support import story
from tests.support.search_area import demo_intent, frame, mountain
from world.ids import OperatorId
from world.time import Instant

TERRAIN, FRAME = mountain(), frame()
LI = OperatorId("li")


class Still:
    """A clock that stands."""

    def now(self) -> Instant:
        return Instant(mono_ns=10**9, utc_ns=10**9)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")

    async def sleep_until(self, mono_ns: int) -> None:
        raise AssertionError("nobody waits here")


class Asking:
    """A confirmer over a book with one mission, and what is asked at the moment."""

    def __init__(self, book: Book | None = None) -> None:
        self.clock = Still()
        self.book = book or Book(frame=FRAME, intent=demo_intent(TERRAIN, FRAME, copters=1))
        self.said: list[Alarm] = []
        crew = Crew(self.clock, FRAME)
        ground = Ground(searchers={}, space=airspace_of(demo_intent(TERRAIN, FRAME), TERRAIN), points=np.zeros((0, 3)))
        self.confirmer = Confirmer(
            self.book, crew, self.clock, FRAME, Survey(self.book, crew, FRAME, ground),
            Alarms(self.book, self.clock, self.publish), self.publish, auto_accept=False,
        )

    def publish(self, topic: str, value: Any) -> None:
        if isinstance(value, Alarm):
            self.said.append(value)
        self.book.apply(topic, self.clock.now(), value)

    def sees(self, contact: Contact) -> list[tuple[str, bool]]:
        """A contact, and then what is told anew."""
        self.book.contacts[contact.id] = contact
        return self.ticks()

    def ticks(self) -> list[tuple[str, bool]]:
        before = len(self.said)
        self.confirmer.tick({})
        self.confirmer.tick({})
        return [(alarm.key, alarm.is_active) for alarm in self.said[before:]]

    def answers(self, verb: OrderVerb, contact: Contact) -> None:
        order = Order(id=f"{verb}", verb=verb, by=LI, at=self.clock.now(), contact=contact.id)
        self.book.apply("mission/order", self.clock.now(), order)
        self.confirmer.on_order(verb, contact.id, LI)


FOUND = story.contact(1, ContactState.CONFIRMED, 0.0)
KEY = f"find?/{FOUND.id}"


@pytest.mark.parametrize("verb", [OrderVerb.ACCEPT_CONTACT, OrderVerb.REJECT_CONTACT])
def test_an_answer_ends_the_question(verb: OrderVerb) -> None:
    asking = Asking()
    assert asking.sees(FOUND) == [(KEY, True)]
    asking.answers(verb, FOUND)
    assert (asking.said[-1].key, asking.said[-1].is_active) == (KEY, False)
    assert asking.ticks() == []
    assert asking.sees(replace(FOUND, seen_by=(*FOUND.seen_by, story.LOST))) == [], "nor is it ended twice"


@pytest.mark.parametrize("verb", [OrderVerb.ACCEPT_CONTACT, OrderVerb.REJECT_CONTACT])
def test_a_question_of_an_earlier_run_is_ended_too(verb: OrderVerb) -> None:
    before = Asking()
    before.sees(FOUND)
    before.answers(verb, FOUND)
    assert Asking(before.book).ticks() == [(KEY, False)]


def test_a_contact_that_is_none_any_more_is_not_asked_about_until_it_is_again() -> None:
    asking = Asking()
    asking.sees(FOUND)
    assert asking.sees(replace(FOUND, state=ContactState.CANDIDATE, last_seen=asking.clock.now())) == [(KEY, False)]
    assert asking.sees(FOUND) == [(KEY, True)]
    asking.answers(OrderVerb.REJECT_CONTACT, FOUND)
    assert asking.ticks() == []
    assert not asking.said[-1].is_active


def test_an_order_about_nothing_known_says_nothing() -> None:
    asking = Asking()
    asking.confirmer.on_order(OrderVerb.ACCEPT_CONTACT, FOUND.id, LI)
    asking.confirmer.on_order(OrderVerb.REJECT_CONTACT, None, LI)
    assert asking.said == []
