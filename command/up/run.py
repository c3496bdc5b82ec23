"""Runs a site until it is asked to end: opens its record and links, serves its socket, starts its screen."""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command.app.children import Children
from command.app.signals import ASK_TO_END
from command.errors import BadInput, EnvironmentLacks
from command.site.model import SiteConfig
from command.store.record import Record, RecordBroken, RecordUnavailable
from command.store.telemetry import Telemetry
from command.survey import save_survey
from command.timing.heap import settle_heap
from command.up.clock import SiteClock
from command.up.folder import held, socket_of
from command.up.planner import PlannerProcess, planner_command
from command.up.screen import open_screen
from command.up.stack import Stack, Stores
from fleet.links.ends import LinkRefused
from fleet.links.signing_file import SigningFileDamaged
from fleet.wire.warm_up import compile_loops

SCREEN_LOOKED_AT_S = 1.0
SURVEY = "terrain.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a site is to run. `port` None: without a screen; 0 takes a free one."""

    operator: str | None
    port: int | None
    say: Callable[[str], None]
    on_ready: Callable[[dict[str, Any]], None]


def run_site(site: SiteConfig, wanted: Wanted) -> None:
    """Returns when a signal asked for the end. Raises BadInput and EnvironmentLacks."""
    with ExitStack() as stack:
        stack.enter_context(held(site.record))
        stores = _stores(site, stack)
        save_survey(site.record / SURVEY, site.survey)
        children = stack.enter_context(Children(site.record))
        compile_loops()
        settle_heap()
        asyncio.run(_run(site, wanted, stores, children))


def _stores(site: SiteConfig, stack: ExitStack) -> Stores:
    try:
        record = Record(site.record / "events.db")
        stack.callback(record.close)
        telemetry = Telemetry(site.record / "telemetry.db")
        stack.callback(telemetry.close)
        for key, value in (("scenario", site.name), ("title", site.titles[0]), ("title_zh", site.titles[1])):
            record.set_meta(key, value)
    except RecordUnavailable as error:
        raise EnvironmentLacks(str(error)) from error
    except RecordBroken as error:
        raise BadInput(f"{error}: move it away, or name another record in [site]") from error
    return Stores(record=record, telemetry=telemetry)


async def _run(site: SiteConfig, wanted: Wanted, stores: Stores, children: Children) -> None:
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    for number in ASK_TO_END:
        loop.add_signal_handler(number, asked.set)
    last = max((event.at.mono_ns for event in stores.record.events()), default=0)
    clock = SiteClock(loop, utc_ns=time.time_ns(), not_before_ns=last + 1)
    planner = PlannerProcess(planner_command(site.record / SURVEY), site.record / "planner.log")
    try:
        stack = Stack(site, stores, clock, later=loop.call_soon, say=wanted.say, planner=planner)
    except SigningFileDamaged as error:
        raise BadInput(str(error)) from error
    known = stack.restore()
    if known:
        wanted.say(f"record: {site.record}, {known} events of before")
    try:
        links = await stack.open()
    except LinkRefused as error:
        raise EnvironmentLacks(f"{error}: choose another address in {site.file}") from error
    socket = socket_of(site.record)
    is_open = asyncio.Event()
    jobs = [
        loop.create_task(job) for job in (
            links.run(), stack.run_fleet(), stack.run_missions(), planner.run(),
            stack.door(socket, operator=wanted.operator).serve(is_open.set), asked.wait(),
        )
    ]
    try:
        opening = loop.create_task(_ready(site, wanted, children, socket, stack, is_open))
        await _first(jobs, opening)
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await asyncio.sleep(0)  # whoever was cut off at the door leaves
    if not stack.settle():
        raise EnvironmentLacks(f"{site.record}/events.db lacks the last events: make room on its disk")
    wanted.say("ended")


async def _first(jobs: list[asyncio.Task[Any]], opening: asyncio.Task[None]) -> None:
    """Until the first job ends, which is the wish to end or an error; what was found wrong is raised."""
    pending = {*jobs, opening}
    try:
        while True:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            if done - {opening}:
                return
    finally:
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)


async def _ready(
    site: SiteConfig, wanted: Wanted, children: Children, socket: Path, stack: Stack, is_open: asyncio.Event
) -> None:
    """Tells that tools may come, once the screen is there, too; and when the screen has died, which ends nothing."""
    await is_open.wait()
    url, screen = None, None
    if wanted.port is not None and wanted.operator is not None:
        url, screen = await open_screen(
            children, site, socket, terrain=site.record / SURVEY, operator=wanted.operator, port=wanted.port
        )
    links = stack.links
    assert links is not None
    wanted.on_ready({
        "site": site.name, "record": str(site.record), "is_simulated": site.is_simulated, "socket": str(socket),
        "screen": url,
        "links": {
            spec.name: {"address": str(spec.address), "port": links.port(spec.name)} for spec in site.links
        },
    })
    while screen is not None:
        await asyncio.sleep(SCREEN_LOOKED_AT_S)
        if screen.poll() is not None:
            wanted.say(f"the screen is gone ({children.reason('web')}); everything else goes on")
            return
