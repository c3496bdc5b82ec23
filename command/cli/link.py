"""`taihang link`: every path to every vehicle of a running site, once or as it changes."""

from collections.abc import Mapping

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Column, Table
from rich.text import Text

from command.cli.reach import Reach, console, reaching
from command.cli.share import share
from fleet.model import Alarm, FleetState, LinkReport, LinkState, PathReport
from world.ids import VehicleId

app = typer.Typer(help="Paths to the vehicles of a running site.", no_args_is_help=True)
app.command()(share)
TOPICS = ("fleet/links", "fleet/state", "alarm")
FOR_EVER_S = 1e9
_STYLES = {LinkState.FRESH: "green", LinkState.LATE: "yellow", LinkState.STALE: "red", LinkState.LOST: "red bold"}
COLUMNS = ("vehicle", "link", "bearer", "state", "primary", "loss", "round trip", "bytes/s", "messages/s", "signed")


@app.command("list")
@reaching
def list_links(reach: Reach) -> None:
    """All paths now.

    Example: taihang link list
    """
    with reach.line(*TOPICS) as line:
        reports: dict[VehicleId, LinkReport] = {}
        alarms: dict[str, Alarm] = {}
        for _, value in line.heard(5.0):
            _keep(value, reports, alarms)
            if isinstance(value, FleetState) and all(one.vehicle in reports for one in value.vehicles):
                break
    down = _down(alarms)
    if reach.as_json:
        reach.tell_json([report for _, report in sorted(reports.items())])
        return
    reach.say(table(reports))
    for text in down:
        reach.say(text)


@app.command()
@reaching
def watch(reach: Reach) -> None:
    """All paths as they change, until Ctrl-C; lines where there is no terminal.

    Example: taihang link watch
    """
    reports: dict[VehicleId, LinkReport] = {}
    alarms: dict[str, Alarm] = {}
    with reach.line(*TOPICS) as line:
        if reach.as_json or not console().is_terminal:
            for _, value in line.heard(FOR_EVER_S):
                if isinstance(value, LinkReport):
                    _tell_lines(reach, value)
            return
        with Live(console=console(), refresh_per_second=4) as live:
            for _, value in line.heard(FOR_EVER_S):
                _keep(value, reports, alarms)
                live.update(Group(table(reports), *(Text(text) for text in _down(alarms))))


def _tell_lines(reach: Reach, report: LinkReport) -> None:
    if reach.as_json:
        reach.tell_json(report)
        return
    for path in report.paths:
        reach.say("  ".join(_cells(report.vehicle, path)))


def _keep(value: object, reports: dict[VehicleId, LinkReport], alarms: dict[str, Alarm]) -> None:
    match value:
        case LinkReport():
            reports[value.vehicle] = value
        case Alarm() if value.is_active:
            alarms[value.key] = value
        case Alarm():
            alarms.pop(value.key, None)
        case _:
            pass


def _down(alarms: Mapping[str, Alarm]) -> list[str]:
    return [alarm.text for key, alarm in sorted(alarms.items()) if key.endswith("/link_down")]


def table(reports: Mapping[VehicleId, LinkReport]) -> Table:
    grid = Table(*(Column(name, no_wrap=name == "link") for name in COLUMNS))
    for vehicle, report in sorted(reports.items()):
        for path in report.paths:
            cells = _cells(vehicle, path)
            grid.add_row(*cells[:3], Text(cells[3], style=_STYLES[path.state]), *cells[4:])
    return grid


def _cells(vehicle: VehicleId, path: PathReport) -> list[str]:
    return [
        vehicle, path.name, path.bearer, path.state, "primary" if path.is_primary else "-",
        "-" if path.loss_pct is None else f"{path.loss_pct:.1f} %",
        "-" if path.rtt_ms is None else f"{path.rtt_ms:.0f} ms",
        f"{path.received_bytes_s:.0f}", f"{path.received_messages_s:.0f}", _signed(path),
    ]


def _signed(path: PathReport) -> str:
    """Whether both ends sign, and with the key of the link."""
    if not path.is_signed:
        return "-"
    if path.vehicle_key is None:
        return "ours only"
    return "signed" if path.vehicle_key == path.link_key else "old key"
