"""`taihang vehicle`: look at vehicles of a running site and command them, one by one."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from command.cli import vehicle_areas, vehicle_ask, vehicle_kill, vehicle_lease, vehicle_signing
from command.cli.orders import Go, give
from command.cli.reach import Reach, reaching
from command.cli.vehicle_words import details, home_amsl_m, one_of, overview
from command.errors import BadInput
from command.up.client import SiteLine
from fleet.commands import Verb
from fleet.model import FleetState
from world.position import Geodetic

WITHOUT_VEHICLE = frozenset({"list"})


class VehicleGroup(TyperGroup):
    """`vehicle U01 arm` names the vehicle before the command; `vehicle list` names none."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        if first in WITHOUT_VEHICLE:
            args = ["", *args]
        elif first in self.commands and (len(args) == 1 or args[1] not in self.commands):
            raise BadInput(f"{first} needs a vehicle before it: taihang vehicle U01 {first}")
        remaining: list[str] = super().parse_args(ctx, args)
        return remaining


app = typer.Typer(cls=VehicleGroup, help="Look at one vehicle of a running site, or command it.", no_args_is_help=True)
for group in (
    vehicle_ask.log_app, vehicle_ask.files_app, vehicle_areas.fence_app, vehicle_areas.rally_app,
    vehicle_lease.lease_app, vehicle_signing.signing_app,
):
    app.add_typer(group)
app.command("params")(vehicle_ask.params)
app.command("profile")(vehicle_ask.profile)
app.command("failsafes")(vehicle_ask.failsafes)
app.command("kill")(vehicle_kill.kill)


@app.callback()
def choose(
    context: typer.Context,
    vehicle: Annotated[str, typer.Argument(help="its name, such as U01; leave it out for list", metavar="VEHICLE")],
) -> None:
    """Look at one vehicle of a running site, or command it.

    Commands that move a real vehicle are shown and not sent until you add --go; stop, hold, return and land are
    sent at once.
    Examples: taihang vehicle list | taihang vehicle U01 show | taihang vehicle U01 arm --go
    """
    context.obj = vehicle


@app.command("list")
@reaching
def list_vehicles(reach: Reach) -> None:
    """All vehicles in one table.

    Example: taihang vehicle list
    """
    with reach.line("fleet/state") as line:
        state = _fleet(line)
    reach.tell(state.vehicles, overview(state))


@app.command()
@reaching
def show(reach: Reach) -> None:
    """All that is known of it now.

    Example: taihang vehicle U01 show
    """
    with reach.line("fleet/state") as line:
        fleet = _fleet(line)
        state = one_of(fleet, reach.vehicle)
    reach.tell(state, details(state, fleet.at))


@app.command()
@reaching
def arm(reach: Reach, go: Go = False) -> None:
    """Start the motors' readiness; an approval of exactly this goes with it.

    Example: taihang vehicle U01 arm --go
    """
    give(reach, Verb.ARM, within_s=30.0, go=go)


@app.command()
@reaching
def disarm(reach: Reach, go: Go = False) -> None:
    """Motors off on the ground; the autopilot refuses it in the air.

    Example: taihang vehicle U01 disarm --go
    """
    give(reach, Verb.DISARM, within_s=15.0, go=go)


@app.command()
@reaching
def takeoff(
    reach: Reach, height: Annotated[float, typer.Argument(help="metres above home", min=1.0)], go: Go = False
) -> None:
    """Climb to a height above home; arms first where that is not done.

    Example: taihang vehicle U01 takeoff 20 --go
    """
    give(reach, Verb.TAKE_OFF, within_s=60.0, go=go, height_m=height)


@app.command(context_settings={"ignore_unknown_options": True})
@reaching
def goto(
    reach: Reach,
    lat: Annotated[float, typer.Argument(help="latitude, degrees", min=-90.0, max=90.0)],
    lon: Annotated[float, typer.Argument(help="longitude, degrees", min=-180.0, max=180.0)],
    height: Annotated[float, typer.Argument(help="metres above home")],
    amsl: Annotated[bool, typer.Option("--amsl", help="the height is above sea level")] = False,
    go: Go = False,
) -> None:
    """Go to one point and stay there.

    Example: taihang vehicle U01 goto 35.4910 112.8510 30 --go
    """
    if not amsl:
        with reach.line("fleet/state") as line:
            home_m = home_amsl_m(one_of(_fleet(line), reach.vehicle))
        if home_m is None:
            raise BadInput(f"the home of {reach.vehicle} is not known yet: give the height with --amsl, or wait for it")
        height += home_m
    position = Geodetic(lat_deg=lat, lon_deg=lon, height_m=height)
    give(reach, Verb.GO_TO, within_s=60.0, go=go, position=position)


def _at_once(verb: Verb, does: str) -> Any:
    def order(reach: Reach, dry_run: Annotated[bool, typer.Option("--dry-run", help="show, send nothing")] = False,
              go: Annotated[bool, typer.Option("--go", hidden=True)] = False) -> None:
        give(reach, verb, within_s=15.0, go=not dry_run)

    order.__doc__ = f"{does} It is sent at once.\n\nExample: taihang vehicle U01 {verb}"
    return reaching(order)


app.command("hold")(_at_once(Verb.HOLD, "Stay where it is."))
app.command("return")(_at_once(Verb.RETURN, "Come home."))
app.command("land")(_at_once(Verb.LAND, "Land here."))
app.command("stop")(_at_once(Verb.STOP, "Stop moving; motors stay on."))


def _fleet(line: SiteLine) -> FleetState:
    state: FleetState = line.until(lambda value: isinstance(value, FleetState), within_s=5.0)
    return state
