"""What `taihang up` and its planner process say to each other: one job, one answer, plain data both ways."""

import msgspec

from missions.jobs import Job, NoPlan, Outcome, RevisionJob, SearchJob
from missions.model import Plan


class BadAnswer(ValueError):
    """Bytes that are no job, or no answer to one."""


class _Asked(msgspec.Struct, frozen=True):
    search: SearchJob | None = None
    revision: RevisionJob | None = None


class _Answered(msgspec.Struct, frozen=True):
    plan: Plan | None = None
    none: NoPlan | None = None


_encode = msgspec.msgpack.encode


def encode_job(job: Job) -> bytes:
    return _encode(_Asked(search=job) if isinstance(job, SearchJob) else _Asked(revision=job))


def decode_job(data: bytes) -> Job:
    """Raises BadAnswer."""
    try:
        asked = msgspec.msgpack.decode(data, type=_Asked)
    except ValueError as error:
        raise BadAnswer(str(error)) from error
    job = asked.search or asked.revision
    if job is None:
        raise BadAnswer("it asks for nothing")
    return job


def encode_outcome(outcome: Outcome) -> bytes:
    return _encode(_Answered(plan=outcome) if isinstance(outcome, Plan) else _Answered(none=outcome))


def decode_outcome(data: bytes) -> Outcome:
    """Raises BadAnswer."""
    try:
        answered = msgspec.msgpack.decode(data, type=_Answered)
    except ValueError as error:
        raise BadAnswer(str(error)) from error
    outcome = answered.plan or answered.none
    if outcome is None:
        raise BadAnswer("it answers nothing")
    return outcome
