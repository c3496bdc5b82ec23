"""The mission service's process. After a crash it reads the record and goes on where the mission is."""

from pathlib import Path

from command.app.layout import MISSIONS, RunConfig
from command.app.party import Control, bus_of, participant
from command.bus.stream_bus import StreamBus
from command.store.record import Record
from command.survey import load_survey
from missions.service import MissionService


def run(config: RunConfig, control: Control) -> None:
    scenario = config.load_scenario()
    party = participant(MISSIONS, config, scenario, control)
    bus = bus_of(MISSIONS, config, party)
    party.join()
    folder = Path(config.folder)
    service = MissionService(bus, party.clock, load_survey(folder / "terrain.npz").terrain, scenario.frame())
    known = 0 if config.keeps_journals else _restore(service, folder / "events.db")
    party.run(_serve(bus, service, known))


async def _serve(bus: StreamBus, service: MissionService, known: int) -> None:
    bus.announce(after=known)
    await service.run()


def _restore(service: MissionService, path: Path) -> int:
    """Number of the last event the service now knows; with a journal it lives its inputs again instead."""
    if not path.is_file():
        return 0
    record = Record(path, read_only=True)
    events = list(record.events())
    record.close()
    service.restore((event.topic, event.at, event.value()) for event in events)
    return events[-1].seq if events else 0
