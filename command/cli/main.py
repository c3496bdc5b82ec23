"""The root of the command line: collects the groups and turns errors people can mend into one sentence."""

import importlib
import sys
from collections.abc import Iterable, Mapping
from typing import NoReturn

import typer

from command.errors import ExitCode, UserError

COMMANDS: Mapping[str, str] = {
    "demo": "command.cli.demo",
    "up": "command.cli.up",
    "replay": "command.cli.replay",
    "doctor": "command.cli.doctor",
    "bench": "command.cli.bench",
    "vehicle": "command.cli.vehicle",
    "fleet": "command.cli.fleet",
    "link": "command.cli.link",
    "signing": "command.cli.signing",
    "mission": "command.cli.mission",
    "sim": "command.cli.sim",
    "perception": "command.cli.perception",
    "record": "command.cli.record",
}
"""Each module has a function of the command's name, or a group called `app`."""


def app_of(names: Iterable[str]) -> typer.Typer:
    """Loads these only: to stop a vehicle must not wait for what draws plots."""
    app = typer.Typer(
        name="taihang",
        help="Plan, supervise and rehearse one mission over every unmanned machine at an incident.",
        epilog="Exit codes: 0 done, 1 a goal was missed, 2 bad input, 3 this machine lacks something, 130 interrupted.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(lambda: None)
    for name in names:
        module = importlib.import_module(COMMANDS[name])
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, name))
    return app


def main() -> NoReturn:
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    app = app_of([asked] if asked in COMMANDS else COMMANDS)
    try:
        app(prog_name="taihang")
    except UserError as error:
        print(f"taihang: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except SystemExit as ending:  # what typer makes of an interruption
        if ending.code == ExitCode.INTERRUPTED:
            print("taihang: interrupted", file=sys.stderr)
        raise
    sys.exit(ExitCode.OK)
