"""The planner's process: reads jobs from its standard input, computes, answers on its standard output; ends with it."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

from command.survey import load_survey
from command.timing.framing import FrameReader, framed
from command.up.planner_frames import decode_job, encode_outcome
from missions.jobs import Workshop

NICENESS = 5
"""Heartbeats to vehicles go before plans where both want the same core."""
_PIECE_BYTES = 1 << 16


def serve(workshop: Workshop, jobs: BinaryIO, answers: BinaryIO) -> None:
    """Until the jobs end."""
    reader = FrameReader()
    while piece := os.read(jobs.fileno(), _PIECE_BYTES):
        for frame in reader.feed(piece):
            answers.write(framed(encode_outcome(workshop.carry_out(decode_job(frame)))))
            answers.flush()


def main() -> None:
    """Argument: the survey's file. Whatever a library prints goes to the log, not among the answers."""
    os.nice(NICENESS)
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        survey = load_survey(Path(sys.argv[1]))
        serve(Workshop(survey.terrain, survey.frame), sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
