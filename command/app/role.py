"""One role of a run: `command.app.role ROLE CONFIG.json [CONTROL]`. Whatever ends it, its log's last line says why."""

import importlib
import sys
import traceback
from pathlib import Path
from types import TracebackType

from command.app.layout import FLEET, HUB, MISSIONS, PERCEPTION, SIM, read_config
from command.app.noise import note
from command.errors import ExitCode, UserError
from command.timing.errors import OwnerLost, TimingError

MODULES = {
    SIM: "command.app.sim_role",
    FLEET: "command.app.fleet_role",
    PERCEPTION: "command.app.perception_role",
    MISSIONS: "command.app.mission_role",
    HUB: "command.app.hub_role",
}


def main(role: str, config: Path, control: Path | None) -> int:
    sys.excepthook = Obituary(role)
    try:
        importlib.import_module(MODULES[role]).run(read_config(config), control)
    except OwnerLost as error:
        note(_sentence(role, error))
    except UserError as error:
        note(_sentence(role, error))
        return error.exit_code
    except TimingError as error:
        note(_sentence(role, error))
        return ExitCode.GOAL_MISSED
    return ExitCode.OK


def _sentence(role: str, error: Exception) -> str:
    """Errors of time name the participant themselves."""
    said = str(error)
    return said if said.startswith(f"{role}: ") else f"{role}: {said}"


class Obituary:
    """Python's last word on an unexpected error: where it happened for who mends it, then one sentence for the rest."""

    def __init__(self, role: str) -> None:
        self._role = role

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        note("".join(traceback.format_exception(kind, error, trace)).rstrip())
        first = _first(error)
        note(f"{self._role}: stopped by an unexpected {type(first).__name__}: {' '.join(str(first).split())}")


def _first(error: BaseException) -> BaseException:
    """The error itself, out of the groups that task groups wrap it in."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None))
