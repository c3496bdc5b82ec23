"""`taihang vehicle U01 fence|rally`: what the autopilot keeps on board, shown, loaded from a map and taken away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from command.cli.asking import NotAnswered, ask
from command.cli.geojson import fence_areas, fence_features, rally_features, rally_points
from command.cli.orders import Go, order, report
from command.cli.reach import Reach, reaching
from command.cli.vehicle_words import home_amsl_m, one_of, plain
from command.errors import BadInput
from fleet.commands import AckResult, Verb
from fleet.drivers.mavlink.areas import digest, fence_items, rally_items
from fleet.drivers.mavlink.items import Item
from fleet.inquiries import Question
from fleet.model import FleetState
from world.position import Geodetic

LOADED_WITHIN_S = 120.0
fence_app = typer.Typer(name="fence", help="The fence on board: show, upload, clear.", no_args_is_help=True)
rally_app = typer.Typer(name="rally", help="Rally points on board: show, upload, clear.", no_args_is_help=True)
AsMap = Annotated[bool, typer.Option("--geojson", help="as GeoJSON, which upload takes")]
MapFile = Annotated[Path, typer.Argument(help="GeoJSON", metavar="FILE")]


@fence_app.command("show")
@reaching
def show_fence(reach: Reach, geojson: AsMap = False) -> None:
    """The fence that the autopilot keeps, with its digest.

    Examples: taihang vehicle U01 fence show | taihang vehicle U01 fence show --geojson > fence.geojson
    """
    _show(reach, Question.FENCE, "areas", fence_features if geojson else None)


@rally_app.command("show")
@reaching
def show_rally(reach: Reach, geojson: AsMap = False) -> None:
    """The rally points that the autopilot keeps, with their digest.

    Examples: taihang vehicle U01 rally show | taihang vehicle U01 rally show --geojson > rally.geojson
    """
    _show(reach, Question.RALLY, "points", rally_features if geojson else None)


def _show(
    reach: Reach, question: Question, key: str,
    as_map: Callable[[Sequence[Mapping[str, Any]]], dict[str, Any]] | None,
) -> None:
    found = ask(reach, question, within_s=60.0).value
    if as_map is not None:
        reach.tell_json(as_map(found.get(key) or []))
        return
    grid = Table("no.", key)
    for number, one in enumerate(found.get(key) or [], start=1):
        grid.add_row(str(number), plain(one))
    reach.tell(found, grid)
    if not reach.as_json:
        reach.say(f"digest {found.get('hash', 0):x}")


@fence_app.command("upload")
@reaching
def upload_fence(reach: Reach, file: MapFile, go: Go = False) -> None:
    """Load a fence from a map, read it back, put it in force. It may be narrower than the site's, never wider.

    Polygons are areas to stay in, their holes and those with "kind": "exclusion" areas to stay out of; points with
    "radius_m" are circles.
    Example: taihang vehicle U01 fence upload fence.geojson --go
    """
    areas = fence_areas(file)
    _load(reach, Verb.UPLOAD_FENCE, Question.FENCE, fence_items(areas), go=go, fence=areas)


@fence_app.command("clear")
@reaching
def clear_fence(reach: Reach, go: Go = False) -> None:
    """Take the fence on board away; the site's own stays in force. For commanders.

    Example: taihang vehicle U01 fence clear --go
    """
    _load(reach, Verb.UPLOAD_FENCE, Question.FENCE, (), go=go, fence=())


@rally_app.command("upload")
@reaching
def upload_rally(reach: Reach, file: MapFile, go: Go = False) -> None:
    """Load rally points from a map and read them back; the guard counts them as places to land from then on.

    Each point needs a height: "above_home_m", or a third coordinate above sea level.
    Example: taihang vehicle U01 rally upload rally.geojson --go
    """
    drawn = rally_points(file)
    with reach.line("fleet/state") as line:
        fleet: FleetState = line.until(lambda value: isinstance(value, FleetState), within_s=5.0)
    state = one_of(fleet, reach.vehicle)
    home_m = home_amsl_m(state)
    if home_m is None:
        raise BadInput(f"the home of {reach.vehicle} is not known yet: wait for it, rally points count from there")
    points = tuple(
        point.at if point.above_home_m is None else replace(point.at, height_m=home_m + point.above_home_m)
        for point in drawn
    )
    home = Geodetic(lat_deg=0.0, lon_deg=0.0, height_m=home_m)
    _load(reach, Verb.UPLOAD_RALLY, Question.RALLY, rally_items(points, home), go=go, rally=points)


@rally_app.command("clear")
@reaching
def clear_rally(reach: Reach, go: Go = False) -> None:
    """Take the rally points on board away.

    Example: taihang vehicle U01 rally clear --go
    """
    _load(reach, Verb.UPLOAD_RALLY, Question.RALLY, (), go=go, rally=())


def _load(reach: Reach, verb: Verb, question: Question, items: Sequence[Item], *, go: bool, **what: Any) -> None:
    """Sent, and asked for again: what the vehicle then tells has the digest of what was drawn."""
    ack = order(reach, verb, within_s=LOADED_WITHIN_S, go=go, **what)
    if ack is None:
        return
    if ack.result is not AckResult.ACCEPTED:
        report(reach, ack)
    wanted, found = digest(items), ask(reach, question, within_s=60.0).value.get("hash")
    if found != wanted:
        raise NotAnswered(
            f"{reach.vehicle} now tells another {question} than was sent (digest {found or 0:x}, not {wanted:x}): "
            "somebody else may have changed it; show it and load it again"
        )
    reach.tell(
        {"ack": ack, "items": len(items), "digest": wanted},
        f"{reach.vehicle} {verb}: accepted, {len(items)} items on board, digest {wanted:x}",
    )
