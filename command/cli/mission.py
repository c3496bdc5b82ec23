"""`taihang mission`: searches of a running site or demo: planned, looked at, approved by digest, started, ended."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from command.cli.mission_ask import Optics, Wish, drawn_search, search_of
from command.cli.mission_words import overview, summary, table
from command.cli.orders import Go
from command.cli.reach import Reach, reaching
from command.errors import BadInput, ExitCode
from command.up.client import NotTaken, SiteGone, new_id
from command.up.mission_line import MissionLine
from command.web.orders import ApprovalRequest, OrderRequest, Refused, to_approval, to_order
from fleet.commands import Ack, AckResult
from missions.direct import commands_of
from missions.model import Order, OrderVerb, Phase, Plan
from world.ids import MissionId, VehicleId

app = typer.Typer(help="Searches of a running site or demo.", no_args_is_help=True)
PLANNED_WITHIN_S = 120.0
TAKEN_WITHIN_S = 15.0
SHORTEST_DIGEST = 12
WAITING = frozenset({Phase.EMPTY, Phase.PLANNED, Phase.APPROVED})
"""Nothing of the plan has been told to vehicles."""
_HEX = re.compile(rf"[0-9a-f]{{{SHORTEST_DIGEST},64}}")
HOW = {"return": OrderVerb.RETURN, "hold": OrderVerb.HOLD, "stop": OrderVerb.STOP}


@app.command("list")
@reaching
def list_missions(reach: Reach) -> None:
    """All missions of the record, with their newest plans.

    Example: taihang mission list
    """
    with reach.mission_line() as line:
        log = line.log
    reach.tell([summary(log, plan) for plan in log.plans.values()], overview(log))


@app.command()
@reaching
def plan(
    reach: Reach,
    file: Annotated[Path, typer.Argument(help="GeoJSON: one polygon; a point; robots' patrols", metavar="FILE")],
    vehicle: Annotated[list[str] | None, typer.Option(help="may be given again; default: copters at rest")] = None,
    name: Annotated[str | None, typer.Option(help="of the mission")] = None,
    height: Annotated[float, typer.Option(help="metres above ground", min=5.0, max=400.0)] = 40.0,
    looks: Annotated[int, typer.Option(help="at every cell, at least", min=1, max=10)] = 3,
    separation: Annotated[float, typer.Option(help="metres between vehicles, at least", min=3.0, max=200.0)] = 10.0,
    subjects: Annotated[int, typer.Option(help="people sought", min=1, max=100)] = 1,
    hfov: Annotated[float | None, typer.Option(help="camera: degrees across", min=1.0, max=170.0)] = None,
    pixels: Annotated[str | None, typer.Option(help="camera: such as 640x512")] = None,
    pitch: Annotated[float | None, typer.Option(help="camera: degrees, negative down", min=-90.0, max=0.0)] = None,
) -> None:
    """Have a search planned: nothing moves. For commanders.

    Cameras are what vehicles told of them, unless you say so here.
    Example: taihang mission plan valley.geojson --vehicle U01 --vehicle U02 --height 40
    """
    optics = Optics(hfov_deg=hfov, pixels=_pixels(pixels), pitch_deg=pitch)
    drawn = drawn_search(file)
    wish = Wish(
        name=name, vehicles=tuple(vehicle or ()), height_agl_m=height, min_looks=looks, min_separation_m=separation,
        subjects=subjects, optics=optics,
    )
    with reach.mission_line() as line:
        intent = search_of(drawn, wish, line.log, line.welcome.name)
        line.say("mission/intent", intent)
        for _, value in line.heard(PLANNED_WITHIN_S):
            if intent.id in line.log.refusals:
                raise NotTaken(line.log.refusals[intent.id])
            if isinstance(value, Plan) and value.intent == intent.id:
                reach.tell(summary(line.log, value), table(line.log, value))
                return
    raise SiteGone(f"no plan came within {PLANNED_WITHIN_S:.0f} s: look at taihang mission list")


def _pixels(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{2,5})x([0-9]{2,5})", text)
    if found is None:
        raise BadInput(f"{text!r} are no pixels: write width x height, such as 640x512")
    return int(found[1]), int(found[2])


@app.command()
@reaching
def show(
    reach: Reach, mission: Annotated[str | None, typer.Argument(help="default: the one under way")] = None
) -> None:
    """One plan with its digest, its tasks, who approved it, and how far it is.

    Example: taihang mission show
    """
    with reach.mission_line() as line:
        found = _plan(line, mission)
        reach.tell(summary(line.log, found), table(line.log, found))


def _plan(line: MissionLine, mission: str | None = None) -> Plan:
    """Raises BadInput."""
    found = line.log.current if mission is None else line.log.plans.get(MissionId(mission))
    if found is not None:
        return found
    names = ", ".join(line.log.plans) or "none yet: draw an area and run taihang mission plan FILE"
    raise BadInput(f"there is no plan{'' if mission is None else f' of {mission}'}: this site has {names}")


@app.command()
@reaching
def approve(
    reach: Reach,
    digest: Annotated[str, typer.Argument(help=f"of mission show, {SHORTEST_DIGEST} digits of it or all")],
) -> None:
    """Answer for exactly the plan with this digest, and for re-plans within its area and vehicles. For commanders.

    Nothing moves before it is started.
    Example: taihang mission approve 5c1f0ae2b7d9
    """
    if not _HEX.fullmatch(digest):
        raise BadInput(f"{digest!r} is no digest: copy {SHORTEST_DIGEST} digits or more of taihang mission show")
    with reach.mission_line() as line:
        found = _plan(line)
        whole = found.digest if found.digest.startswith(digest) else digest.ljust(64, "0")
        try:
            approval = to_approval(
                ApprovalRequest(digest=whole), found, by=line.welcome.name, at=line.deadline(0.0)
            )
        except Refused as refused:
            raise NotTaken(str(refused)) from refused
        line.say("mission/approval", approval)
        _until(line, lambda: _is_approved(line, found), about=found.digest)
        line.log.take(approval)
        reach.tell(summary(line.log, found), f"{found.mission}: revision {found.revision} is approved by {approval.by}")


def _is_approved(line: MissionLine, found: Plan) -> bool:
    phase = line.log.phase_of(found.mission)
    return phase not in (None, Phase.EMPTY, Phase.PLANNED)


@app.command()
@reaching
def start(reach: Reach, go: Go = False) -> None:
    """Launch the approved plan: its vehicles arm and take off. For commanders.

    Example: taihang mission start --go
    """
    with reach.mission_line() as line:
        found = _plan(line)
        vehicles = [task.vehicle for task in found.tasks]
        phase = line.log.phase_of(found.mission)
        if not _is_approved(line, found):
            raise NotTaken(f"{found.mission} is not approved: taihang mission approve {found.digest[:SHORTEST_DIGEST]}")
        if phase is not Phase.APPROVED:
            raise NotTaken(f"{found.mission} is {phase} already: look at taihang mission show")
        if not go and not line.welcome.is_simulated:
            reach.tell(
                {"is_dry_run": True, "plan": summary(line.log, found)},
                f"dry run, nothing was sent: {', '.join(vehicles)} would take off for {found.mission}, revision "
                f"{found.revision}\n  add --go to start it",
            )
            return
        _order(line, OrderVerb.LAUNCH, vehicles)
        _until(line, lambda: line.log.phase_of(found.mission) not in {*WAITING, None}, about=found.digest)
        phase = line.log.phase_of(found.mission)
        reach.tell(summary(line.log, found), f"{found.mission}: {phase}, with {', '.join(vehicles)}")


@app.command()
@reaching
def abort(
    reach: Reach,
    vehicles: Annotated[list[str] | None, typer.Argument(help="default: all of the plan")] = None,
    how: Annotated[str, typer.Option(help="return, hold or stop")] = "return",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show, send nothing")] = False,
    go: Annotated[bool, typer.Option("--go", hidden=True)] = False,
) -> None:
    """Call the vehicles of the mission back, or have them hold or stop. It is sent at once.

    Examples: taihang mission abort | taihang mission abort U02 --how hold
    """
    if how not in HOW:
        raise BadInput(f"{how!r} is no way to end a mission: use {', '.join(HOW)}")
    with reach.mission_line() as line:
        named = [VehicleId(name) for name in vehicles or [task.vehicle for task in _plan(line).tasks]]
        if dry_run:
            reach.tell(
                {"is_dry_run": True, "verb": how, "vehicles": named},
                f"dry run, nothing was sent: {how} {', '.join(named)}\n  leave out --dry-run to send it",
            )
            return
        order = _order(line, HOW[how], named)
        acks = _acks(line, order)
    _report(reach, order, acks)


def _order(line: MissionLine, verb: OrderVerb, vehicles: list[VehicleId]) -> Order:
    """Raises NotTaken for what is no order."""
    known = () if line.log.fleet is None else tuple(state.vehicle for state in line.log.fleet.vehicles)
    request = OrderRequest(id=new_id(), verb=verb, vehicles=list(vehicles))
    try:
        order = to_order(request, by=line.welcome.name, at=line.deadline(0.0), known=known)
    except Refused as refused:
        raise BadInput(str(refused)) from refused
    line.say("mission/order", order)
    return order


def _acks(line: MissionLine, order: Order) -> dict[VehicleId, Ack]:
    """Of the commands that follow from the order."""
    wanted = {command.id for command in commands_of(order, order.at)}
    acks: dict[VehicleId, Ack] = {}
    for _, value in line.heard(2 * TAKEN_WITHIN_S):
        if isinstance(value, Ack) and value.command in wanted:
            acks[value.vehicle] = value
            if len(acks) == len(wanted):
                break
    return acks


def _report(reach: Reach, order: Order, acks: dict[VehicleId, Ack]) -> None:
    grid = Table("vehicle", "order", "result")
    for vehicle in order.vehicles:
        ack = acks.get(vehicle)
        result = "no answer" if ack is None else ack.result.replace("_", " ")
        grid.add_row(vehicle, order.verb, f"{result}: {ack.reason}" if ack is not None and ack.reason else result)
    value: dict[str, Any] = {"order": order, "acks": acks}
    reach.tell(value, grid)
    if len(acks) < len(order.vehicles) or any(ack.result is not AckResult.ACCEPTED for ack in acks.values()):
        raise typer.Exit(ExitCode.GOAL_MISSED)


def _until(line: MissionLine, holds: Any, *, about: str) -> None:
    """Raises NotTaken with the mission service's own sentence, SiteGone when nothing comes of it."""
    line.log.refusals.pop(about, None)
    for _ in line.heard(TAKEN_WITHIN_S):
        if holds():
            return
        if about in line.log.refusals:
            raise NotTaken(line.log.refusals[about])
    raise SiteGone(f"nothing came of it within {TAKEN_WITHIN_S:.0f} s: look at taihang mission show, and at the alarms")
