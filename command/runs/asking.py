"""What was asked for, completed by what the scenario itself says. Light: who only starts runs loads no more."""

from dataclasses import replace
from pathlib import Path

from command.app.naming import load_scenario
from command.errors import BadInput
from command.runs.verdict import Asked
from sim.scenario import Scenario


def settled(asked: Asked) -> tuple[Asked, Scenario, Path]:
    """With what the scenario itself says of missions and of its end. Raises BadInput."""
    scenario, path = load_scenario(asked.scenario, asked.seed)
    asked = replace(asked, has_mission=asked.has_mission and scenario.mission)
    if not asked.has_mission and asked.until_s is None and scenario.until_s is None:
        raise BadInput("without a mission nothing ends the run: say how long with --until-s")
    return asked, scenario, path
