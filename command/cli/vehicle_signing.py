"""`taihang vehicle U01 signing`: which key it signs with; one handed over, or taken away."""

import typer

from command.cli.orders import Go, give
from command.cli.reach import Reach, reaching
from command.cli.signing import HANDED_OVER_WITHIN_S, KeyFile, key_of, reports_of, table
from command.errors import BadInput
from fleet.commands import Verb
from fleet.drivers.mavlink.keys import NOTHING

signing_app = typer.Typer(name="signing", help="Its key of MAVLink signatures.", no_args_is_help=True)


@signing_app.command("show")
@reaching
def show(reach: Reach) -> None:
    """Which key it signs with on every path, by fingerprint.

    Example: taihang vehicle U01 signing show
    """
    with reach.line("fleet/links", "fleet/state") as line:
        reports = reports_of(line)
    report = reports.get(reach.vehicle)
    if report is None:
        names = ", ".join(sorted(reports)) or "none yet"
        raise BadInput(f"no vehicle is called {reach.vehicle}: this site has {names}")
    reach.tell(report.paths, table(report))


@signing_app.command("install")
@reaching
def install(reach: Reach, file: KeyFile, go: Go = False) -> None:
    """Give it the key of one of its links. It must be disarmed, and nobody else may hear the link.

    Example: taihang vehicle U01 signing install lte.key --go
    """
    give(reach, Verb.SET_SIGNING_KEY, within_s=HANDED_OVER_WITHIN_S, go=go, key=key_of(file).fingerprint)


@signing_app.command("remove")
@reaching
def remove(reach: Reach, go: Go = False) -> None:
    """Take its key away: it signs no more and believes everybody. Its links must accept unsigned frames.

    Example: taihang vehicle U01 signing remove --go
    """
    give(reach, Verb.SET_SIGNING_KEY, within_s=HANDED_OVER_WITHIN_S, go=go, key=NOTHING)
