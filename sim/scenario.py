"""The door to what an incident file says: `load(path, seed=7)` gives a checked `Scenario` or a ScenarioError."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

from sim.scenarios import hazard_sense, model, sense
from sim.scenarios.model import Scenario
from sim.scenarios.reader import read_table
from sim.scenarios.source import ScenarioError, index_lines

SCENARIOS = Path(__file__).parent / "scenarios"

__all__ = ["SCENARIOS", "Scenario", "ScenarioError", "load", "parse", "shipped"]


def shipped(name: str) -> Path:
    """Path of a scenario that comes with Taihang, such as `mountain_search`."""
    return SCENARIOS / f"{name}.toml"


def load(file: Path, *, seed: int | None = None) -> Scenario:
    """Read and check a scenario file; `seed` overrides the file's.

    Raises ScenarioError, whose text names file, line, field and remedy.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as reason:
        raise ScenarioError(file=file, line=1, field="", remedy=f"cannot be read ({reason.strerror})") from reason
    except UnicodeDecodeError as reason:
        raise ScenarioError(file=file, line=1, field="", remedy="is not UTF-8 text; save it as UTF-8") from reason
    scenario = parse(text, file=file)
    return scenario if seed is None else replace(scenario, seed=seed)


def parse(text: str, *, file: Path) -> Scenario:
    """As `load`, from a text; `file` is only named in errors."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        match = re.search(r"^(.*) \(at line (\d+), column (\d+)\)$", str(reason))
        what = f"{match[1]} in column {match[3]}" if match else str(reason)
        line = int(match[2]) if match else text.count("\n") + 1
        raise ScenarioError(file=file, line=line, field="", remedy=f"is no TOML: {what}; mend the line") from reason
    source = index_lines(file, text)
    written = table.get("schema")
    if isinstance(written, int) and written > model.SCHEMA:
        remedy = f"is {written}, newer than this release reads ({model.SCHEMA}); update Taihang"
        raise source.error("schema", remedy)
    scenario: Scenario = read_table(source, Scenario, table)
    sense.check(source, scenario)
    return hazard_sense.with_whole_paths(scenario, file)
