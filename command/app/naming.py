"""Scenarios as people name them: a shipped one's name, or a file."""

from pathlib import Path

from command.errors import BadInput
from sim.scenario import SCENARIOS, Scenario, ScenarioError, load, shipped


def load_scenario(name: str, seed: int | None) -> tuple[Scenario, Path]:
    """Raises BadInput, which names those there are, or file, line, field and remedy."""
    path = Path(name) if name.endswith(".toml") else shipped(name)
    if not path.is_file():
        names = ", ".join(sorted(file.stem for file in SCENARIOS.glob("*.toml")))
        raise BadInput(f"there is no scenario {name}: name one of {names}, or a .toml file")
    try:
        return load(path, seed=seed), path
    except ScenarioError as error:
        raise BadInput(str(error)) from error
