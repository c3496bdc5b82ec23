"""Errors that a person can mend: one sentence that says what, where and what to do, and the exit code it ends with."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What every command of `taihang` ends with; documented in docs/cli.md."""

    OK = 0
    GOAL_MISSED = 1
    BAD_INPUT = 2
    ENVIRONMENT = 3
    INTERRUPTED = 130


class UserError(Exception):
    """Shown as it is, without a traceback."""

    exit_code = ExitCode.BAD_INPUT


class BadInput(UserError):
    """A file, option or address that cannot be used."""


class EnvironmentLacks(UserError):
    """Something this machine should have and has not."""

    exit_code = ExitCode.ENVIRONMENT
