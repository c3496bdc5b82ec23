"""The root of the command line: collects the groups and turns errors people can mend into one sentence."""

import sys
from typing import NoReturn

import typer

from command.cli import bench, demo, doctor, link, perception, record, replay, sim, up, vehicle
from command.errors import ExitCode, UserError

app = typer.Typer(
    name="taihang",
    help="Plan, supervise and rehearse one mission over every unmanned machine at an incident.",
    epilog="Exit codes: 0 done, 1 a goal was missed, 2 bad input, 3 this machine lacks something, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("up")(up.up)
app.command("replay")(replay.replay)
app.command("doctor")(doctor.doctor)
app.command("bench")(bench.bench)
app.add_typer(link.app, name="link")
app.add_typer(vehicle.app, name="vehicle")
app.add_typer(sim.app, name="sim")
app.add_typer(perception.app, name="perception")
app.add_typer(record.app, name="record")


def main() -> NoReturn:
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
