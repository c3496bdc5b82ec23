"""Questions and settings through the whole service and its guard, against simulated autopilots, over bytes."""

from typing import Any

import pytest

from fleet.commands import AckResult, Verb
from fleet.inquiries import Answer, Inquiry, Question
from sim.autopilot.parameters.tables import table_of
from sim.vehicles.spec import Kind
from tests.fleet.test_flight import G01, U01, Field, field
from tests.sim.support import spec
from tests.support.fleet_bench import PILOT, run_virtual
from world.ids import CommandId, VehicleId

CREWS = {U01: Kind.COPTER, G01: Kind.ROVER}


async def asked(place: Field, vehicle: VehicleId, question: Question, **rest: Any) -> list[Answer]:
    """Every part of an answer, its end last."""
    place.commands += 1
    inquiry = Inquiry(
        id=CommandId(f"q{place.commands}"), vehicle=vehicle, question=question, asked_by=PILOT,
        deadline=place.clock.now().plus_s(120.0), **rest,
    )
    place.bus.publish("fleet/inquiry", inquiry)

    def answers() -> list[Answer]:
        return [each for each in place.bus.of("fleet/answer") if each.inquiry == inquiry.id]

    await place.until(lambda: any(each.is_final for each in answers()), 121.0)
    return answers()


def test_a_whole_list_is_read_set_and_read_again() -> None:
    async def main() -> None:
        async with field([spec(Kind.COPTER), spec(Kind.ROVER, 2, id=G01)]) as place:
            await place.clock.sleep(5.0)
            for vehicle, kind in CREWS.items():
                end = (await asked(place, vehicle, Question.PARAMETERS))[-1]
                assert end.result is AckResult.ACCEPTED, end.reason
                assert set(end.value) == set(table_of(kind).names)
            await place.done(U01, Verb.SET_PARAMETERS, parameters={"CIRCLE_RADIUS": 1234.5, "CIRCLE_OPTIONS": 3.0})
            names = ("CIRCLE_RADIUS", "CIRCLE_OPTIONS", "CIRCLE_RATE")
            again = (await asked(place, U01, Question.PARAMETERS, names=names))[-1]
            assert again.value == pytest.approx({"CIRCLE_RADIUS": 1234.5, "CIRCLE_OPTIONS": 3.0, "CIRCLE_RATE": 20.0})
            ack = await place.give(U01, Verb.SET_PARAMETERS, parameters={"CIRCLE_RATE": 5.0, "NO_SUCH": 1.0}, in_s=90.0)
            assert ack.result is AckResult.TIMED_OUT
            assert "parameter NO_SUCH" in ack.reason

    run_virtual(main())


def test_the_log_of_a_short_arming_is_downloaded() -> None:
    async def main() -> None:
        async with field([spec(Kind.COPTER)]) as place:
            await place.clock.sleep(5.0)
            await place.done(U01, Verb.ARM)
            await place.until(lambda: place.state(U01).is_armed is False, 30.0)
            (listed,) = (await asked(place, U01, Question.LOGS))[-1].value["logs"]
            *parts, end = await asked(place, U01, Question.LOG, number=listed["number"])
            (log,) = place.sim.machine(U01).logs
            assert end.result is AckResult.ACCEPTED, end.reason
            assert b"".join(part.data for part in parts) == bytes(log.data)
            assert listed["size"] == len(log.data)
            *parts, end = await asked(place, U01, Question.FILE, path="/APM/LOGS/00000001.BIN")
            assert b"".join(part.data for part in parts) == bytes(log.data)
            entries = (await asked(place, U01, Question.FILES, path="/APM/LOGS"))[-1].value["entries"]
            assert [each["name"] for each in entries] == ["00000001.BIN", "LASTLOG.TXT"]

    run_virtual(main())
