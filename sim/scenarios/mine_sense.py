"""Physical sense of [hazard.gallery]: every gallery leads somewhere, and every place can be reached from the day."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import dist

from sim.scenarios.hazards import GallerySpec, HazardSpec
from sim.scenarios.source import Source

MOST_CELLS = 20_000
_NODES, _ROADS = "hazard.gallery.nodes", "hazard.gallery.roads"


def check(source: Source, hazard: HazardSpec) -> None:
    """Raises ScenarioError for the first thing that makes no sense."""
    mine = hazard.gallery
    if mine is None:
        return
    _nodes(source, mine)
    _roads(source, mine)
    _reached(source, mine)
    _things(source, mine)


def _nodes(source: Source, mine: GallerySpec) -> None:
    if len(mine.nodes) < 2:
        raise source.error(_NODES, "has fewer than two nodes; add [[hazard.gallery.nodes]] tables")
    for (_, first), (k, second) in combinations(enumerate(mine.nodes), 2):
        if first.id == second.id:
            raise source.error(f"{_NODES}[{k}].id", f"{second.id!r} is taken; give another id")
    if not any(node.is_open for node in mine.nodes):
        raise source.error(_NODES, "has no mouth, so nobody could get in; set is_open = true for one node at least")


def _roads(source: Source, mine: GallerySpec) -> None:
    nodes = {node.id: node for node in mine.nodes}
    length = 0.0
    for n, road in enumerate(mine.roads):
        field = f"{_ROADS}[{n}].between"
        for end in road.between:
            if end not in nodes:
                raise source.error(field, f"leads to nowhere: {end!r} is no node; use one of {', '.join(nodes)}")
        one, other = (nodes[end] for end in road.between)
        metres = dist((*one.at_m, one.up_m), (*other.at_m, other.up_m))
        if metres < 1.0:
            raise source.error(field, "joins a place to itself; move one of the nodes or name another")
        if any(set(road.between) == set(earlier.between) for earlier in mine.roads[:n]):
            raise source.error(field, "is there already; remove one of the two")
        length += metres
    if length / mine.cell_m > MOST_CELLS:
        raise source.error("hazard.gallery.cell_m", f"makes too many cells; give at least {length / MOST_CELLS:.1f}")


def _reached(source: Source, mine: GallerySpec) -> None:
    reached = {node.id for node in mine.nodes if node.is_open}
    while True:
        more = {end for road in mine.roads if reached & set(road.between) for end in road.between} - reached
        if not more:
            break
        reached |= more
    for n, node in enumerate(mine.nodes):
        if node.id not in reached:
            raise source.error(f"{_NODES}[{n}].id", f"no road leads from {node.id} to a mouth; join it by a road")


def _things(source: Source, mine: GallerySpec) -> None:
    nodes = [node.id for node in mine.nodes]
    _known(source, "inflows", (flow.node for flow in mine.inflows), nodes)
    _known(source, "gas", (gas.node for gas in mine.gas), nodes)
    for n, fall in enumerate(mine.roof_falls):
        if not any(set(fall.between) == set(road.between) for road in mine.roads):
            field = f"hazard.gallery.roof_falls[{n}].between"
            raise source.error(field, f"no road joins {fall.between[0]} and {fall.between[1]}; name one that is there")


def _known(source: Source, table: str, used: Iterable[str], nodes: Sequence[str]) -> None:
    for n, node in enumerate(used):
        if node not in nodes:
            field = f"hazard.gallery.{table}[{n}].node"
            raise source.error(field, f"{node!r} is no node; use one of {', '.join(nodes)}")
