"""What a tool learns of missions: from a site all that is recorded first; a demo is spoken to as its commander."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from command.bus.codec import decode_frame, decode_value, encode_frame, encode_value
from command.timing.framing import FrameReader, framed
from command.up.client import NotTaken
from command.up.frames import Refused, Welcome, encode
from command.up.mission_line import DEMO_COMMANDER, MissionLine, MissionLog
from fleet.model import Alarm, FleetState, Severity
from missions.approval import BY_HAND
from missions.model import Approval, MissionProgress, Order, OrderVerb, Phase, Plan
from world.ids import Digest, IntentId, MissionId, OperatorId, PlanId, VehicleId
from world.time import Instant

NOW = Instant(mono_ns=5_000_000_000, utc_ns=5)
STATE = FleetState(at=NOW, vehicles=())


def plan(mission: str, revision: int = 0) -> Plan:
    return Plan(
        id=PlanId(f"{mission}/{revision}"), mission=MissionId(mission), intent=IntentId(mission), revision=revision,
        digest=Digest(f"{mission}{revision}"), tasks=(), cells=(), cell_m=20.0, makespan_s=1.0, makespan_bound_s=1.0,
        min_separation_m=10.0,
    )


def progress(mission: str, phase: Phase) -> MissionProgress:
    return MissionProgress(
        at=NOW, mission=MissionId(mission), phase=phase, plan=None, plan_digest=None, tasks=(), looks_per_cell=(),
        cells_done=0, area_searched_km2=0.0, orphans=0,
    )


def frame(topic: str, value: Any) -> bytes:
    return framed(encode_frame(topic, encode_value(topic, value)))


@contextmanager
def spoken(folder: Path, *pieces: bytes) -> Iterator[tuple[Path, list[tuple[str, Any]]]]:
    """Somebody who says this to who comes, and keeps what topics it hears."""
    path, heard = folder / "hub", list[tuple[str, Any]]()
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    server.listen()

    def attend() -> None:
        line, _ = server.accept()
        reader = FrameReader()
        with line:
            line.sendall(b"".join(pieces))
            while data := line.recv(4096):
                for said in reader.feed(data):
                    topic, payload = decode_frame(said)
                    heard.append((topic, None if topic.startswith("up/") else decode_value(topic, payload)))

    thread = threading.Thread(target=attend)
    thread.start()
    try:
        yield path, heard
    finally:
        server.close()
        thread.join(10.0)


def test_a_demo_tells_all_at_once_and_hears_its_commander(tmp_path: Path) -> None:
    pieces = frame("mission/plan", plan("hills")), frame("fleet/state", STATE)
    with spoken(tmp_path, *pieces) as (path, heard), MissionLine(path, "li") as line:
        assert (line.welcome.name, line.welcome.is_simulated) == (DEMO_COMMANDER, True)
        assert line.log.current == plan("hills")
        assert line.deadline(1.0).mono_ns >= NOW.mono_ns + 10**9
        line.say("mission/order", Order(
            id="order-01", verb=OrderVerb.LAUNCH, by=line.welcome.name, at=NOW, vehicles=(VehicleId("U01"),)
        ))
    assert [topic for topic, _ in heard] == ["up/hello", "mission/order"]
    assert heard[1][1].by == DEMO_COMMANDER


def test_a_site_greets_and_tells_the_record_before_the_present(tmp_path: Path) -> None:
    welcome = Welcome(name=OperatorId("li"), role="commander", site="ridge", is_simulated=False, now=NOW)
    pieces = framed(encode(welcome)), frame("mission/plan", plan("hills", 1)), frame("fleet/state", STATE)
    with spoken(tmp_path, *pieces) as (path, _), MissionLine(path, "li") as line:
        assert line.welcome.site == "ridge"
        assert line.log.plans == {"hills": plan("hills", 1)}


def test_who_is_turned_away_reads_why(tmp_path: Path) -> None:
    refused = framed(encode(Refused(about="mission/order", reason="wang is a pilot")))
    with spoken(tmp_path, refused) as (path, _), pytest.raises(NotTaken, match="is a pilot"):
        MissionLine(path, "wang")


def test_the_log_tells_missions_apart() -> None:
    log = MissionLog()
    for value in (plan("hills"), plan("mine"), plan("hills", 1), progress("mine", Phase.PLANNED)):
        log.take(value)
    assert log.current == plan("mine")
    assert (log.phase_of(MissionId("mine")), log.phase_of(MissionId("hills"))) == (Phase.PLANNED, None)
    by_hand, given = (
        Approval(plan=PlanId(name), digest=plan("mine").digest, by=OperatorId("li"), at=NOW, covers_replans=True)
        for name in (f"{BY_HAND}c1", "mine/0")
    )
    log.take(by_hand)
    assert log.approval_of(plan("mine")) is None
    log.take(given)
    assert log.approval_of(plan("mine")) == given
    for key, text in (("mission-ended/hills", "hills is done"), ("no-plan/mine", "No plan"), ("U01/gnss_bad", "x")):
        log.take(Alarm(
            key=key, severity=Severity.LOG, vehicle=None, text=text, text_zh=text, at=NOW, is_active=True
        ))
    assert log.ended == {"hills": "hills is done"}
    assert log.refusals == {"mine": "No plan"}
    for key, is_active in (("undeclared/hills", True), ("approval-refused/abc", True), ("no-plan/mine", False)):
        log.take(Alarm(
            key=key, severity=Severity.CAUTION, vehicle=None, text="why", text_zh="why", at=NOW, is_active=is_active
        ))
    assert log.refusals == {"hills": "why", "abc": "why"}
