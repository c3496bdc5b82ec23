"""Entry of one child process: `python -m command.app.role ROLE CONFIG.json [CONTROL]`."""

import importlib
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from command.app.children import die_with_parent
from command.app.layout import FLEET, HUB, MISSIONS, PERCEPTION, SIM, read_config
from command.errors import ExitCode, UserError
from command.timing.errors import OwnerLost, TimingError

MODULES = {
    SIM: "command.app.sim_role",
    FLEET: "command.app.fleet_role",
    PERCEPTION: "command.app.perception_role",
    MISSIONS: "command.app.mission_role",
    HUB: "command.app.hub_role",
}


class Ended(BaseException):
    """SIGTERM: unwinds whatever runs, so that files are closed."""


def _end(_: int, __: FrameType | None) -> NoReturn:
    raise Ended


def main() -> int:
    die_with_parent()
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    role, config, *control = sys.argv[1:]
    try:
        importlib.import_module(MODULES[role]).run(read_config(Path(config)), Path(control[0]) if control else None)
    except (UserError, TimingError) as error:
        print(f"{role}: {error}", file=sys.stderr)
        return ExitCode.OK if isinstance(error, OwnerLost) else ExitCode.GOAL_MISSED
    except Ended:
        return ExitCode.OK
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
