"""Plans computed beside a running site: vehicles go on hearing us, and a planner that fails loses nothing."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from command.survey import Survey, save_survey
from command.up.planner import WITHIN_S, PlannerProcess, planner_command
from command.up.planner_frames import BadAnswer, decode_job, decode_outcome, encode_job, encode_outcome
from missions.jobs import Job, NoPlan, Outcome, RevisionJob, SearchJob, Workshop
from missions.model import Plan, SearchIntent
from missions.planners.fleet_offer import searchers_of
from missions.planners.replan import Survivor
from tests.support.composed_site import composed, folder_of
from tests.support.live_site import link, vehicle, write_site
from tests.support.search_area import copter, demo_intent, frame, mountain
from world.ids import VehicleId
from world.position import LocalFrame
from world.terrain import Terrain

WITHIN_LIMIT_S = 60.0
TERRAIN, FRAME = mountain(), frame()
JOB = SearchJob(intent=demo_intent(TERRAIN, FRAME, copters=2, scale=0.3))


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("survey") / "terrain.npz"
    save_survey(path, Survey(terrain=TERRAIN, frame=FRAME))
    return path


async def answered(planner: PlannerProcess, job: Job = JOB) -> Outcome:
    asked = planner.begin(job)
    async with asyncio.timeout(WITHIN_LIMIT_S):
        await asked.done.wait()
    outcome = asked.outcome()
    assert outcome is not None
    return outcome


def with_planner(
    command: list[str], log: Path, *jobs: Job, meanwhile: Callable[[], None] = lambda: None, within_s: float = 60.0
) -> list[Outcome]:
    """What comes of these jobs, one after the other."""

    async def scene() -> list[Outcome]:
        planner = PlannerProcess(command, log, within_s=dict.fromkeys(WITHIN_S, within_s))
        running = asyncio.ensure_future(planner.run())
        try:
            found = []
            for job in jobs:
                found.append(await answered(planner, job))
                meanwhile()
            return found
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    return asyncio.run(scene())


def revision_of(plan: Plan) -> RevisionJob:
    """U02 is out half-way: what it had goes to U01, which is on its pad still."""
    (first, _) = searchers_of(JOB.intent, FRAME)
    alone = Survivor(
        searcher=first, rank=0, at=first.home, trigger_m=None, search=(), way_home=(), is_on_pad=True, energy_s=1200.0
    )
    needed = tuple(cell.index for cell in plan.cells if cell.owner == "U02")
    return RevisionJob(
        plan=plan, intent=JOB.intent, needed=needed, survivors=(alone,), elapsed_s=60.0, out=(VehicleId("U02"),),
        reason="test",
    )


def test_the_process_plans_and_revises_as_it_is_done_here(survey: Path, tmp_path: Path) -> None:
    """And one that was killed between two jobs is started anew for the next."""
    here = Workshop(TERRAIN, FRAME)
    plan = here.carry_out(JOB)
    assert isinstance(plan, Plan)
    pids = tmp_path / "pids"
    command = [
        sys.executable, "-c",
        "import os, sys; open(sys.argv[1], 'a').write(f'{os.getpid()} ');"
        "sys.argv = sys.argv[1:]; from command.up.planning import main; main()",
        str(pids), str(survey),
    ]

    def kill() -> None:
        first, *later = pids.read_text().split()
        if not later:
            os.kill(int(first), signal.SIGKILL)

    jobs = JOB, revision_of(plan)
    assert with_planner(command, tmp_path / "log", *jobs, meanwhile=kill) == [here.carry_out(job) for job in jobs]
    assert len(pids.read_text().split()) == 2


@pytest.mark.parametrize(
    ("does", "said", "said_zh"),
    [
        ("import os; os.kill(os.getpid(), 9)", "process ended (SIGKILL; see", "规划进程意外结束（SIGKILL）"),
        ("raise SystemExit(3)", "process ended (status 3; see", "规划进程意外结束（status 3）"),
        ("import sys; sys.stdin.read()", "did not answer within 0.5 s", "在 0.5 秒内没有给出结果"),
        ("print('hello' * 99)", "answered nonsense", "无法理解"),
        ("import sys; sys.stdout.write('\\0\\0\\0\\1.'); sys.stdout.close()", "answered nonsense", "无法理解"),
    ],
)
def test_a_planner_that_fails_is_one_sentence(tmp_path: Path, does: str, said: str, said_zh: str) -> None:
    within_s = 0.5 if "read" in does else 60.0
    (failed,) = with_planner([sys.executable, "-S", "-c", does], tmp_path / "log", JOB, within_s=within_s)
    assert isinstance(failed, NoPlan)
    assert failed.is_failure
    assert said in failed.text
    assert failed.text.endswith("it is asked again")
    assert said_zh in failed.text_zh


def test_a_planner_that_cannot_be_started_is_one_sentence(tmp_path: Path) -> None:
    (failed,) = with_planner([str(tmp_path / "nothing")], tmp_path / "log", JOB)
    assert isinstance(failed, NoPlan)
    assert "cannot be started (No such file or directory)" in failed.text


def test_a_newer_job_is_not_kept_waiting_by_one_that_nobody_wants_any_more(tmp_path: Path) -> None:
    async def scene() -> None:
        planner = PlannerProcess(
            [sys.executable, "-S", "-c", "import sys; sys.stdin.read()"], tmp_path / "log",
            within_s={SearchJob: 600.0, RevisionJob: 0.1},
        )
        running = asyncio.ensure_future(planner.run())
        older = planner.begin(JOB)
        plan = Workshop(TERRAIN, FRAME).carry_out(JOB)
        assert isinstance(plan, Plan)
        newer = await answered(planner, revision_of(plan))
        assert isinstance(newer, NoPlan)
        assert older.outcome() is None
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(scene())


def test_plain_data_both_ways() -> None:
    none = NoPlan(text="a", text_zh="b")
    assert decode_job(encode_job(JOB)) == JOB
    assert decode_outcome(encode_outcome(none)) == none
    for decode in (decode_job, decode_outcome):
        for data in (b"", b"\xc1", b"\x80", b"\x91\x01"):
            with pytest.raises(BadAnswer):
                decode(data)


def site_intent(around: LocalFrame, ground: Terrain) -> SearchIntent:
    offer = copter(0, ground, around)
    intent = demo_intent(ground, around, copters=1, scale=0.3)
    return SearchIntent(
        id=intent.id, mission=intent.mission, asked_by=intent.asked_by, area=intent.area,
        last_known_point=intent.last_known_point, subjects=1, offers=(offer,),
    )


def test_heartbeats_go_on_for_as_long_as_a_plan_takes(tmp_path: Path) -> None:
    """The planner begins only when the vehicle has heard three more of them: planned in the loop, none would come."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    site = folder_of(write_site(tmp_path, link("udp", "udpin:127.0.0.1:0") + vehicle("U01", ["udp"])))
    held = "import sys; open(sys.argv[1]).read(); sys.argv = sys.argv[1:]; from command.up.planning import main; main()"
    command = [sys.executable, "-c", held, str(gate), str(site.record / "terrain.npz")]

    async def scene() -> tuple[list[float], Plan]:
        planner = PlannerProcess(command, site.record / "planner.log")
        async with composed(site, planner=planner) as place, asyncio.timeout(WITHIN_LIMIT_S):
            machine = place.machine
            machine.says(0)
            planned = asyncio.ensure_future(place.first("mission/plan", lambda plan: True))
            await machine.hears(1)
            began = len(machine.heard_s) - 1
            place.people.publish("mission/intent", site_intent(site.survey.frame, site.survey.terrain))
            await machine.hears(3)
            assert not planned.done()
            opened = await asyncio.to_thread(open, gate, "w")
            opened.close()
            plan = await planned
            await machine.hears(1)
            return machine.heard_s[began:], plan

    heard_s, plan = asyncio.run(scene())
    assert len(heard_s) >= 5, "three before the planner could begin, and on after its plan"
    assert [task.vehicle for task in plan.tasks] == ["U01"]


def test_the_planners_process_ends_with_the_site() -> None:
    """command.app.child asks the kernel to end it when its parent, named here, is gone (test_children.py)."""
    command = planner_command(Path("terrain.npz"))
    assert command[2:5] == ["command.app.child", str(os.getpid()), "command.up.planning"]
