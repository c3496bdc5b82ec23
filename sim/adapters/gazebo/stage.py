"""A place set up in a running Gazebo: world written, server started, engine ready for SimService."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sim.adapters.gazebo.bridge import Bridge, Picture
from sim.adapters.gazebo.engine import GazeboEngine, moved_in_gazebo
from sim.adapters.gazebo.export import MOST_TREES, export
from sim.adapters.gazebo.house import House, Server, build_plugin, running
from sim.adapters.gazebo.model import Flavour, Link, Pictures
from sim.engine.engine import Engine
from sim.scenarios.model import VehicleKind
from sim.scenarios.model import VehicleSpec as ScenarioVehicle
from sim.vehicles.spec import VehicleSpec
from sim.worlds.model import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`make_engine` is for SimService, once: with the specs that the stage was set up for."""

    make_engine: Callable[..., Engine]
    server: Server
    world: Path


@contextmanager
def staged(
    house: House, cache: Path, work: Path, world: World, specs: Sequence[VehicleSpec], *, seed: int,
    cameras: Sequence[Pictures] = (), on_picture: Callable[[Picture], None] = lambda picture: None,
    most_trees: int = MOST_TREES, timeout_s: float = 120.0,
) -> Iterator[Stage]:
    """Gazebo with this world and its vehicles until the block ends. Raises PluginUnbuilt, GazeboEnded, NotExported."""
    plugin = build_plugin(house, cache)
    bridge = Bridge(on_picture=on_picture, timeout_s=timeout_s)
    try:
        link = Link(
            vehicles=moved_in_gazebo(specs), port=bridge.port, cameras=tuple(cameras), timeout_s=timeout_s,
            image_port=bridge.image_port if cameras else 0,
        )
        vehicles = tuple(_scenario_vehicle(spec) for spec in specs if spec.id in link.vehicles)
        shown = replace(world, scenario=replace(world.scenario, vehicles=vehicles))
        made = export(shown, work, Flavour.CLASSIC, link=link, most_trees=most_trees)
        with running(house, made.world, plugin, seed=seed, with_cameras=bool(cameras)) as server:
            bridge.watch = server.check
            yield Stage(make_engine=partial(GazeboEngine, bridge), server=server, world=made.world)
    finally:
        bridge.close()


def _scenario_vehicle(spec: VehicleSpec) -> ScenarioVehicle:
    return ScenarioVehicle(
        id=spec.id, kind=VehicleKind(spec.kind.value), sysid=spec.sysid, heading_deg=spec.heading_deg,
        home_m=(spec.home.east_m, spec.home.north_m),
    )
