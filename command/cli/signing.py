"""`taihang signing`: keys of MAVLink signatures in files, and their change over all vehicles of a running site."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from command.cli.orders import Go
from command.cli.reach import Reach, reaching
from command.errors import BadInput, ExitCode
from command.site.secrets import SecretNotWritten, SecretUnreadable, create_key, next_of, read_key
from command.up.client import GRACE_S, SiteLine, new_id
from fleet.commands import Ack, AckResult, Command, Verb
from fleet.model import FleetState, LinkReport
from fleet.wire.signing_keys import SigningKey
from world.ids import CommandId, VehicleId

app = typer.Typer(help="Keys of MAVLink signatures: files, fingerprints, change.", no_args_is_help=True)
KeyFile = Annotated[Path, typer.Argument(help="a key file, as signing in [links.NAME] names it")]
HANDED_OVER_WITHIN_S = 20.0
ENDED_WITHIN_S = 10.0


@app.command()
def create(
    file: Annotated[Path, typer.Argument(help="to make; it must not be there yet")],
    show: Annotated[bool, typer.Option("--show", help="print the key, for another ground station")] = False,
) -> None:
    """Make a random key in a new file that only you may read, and print its fingerprint.

    Example: taihang signing create lte.key
    """
    try:
        key = create_key(file)
    except SecretNotWritten as error:
        raise BadInput(str(error)) from error
    _tell(file, key, show=show)


@app.command()
def fingerprint(
    file: KeyFile, show: Annotated[bool, typer.Option("--show", help="print the key, too")] = False
) -> None:
    """Print the name under which screens, logs and commands know a key.

    Example: taihang signing fingerprint lte.key
    """
    _tell(file, key_of(file), show=show)


def _tell(file: Path, key: SigningKey, *, show: bool) -> None:
    print(f"{key.fingerprint}  {file}")
    if show:
        print(key.secret.hex())


def key_of(file: Path) -> SigningKey:
    """Raises BadInput."""
    try:
        return read_key(file)
    except SecretUnreadable as error:
        raise BadInput(str(error)) from error


@app.command()
@reaching
def rotate(reach: Reach, file: KeyFile, go: Go = False) -> None:
    """Give every vehicle of the key a new one. The old counts until the last vehicle signs with the new; then it ends.

    Armed vehicles take no key: they go on with theirs. Run it again when they have landed.
    Example: taihang signing rotate lte.key --go
    """
    before = key_of(file)
    with reach.line("fleet/links", "fleet/state", "fleet/ack") as line:
        reports = reports_of(line)
        coming = next_of(file)
        keys = {before.fingerprint} | ({key_of(coming).fingerprint} if coming.exists() else set())
        vehicles = [
            name for name, report in sorted(reports.items()) if any(path.link_key in keys for path in report.paths)
        ]
        if not vehicles:
            raise BadInput(f"no vehicle of this site speaks by a link with the key {before.fingerprint} of {file}")
        if not go and not line.welcome.is_simulated:
            reach.tell(
                {"is_dry_run": True, "vehicles": vehicles},
                f"dry run, nothing was sent: a new key for {', '.join(vehicles)} in the place of "
                f"{before.fingerprint}\n  add --go to make and send it",
            )
            return
        if not coming.exists():
            _make(coming)
        key = key_of(coming)
        acks = _hand_over(line, vehicles, key)
        is_whole = len(acks) == len(vehicles) and all(ack.result is AckResult.ACCEPTED for ack in acks.values())
        is_whole = is_whole and _has_ended(line, coming)
    _report(reach, key, acks, is_whole=is_whole)


def _make(file: Path) -> None:
    try:
        create_key(file)
    except SecretNotWritten as error:
        raise BadInput(str(error)) from error


def _hand_over(line: SiteLine, vehicles: list[VehicleId], key: SigningKey) -> Mapping[VehicleId, Ack]:
    """All at once; their acks."""
    orders: dict[CommandId, VehicleId] = {}
    for vehicle in vehicles:
        command = Command(
            id=new_id(), vehicle=vehicle, verb=Verb.SET_SIGNING_KEY, issued_by=line.welcome.name, key=key.fingerprint,
            deadline=line.deadline(HANDED_OVER_WITHIN_S),
        )
        orders[command.id] = vehicle
        line.say("fleet/command", command)
    acks: dict[VehicleId, Ack] = {}
    for _, value in line.heard(HANDED_OVER_WITHIN_S + GRACE_S):
        if isinstance(value, Ack) and value.command in orders:
            acks[value.vehicle] = value
            if len(acks) == len(orders):
                break
    return acks


def _has_ended(line: SiteLine, coming: Path) -> bool:
    """Whether the site has put the new key in the place of the old one."""
    return any(not coming.exists() for _ in line.heard(ENDED_WITHIN_S))


def _report(reach: Reach, key: SigningKey, acks: Mapping[VehicleId, Ack], *, is_whole: bool) -> None:
    rows = [f"{name}: {ack.result.replace('_', ' ')}{ack.reason and ': '}{ack.reason}" for name, ack in acks.items()]
    end = (
        f"all have the key {key.fingerprint}; the one before has ended" if is_whole
        else "both keys count until the others have the new one, too: run this again when they are heard and disarmed"
    )
    reach.tell({"key": key.fingerprint, "is_whole": is_whole, "acks": acks}, "\n".join((*rows, end)))
    if not is_whole:
        raise typer.Exit(ExitCode.GOAL_MISSED)


def reports_of(line: SiteLine) -> Mapping[VehicleId, LinkReport]:
    """Of every vehicle, once each has told."""
    reports: dict[VehicleId, LinkReport] = {}
    for _, value in line.heard(5.0):
        if isinstance(value, LinkReport):
            reports[value.vehicle] = value
        if isinstance(value, FleetState) and all(one.vehicle in reports for one in value.vehicles):
            break
    return reports


def table(report: LinkReport) -> Table:
    """How signatures do on every path of a vehicle."""
    grid = Table("link", "signs", "key of the link", "key of the vehicle", "refused on the link")
    for path in report.paths:
        grid.add_row(
            path.name, "yes" if path.is_signed else "no", path.link_key or "-", path.vehicle_key or "-",
            str(path.signatures_refused),
        )
    return grid
