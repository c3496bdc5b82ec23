"""What can be measured of a place as a whole, second by second: the names that scenarios expect figures of."""

from sim.worlds.model import World


def measure(world: World, elapsed_s: float) -> dict[str, float]:
    """By name with unit; a name is absent where the place has no such thing."""
    measured: dict[str, float] = {}
    if world.fire is not None:
        measured["fire_area_m2"] = round(world.fire.area_m2(elapsed_s), 1)
    if world.water is not None:
        measured["water_level_m"] = round(world.water.surface_m, 3)
    return measured
