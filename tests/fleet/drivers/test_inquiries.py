"""The questions that read a vehicle, as they are asked: what comes in parts, and what at the end."""

from typing import Any

import pytest

from fleet.commands import AckResult
from fleet.drivers.mavlink.inquiries import INQUIRIES, Part
from fleet.inquiries import Inquiry, Question
from sim.autopilot.parameters.tables import table_of
from sim.vehicles.spec import Kind
from tests.fleet.drivers.test_fold import NOW
from tests.support.fleet_bench import PILOT
from tests.support.flown import flown, log_data
from tests.support.reading_bench import Ended, read_from_afar
from tests.support.rough_channel import Roughness
from world.ids import CommandId, VehicleId

LINK = Roughness(seed=9, lost=0.2, repeated=0.1, delay_s=0.3)


def asked(question: Question, parts: list[Part], kind: Kind = Kind.COPTER, **rest: Any) -> Ended:
    inquiry = Inquiry(
        id=CommandId("q"), vehicle=VehicleId("U01"), question=question, asked_by=PILOT, deadline=NOW.plus_s(60.0),
        **rest,
    )
    return read_from_afar(
        lambda talk: INQUIRIES[question](talk, inquiry, parts.append), LINK, kind=kind, prepare=flown
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_all_parameters_of_every_kind(kind: Kind) -> None:
    parts: list[Part] = []
    ended = asked(Question.PARAMETERS, parts, kind)
    assert ended.value == pytest.approx(dict(table_of(kind).defaults))
    shares = [part.progress for part in parts]
    assert shares == sorted(set(shares), key=lambda share: share or 0.0)
    assert not any(part.data == b"" and part.progress is None for part in parts)


def test_some_parameters_and_an_unknown_one() -> None:
    assert asked(Question.PARAMETERS, [], names=("RTL_ALT", "RTL_SPEED")).value == {"RTL_ALT": 1500, "RTL_SPEED": 0}
    ended = asked(Question.PARAMETERS, [], names=("RTL_ALT", "RTL_HALT"))
    assert ended.result is AckResult.TIMED_OUT
    assert "parameter RTL_HALT" in ended.reason


def test_files_and_a_file() -> None:
    entries = asked(Question.FILES, [], path="/APM/LOGS").value["entries"]
    assert entries[0] == {"name": "00000001.BIN", "is_folder": False, "size": len(log_data())}
    assert asked(Question.FILES, []).value == {"entries": [{"name": "APM", "is_folder": True, "size": None}]}
    parts: list[Part] = []
    ended = asked(Question.FILE, parts, path="/APM/LOGS/00000001.BIN")
    assert b"".join(part.data for part in parts) == log_data()
    assert [part.offset for part in parts] == [sum(len(p.data) for p in parts[:k]) for k in range(len(parts))]
    assert parts[-1].progress == 1.0
    assert ended.value["size"] == len(log_data())
    assert ended.value["crc32"] is not None


def test_logs_and_a_log() -> None:
    assert asked(Question.LOGS, []).value == {"logs": [{"number": 1, "size": len(log_data()), "utc_s": 1_800_000_000}]}
    parts: list[Part] = []
    asked(Question.LOG, parts, number=1)
    assert b"".join(part.data for part in parts) == log_data()
    assert parts[-1].progress == 1.0


@pytest.mark.parametrize(("question", "words"), [
    (Question.FILE, "the question file needs path"), (Question.LOG, "the question log needs number"),
])
def test_what_a_question_needs_is_said(question: Question, words: str) -> None:
    assert asked(question, []).reason == words
