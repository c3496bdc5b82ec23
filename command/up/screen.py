"""The screen of a running site: its web server as a child process."""

import asyncio
import subprocess
from pathlib import Path

from command.app.children import Children
from command.errors import EnvironmentLacks
from command.site.model import SiteConfig


async def open_screen(
    children: Children, site: SiteConfig, socket: Path, *, terrain: Path, operator: str, port: int
) -> tuple[str, subprocess.Popen[bytes]]:
    """Its address, which carries this session's token, and the process.

    Raises EnvironmentLacks with the server's own sentence.
    """
    arguments = [
        "--hub", str(socket), "--terrain", str(terrain), "--port", str(port), "--operator", operator,
        "--title", site.titles[0], "--title-zh", site.titles[1],
    ]
    child = children.start("web", "command.web", *arguments, *([] if site.is_simulated else ["--real"]), is_heard=True)
    assert child.stdout is not None
    line = (await asyncio.to_thread(child.stdout.readline)).decode().strip()
    if not line:
        await asyncio.to_thread(child.wait)
        raise EnvironmentLacks(children.last_words("web") or "the screen's server ended without a word")
    return line, child
