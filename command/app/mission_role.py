"""The mission service's process. After a crash it reads the record and goes on where the mission is."""

from pathlib import Path

from command.app.layout import BUS_UP, MISSIONS, RunConfig, channels
from command.bus.stream_bus import StreamBus
from command.store.record import Record
from command.survey import load_survey
from command.timing import Participant
from missions.service import MissionService


def run(config: RunConfig, control: Path | None) -> None:
    scenario = config.load_scenario()
    party = Participant(
        MISSIONS,
        channels(scenario),
        control=control,
        journal=config.journal(MISSIONS),
        epoch_utc_ns=scenario.starts_utc_ns,
    )
    number = BUS_UP[MISSIONS]
    party.links.stream(
        Path(config.sockets) / f"bus-{MISSIONS}", incoming=number + 1, outgoing=number, is_listening=False
    )
    party.join()
    bus = StreamBus(lambda frame: party.send(number, frame))
    party.on(number + 1, bus.receive)
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
