"""Questions as programmes of steps that return their answer: one table, one row per question."""

from collections.abc import Mapping

from fleet.drivers.mavlink.answers import AskProgramme, MakeAsk, Part, Tell
from fleet.drivers.mavlink.fences import read_fence, read_mission, read_rally
from fleet.drivers.mavlink.reading import file, files, log, logs, parameters
from fleet.inquiries import Question

__all__ = ["INQUIRIES", "AskProgramme", "MakeAsk", "Part", "Tell"]

INQUIRIES: Mapping[Question, MakeAsk] = {
    Question.PARAMETERS: parameters,
    Question.MISSION: lambda talk, inquiry, tell: read_mission(talk),
    Question.FENCE: lambda talk, inquiry, tell: read_fence(talk),
    Question.RALLY: lambda talk, inquiry, tell: read_rally(talk),
    Question.LOGS: logs,
    Question.LOG: log,
    Question.FILES: files,
    Question.FILE: file,
}
