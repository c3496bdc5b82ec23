"""Perception's process: every camera over RTSP and the detector, or boxes from on board; contacts to the hub."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from command.app.layout import PERCEPTION, RTSP, SIM, RunConfig, streams
from command.app.noise import note
from command.app.party import Control, bus_of, participant
from command.app.pictures import keep_playing
from command.bus.stream_bus import StreamBus
from command.errors import EnvironmentLacks
from command.eyes import Eyes
from command.survey import load_survey
from command.timing import Participant
from perception.detectors.person import open_warm_person_detector
from perception.detectors.picture import PictureDetector
from perception.detectors.weights import WeightsMissing, cache_folder
from perception.ingest.source import RtspSource
from perception.ingest.unit import AccessUnit
from perception.service import PerceptionService

CROPS = "contacts"
"""Folder of a run that keeps the best picture of every contact, named by its SHA-256."""


def run(config: RunConfig, control: Control) -> None:
    scenario = config.load_scenario()
    party = participant(PERCEPTION, config, scenario, control)
    bus = bus_of(PERCEPTION, config, party)
    service = _service(config, party, bus)
    rtsp = f"rtsp://127.0.0.1:{party.join()[SIM][RTSP]}"
    decoder = msgspec.msgpack.Decoder(AccessUnit)
    for stream, channel in streams(scenario, config.eyes).items():
        source = RtspSource(
            reactor=party.links, url=f"{rtsp}/{stream}", stream=stream, on_unit=_deliverer(party, channel)
        )
        party.on(channel, lambda data: service.on_access_unit(decoder.decode(data)))
        keep_playing(party, source)
    party.run(_serve(bus, service))


async def _serve(bus: StreamBus, service: PerceptionService) -> None:
    bus.announce()
    await service.run()


def _service(config: RunConfig, party: Participant, bus: StreamBus) -> PerceptionService:
    crops = Path(config.folder) / CROPS
    crops.mkdir(exist_ok=True)
    survey = load_survey(Path(config.folder) / "terrain.npz")
    return PerceptionService(
        bus,
        party.clock,
        terrain=survey.terrain,
        frame=survey.frame,
        detector=_detector() if config.eyes is Eyes.PIXELS else None,
        keep=lambda digest, jpeg: _keep(crops / f"{digest}.jpg", jpeg),
        cpu_s=time.process_time,
    )


def _detector() -> PictureDetector:
    try:
        return open_warm_person_detector(cache_folder())
    except WeightsMissing as error:
        raise EnvironmentLacks(str(error)) from error


def _keep(path: Path, jpeg: bytes) -> None:
    """Whole or not at all; the search goes on without a picture that the disk refuses."""
    temporary = path.with_suffix(".new")
    try:
        temporary.write_bytes(jpeg)
        temporary.replace(path)
    except OSError as error:
        note(f"{PERCEPTION}: {path.name} was not kept: {error.strerror}")
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _deliverer(party: Participant, channel: int) -> Callable[[AccessUnit], None]:
    return lambda unit: party.links.deliver(channel, msgspec.msgpack.encode(unit))
