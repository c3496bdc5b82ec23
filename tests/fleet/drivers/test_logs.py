"""The log protocol against vehicles that count otherwise, change midway or send nonsense."""

from typing import Any

import pytest

from fleet.commands import AckResult
from fleet.drivers.mavlink.answers import Part
from fleet.drivers.mavlink.logs import list_logs, read_log
from fleet.drivers.mavlink.step import Outgoing, Run, Talk
from fleet.wire.message import Message
from tests.fleet.drivers.test_fold import NOW, frame, known

CONTENT = bytes(k * 7 % 256 for k in range(1000))


def entry(number: int, count: int, last: int, size: int = len(CONTENT)) -> Message:
    return frame("LOG_ENTRY", id=number, num_logs=count, last_log_num=last, time_utc=0, size=size)


def data(offset: int, chunk: bytes, number: int = 1, count: int | None = None) -> Message:
    told = len(chunk) if count is None else count
    return frame("LOG_DATA", id=number, ofs=offset, count=told, data=chunk.ljust(90, b"\0"))


class Vehicle:
    """One log, honestly sent; `lists` are what each listing says in turn."""

    def __init__(self, lists: list[list[Message]]) -> None:
        self.lists = lists
        self.asked: list[Outgoing] = []

    def answer(self, outgoing: Outgoing) -> list[Message]:
        self.asked.append(outgoing)
        if outgoing.name == "LOG_REQUEST_LIST":
            return self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
        if outgoing.name == "LOG_REQUEST_DATA":
            return self.send(outgoing.fields["ofs"], outgoing.fields["count"])
        return []

    def send(self, begin: int, count: int) -> list[Message]:
        end = min(begin + count, len(CONTENT))
        return [data(at, CONTENT[at : min(at + 90, end)]) for at in range(begin, end, 90)]


def reading(vehicle: Vehicle, make: Any) -> tuple[Run, Any]:
    held, kept, now = known(), [], NOW
    talk = Talk(sysid=1, known=lambda: held, on_mission=lambda mission: None)

    def programme() -> Any:
        kept.append((yield from make(talk)))

    run = Run(programme())
    pending = run.begin(held, now)
    for tick in range(2000):
        while pending:
            for message in vehicle.answer(pending.pop(0)):
                pending += run.hear(message, held, now)
        if run.result is not None:
            return run, kept[0] if kept else None
        now = NOW.plus_s((tick + 1) * 0.1)
        pending += run.tick(held, now)
    raise AssertionError("it does not end")


def test_logs_counted_from_0_are_listed_too() -> None:
    _, found = reading(Vehicle([[entry(k, 3, 2) for k in range(3)]]), list_logs)
    assert [(each.number, each.utc_s) for each in found] == [(0, None), (1, None), (2, None)]


def test_a_list_that_changes_is_taken_as_it_is_in_the_end() -> None:
    lists = [[entry(1, 3, 3), entry(2, 3, 3)], [entry(1, 2, 2, size=5)], [entry(1, 2, 2, size=5), entry(2, 2, 2)]]
    _, found = reading(Vehicle(lists), list_logs)
    assert [(each.number, each.size) for each in found] == [(1, 5), (2, 1000)]


def test_a_list_with_a_hole_is_no_list() -> None:
    run, _ = reading(Vehicle([[entry(1, 3, 3), entry(3, 3, 3)]]), list_logs)
    assert run.reason == "only 2 of 3 entries of the list of logs came"


def test_nonsense_beside_the_data_is_left_out() -> None:
    class Odd(Vehicle):
        def send(self, begin: int, count: int) -> list[Message]:
            strange = [
                data(0, b"?" * 90, number=2), data(0, b"?" * 90, count=200), data(2**32 - 90, b"?" * 90),
                data(5000, b"?" * 90),
            ]
            return [*strange, *super().send(begin, count)]

    run, read = reading(Odd([[entry(1, 1, 1)]]), lambda talk: read_log(talk, 1))
    assert run.result is AckResult.ACCEPTED
    assert read[1] == CONTENT


def test_a_vehicle_that_stops_sending_ends_it_and_is_told() -> None:
    class Stops(Vehicle):
        def send(self, begin: int, count: int) -> list[Message]:
            return super().send(begin, min(count, max(0, 450 - begin)))

    vehicle = Stops([[entry(1, 1, 1)]])
    run, _ = reading(vehicle, lambda talk: read_log(talk, 1))
    assert run.result is AckResult.TIMED_OUT
    assert run.reason == "log 1 stopped at byte 450 of 1000: the vehicle sends no more of it"
    assert vehicle.asked[-1].name == "LOG_REQUEST_END"


@pytest.mark.parametrize("offset", [0, 1, 89, 90, 999, 1000])
def test_progress_counts_from_the_logs_begin(offset: int) -> None:
    parts: list[Part] = []
    _, read = reading(
        Vehicle([[entry(1, 1, 1)]]), lambda talk: read_log(talk, 1, offset=offset, on_part=parts.append)
    )
    assert read[1] == CONTENT[offset:]
    assert [part.progress for part in parts[-1:]] == ([1.0] if offset < 1000 else [])


@pytest.mark.parametrize("offset", [-1, 1001])
def test_an_offset_outside_is_said(offset: int) -> None:
    run, _ = reading(Vehicle([[entry(1, 1, 1)]]), lambda talk: read_log(talk, 1, offset=offset))
    assert run.reason == f"log 1 has 1000 bytes; byte {offset} is not among them"
