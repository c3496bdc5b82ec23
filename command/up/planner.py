"""Plans in a process of its own, so that heartbeats never wait for one. A planner that dies or hangs loses nothing."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from command.timing.errors import FrameTooLong
from command.timing.framing import FrameReader, framed
from command.up.planner_frames import BadAnswer, decode_outcome, encode_job
from missions.jobs import Job, NoPlan, Outcome, RevisionJob, SearchJob

WITHIN_S: Mapping[type[Job], float] = {SearchJob: 300.0, RevisionJob: 30.0}
"""After this it is ended: an area of 0.9 km2 for eight copters takes 2 s, a revision 1.4 s; and half a minute after it
was asked for, a revision would begin where nobody is any more."""
_PIECE_BYTES = 1 << 16


def planner_command(survey: Path) -> list[str]:
    """How the planner's process is started; it ends with this one, however that happens."""
    return [sys.executable, "-m", "command.app.child", str(os.getpid()), "command.up.planning", str(survey)]


class _Failed(Exception):
    """The planner's process gave no answer."""

    def __init__(self, text: str, text_zh: str) -> None:
        super().__init__(text)
        self.text_zh = text_zh


class _Ended(_Failed):
    """It ended before it answered."""


@dataclass(slots=True, eq=False)
class Asked:
    """One job that was asked for."""

    job: Job
    result: Outcome | None = None
    dropped: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    """Answered, or dropped."""

    def outcome(self) -> Outcome | None:
        return self.result

    def drop(self) -> None:
        self.dropped.set()


class PlannerProcess:
    """A `missions.jobs.Planner`. `run` owns the process: it is started by the first job and kept for the next."""

    def __init__(self, command: Sequence[str], log: Path, *, within_s: Mapping[type[Job], float] = WITHIN_S) -> None:
        self._command, self._log, self._within_s = list(command), log, dict(within_s)
        self._asked: asyncio.Queue[Asked] = asyncio.Queue()
        self._newest: Asked | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._reader = FrameReader()

    def begin(self, job: Job) -> Asked:
        """A job that was asked for before and is not answered yet is dropped."""
        if self._newest is not None:
            self._newest.drop()
        self._newest = Asked(job)
        self._asked.put_nowait(self._newest)
        return self._newest

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            while True:
                waiting = await self._asked.get()
                if not waiting.dropped.is_set():
                    await self._carry_out(waiting)
        finally:
            await self._end()

    async def _carry_out(self, waiting: Asked) -> None:
        within_s = self._within_s[type(waiting.job)]
        answering = asyncio.ensure_future(self._answer(waiting.job))
        dropping = asyncio.ensure_future(waiting.dropped.wait())
        outcome: Outcome | None = None
        try:
            await asyncio.wait({answering, dropping}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                outcome = answering.result()
            elif not dropping.done():
                outcome = _no_plan(
                    f"the planner did not answer within {within_s:g} s", f"规划进程在 {within_s:g} 秒内没有给出结果"
                )
        except _Failed as failed:
            outcome = _no_plan(str(failed), failed.text_zh)
        finally:
            for task in (answering, dropping):
                task.cancel()
            await asyncio.gather(answering, dropping, return_exceptions=True)
        if outcome is None or _is_failure(outcome):
            await self._end()  # what it still computes nobody waits for
        waiting.result = outcome
        waiting.done.set()

    async def _answer(self, job: Job) -> Outcome:
        """Raises _Failed. A process kept from an earlier job may have died since: a new one is asked then."""
        was_kept = self._process is not None
        try:
            return await self._ask(await self._started(), job)
        except _Ended:
            if not was_kept:
                raise
        self._process = None
        return await self._ask(await self._started(), job)

    async def _ask(self, process: asyncio.subprocess.Process, job: Job) -> Outcome:
        """Raises _Failed."""
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):  # it is gone: what it left behind says so below
            process.stdin.write(framed(encode_job(job)))
            await process.stdin.drain()
        try:
            while piece := await process.stdout.read(_PIECE_BYTES):
                for frame in self._reader.feed(piece):
                    return decode_outcome(frame)
        except (BadAnswer, FrameTooLong) as error:
            raise _Failed(f"the planner answered nonsense ({error})", "规划进程给出的结果无法理解") from error
        how = _how(await process.wait())
        raise _Ended(f"the planner's process ended ({how}; see {self._log})", f"规划进程意外结束（{how}）")

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._reader = FrameReader()
            try:
                with self._log.open("ab") as log:
                    self._process = await asyncio.create_subprocess_exec(
                        *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
                        start_new_session=True,
                    )
            except OSError as error:
                why = error.strerror or str(error)
                text = f"the planner's process cannot be started ({why})"
                raise _Failed(text, f"规划进程无法启动（{why}）") from error
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _how(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"status {status}"


def _no_plan(text: str, text_zh: str) -> NoPlan:
    return NoPlan(text=f"{text}; it is asked again", text_zh=f"{text_zh}，将自动重试", is_failure=True)


def _is_failure(outcome: Outcome) -> bool:
    return isinstance(outcome, NoPlan) and outcome.is_failure
