"""A role's part in the run: its place in simulated time and its stream to the hub."""

from pathlib import Path

from command.app.layout import BUS_UP, RunConfig, channels
from command.bus.stream_bus import StreamBus
from command.timing import OneProcess, Participant
from sim.scenario import Scenario

Control = Path | OneProcess | None
"""Who grants time: the owner behind a socket, or in this very process; nobody in live time."""


def participant(role: str, config: RunConfig, scenario: Scenario, control: Control) -> Participant:
    return Participant(
        role,
        channels(scenario, config.eyes),
        control=control,
        journal=config.journal(role),
        epoch_utc_ns=scenario.starts_utc_ns,
    )


def bus_of(role: str, config: RunConfig, party: Participant) -> StreamBus:
    """Before `join`: the stream is one of the sockets that the others are told of."""
    number = BUS_UP[role]
    path = Path(config.sockets) / f"bus-{role}"
    party.links.stream(path, incoming=number + 1, outgoing=number, is_listening=False)
    bus = StreamBus(lambda frame: party.send(number, frame))
    party.on(number + 1, bus.receive)
    return bus
