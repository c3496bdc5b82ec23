"""`taihang sim`: simulated machines for others' tools, and scenario files."""

from typing import Annotated

import typer

from command.cli.demo import load_scenario

app = typer.Typer(help="Simulated machines and scenario files.", no_args_is_help=True)


@app.command()
def check(scenario: Annotated[str, typer.Argument(help="a shipped name or a .toml file")]) -> None:
    """Validate a scenario; errors name file, line, field and remedy.

    Example: taihang sim check my_incident.toml
    """
    loaded, path = load_scenario(scenario, None)
    print(f"{path}: {loaded.name}, {len(loaded.vehicles)} vehicles, {len(loaded.people.poses)} people: valid")
