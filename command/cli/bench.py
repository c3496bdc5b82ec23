"""`taihang bench NAME`: prints the figures that the README quotes, beside their baselines, from one run."""

import importlib
import platform
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from command.errors import BadInput

NAMES = ("wire", "fleet", "together", "demo", "detect", "georef", "json_backend", "gazebo")


def machine() -> str:
    return f"{platform.machine()} {platform.system()} Python {platform.python_version()}"


def bench(
    name: Annotated[str, typer.Argument(help="one of: " + ", ".join(NAMES))],
    seed: Annotated[int, typer.Option(help="seed of the generated cases")] = 7,
    quick: Annotated[bool, typer.Option("--quick", help="fewer repetitions, for a first look")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one flat JSON object on stdout")] = False,
) -> None:
    """Measure one part of the stack.

    Example: taihang bench wire --json
    """
    if name not in NAMES:
        raise BadInput(f"no benchmark is called {name!r}: choose one of {', '.join(NAMES)}")
    figures: dict[str, Any] = importlib.import_module(f"benchmarks.{name}").run(seed=seed, quick=quick)
    figures.setdefault("machine", machine())
    if as_json:
        print(msgspec.json.encode(figures).decode())
        return
    table = Table("figure", "value", title=f"bench {name}")
    for key, value in figures.items():
        table.add_row(key, f"{value:,.4g}" if isinstance(value, float) else str(value))
    Console().print(table)
