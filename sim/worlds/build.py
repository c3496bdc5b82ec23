"""Makes a scenario into a place, the same one for the same seed."""

from math import cos, radians, sin

import numpy as np

from sim.scenarios.model import Scenario, WeatherSpec
from sim.worlds.fire import kindle
from sim.worlds.forest import grow
from sim.worlds.ground import Floats, paint
from sim.worlds.hills import synthesise
from sim.worlds.model import Water, World
from sim.worlds.people import place
from world.terrain import Terrain


def build_world(scenario: Scenario) -> World:
    """Raises NoRoomForPeople when the forest leaves no spot for the group."""
    terrain = synthesise(scenario)
    blobs = grow(scenario, terrain)
    sun = _sun(scenario.weather)
    return World(
        scenario=scenario,
        terrain=terrain,
        steepest=_steepest(terrain),
        blobs=blobs,
        people=place(scenario, terrain, blobs),
        ground=paint(scenario, terrain, blobs, sun),
        sun=sun,
        water=water_of(scenario, terrain),
        fire=kindle(scenario, scenario.fire, terrain) if scenario.fire else None,
    )


def water_of(scenario: Scenario, terrain: Terrain) -> Water | None:
    """The lake at the level of its middle, None where a scenario has none."""
    lake = scenario.reservoir
    return Water(spec=lake, surface_m=terrain.height_m(*lake.at_m)) if lake else None


def _sun(weather: WeatherSpec) -> Floats:
    azimuth, elevation = radians(weather.sun_azimuth_deg), radians(weather.sun_elevation_deg)
    return np.array([cos(elevation) * sin(azimuth), cos(elevation) * cos(azimuth), sin(elevation)])


def _steepest(terrain: Terrain) -> float:
    """Largest slope of any bilinear facet: the two edge slopes of a cell add up at worst."""
    heights = terrain.heights_m.astype(float)
    east = np.abs(np.diff(heights, axis=1)).max() / terrain.cell_m
    north = np.abs(np.diff(heights, axis=0)).max() / terrain.cell_m
    return float(np.hypot(east, north))
