"""`taihang up`: a site with its real links, and the screen on it."""

import getpass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from command.errors import BadInput
from command.site.model import SiteConfig
from command.site.reader import read_site
from command.up.run import Wanted, run_site


def up(
    config: Annotated[Path, typer.Option(help="the site: links, vehicles, fence, people; see docs/site.example.toml")],
    headless: Annotated[bool, typer.Option("--headless", help="no screen")] = False,
    port: Annotated[int, typer.Option(help="of the screen on 127.0.0.1; 0 takes a free one", min=0, max=65535)] = 8080,
    as_name: Annotated[str | None, typer.Option("--as", help="who sits at the screen; default: this user")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON line on stdout when ready")] = False,
) -> None:
    """Run a site on its real links until interrupted: record, fleet, missions, screen.

    Ends by Ctrl-C or SIGTERM; after any other end, start it again and it goes on from its record.
    Example: taihang up --config site.toml
    """
    site = read_site(config)
    operator = _operator(site, as_name, is_needed=not headless)
    console = Console(stderr=as_json, highlight=False)

    def say(sentence: str) -> None:
        console.print(sentence, soft_wrap=True, markup=False)
        console.file.flush()

    def ready(facts: dict[str, Any]) -> None:
        if as_json:
            print(msgspec.json.encode(facts).decode(), flush=True)
            return
        say(f"site: {facts['site']}, record in {facts['record']}")
        if facts["screen"] is not None:
            say(f"screen: {facts['screen']}")
        say("vehicles: taihang vehicle list, taihang link watch; end with Ctrl-C")

    run_site(site, Wanted(operator=operator, port=None if headless else port, say=say, on_ready=ready))


def _operator(site: SiteConfig, name: str | None, *, is_needed: bool) -> str | None:
    """Raises BadInput for a stranger; nobody is needed without a screen."""
    wanted = name or getpass.getuser()
    if wanted in site.users:
        return wanted
    if name is None and not is_needed:
        return None
    names = ", ".join(site.users)
    raise BadInput(f"{wanted} is not in [users] of {site.file}: say who sits at the screen with --as, one of {names}")
