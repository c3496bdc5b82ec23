"""The hub's process: record, fan-out, the operator by policy, and the door for screens."""

import asyncio
from pathlib import Path

from command.app.intent import search_intent
from command.app.layout import BUS_UP, HUB, OUTSIDE, RunConfig
from command.app.noise import note_noise
from command.app.operator import PolicyOperator
from command.app.party import Control, participant
from command.bus.codec import decode_frame, encode_subscription
from command.bus.hub import Hub
from command.bus.stream_bus import StreamBus
from command.errors import EnvironmentLacks
from command.store.record import Record
from command.store.telemetry import Telemetry
from command.survey import load_survey
from command.timing import Door, Outside, Participant, Visit
from command.topics import TOPICS
from missions.direct import commands_of
from missions.model import Order, Phase
from world.ids import OperatorId

POLICY = OperatorId("policy-commander")
DIRECT_PORT = "direct"
ENDED = frozenset({Phase.DONE, Phase.FAILED})
OUTSIDE_MAY_SAY = frozenset({"mission/intent", "mission/approval", "mission/order"})
SCRIPTED_MAY_SAY = OUTSIDE_MAY_SAY | {"fleet/command"}
LINGER_S = 6.0
"""From the mission's end to the run's: longer than every latency, so that the last acks are recorded."""


def run(config: RunConfig, control: Control) -> None:
    scenario = config.load_scenario()
    folder = Path(config.folder)
    party = participant(HUB, config, scenario, control)
    for role, number in BUS_UP.items():
        path = Path(config.sockets) / f"bus-{role}"
        party.links.stream(path, incoming=number, outgoing=number + 1, is_listening=True)
    door = party.links.external(OUTSIDE, Path(config.sockets) / "hub")
    relives = config.keeps_journals
    record = Record(folder / "events.db", relives=relives)
    telemetry = Telemetry(folder / "telemetry.db", relives=relives)
    record.set_meta("scenario", scenario.name)
    record.set_meta("title", scenario.titles[0])
    record.set_meta("title_zh", scenario.titles[1])
    record.set_meta("seed", str(scenario.seed))
    record.set_meta("eyes", config.eyes)
    party.join()
    hub = Hub(record, telemetry, party.clock, later=party.loop.call_soon)
    for role, number in BUS_UP.items():
        _connect(party, hub, role, number)
    _open(door, hub, SCRIPTED_MAY_SAY if config.takes_commands else OUTSIDE_MAY_SAY)
    _send_at_once(hub, party)
    operator = _operator(hub, party, config) if config.has_mission else None
    try:
        party.run(_serve(party, operator))
    finally:
        telemetry.close()
        is_whole = hub.settle()
        record.close()
        note_noise(HUB, {"bad frames": sum(hub.bad_frames.values()), "clients that spoke no frames": door.garbage})
    if not is_whole:
        raise EnvironmentLacks(f"{record.path} lacks the last events: they could not be written; make room on its disk")


def _connect(party: Participant, hub: Hub, role: str, number: int) -> None:
    hub.connect(role, lambda frame: party.send(number + 1, frame))
    party.on(number, lambda frame: hub.receive(role, frame))


def _operator(hub: Hub, party: Participant, config: RunConfig) -> PolicyOperator:
    scenario = config.load_scenario()
    terrain = load_survey(Path(config.folder) / "terrain.npz").terrain
    bus = StreamBus(lambda frame: hub.receive(POLICY, frame))
    hub.connect(POLICY, bus.receive)
    intent = search_intent(scenario, terrain, asked_by=POLICY, water_up_m=config.water_up_m)
    operator = PolicyOperator(bus, party.clock, intent, name=POLICY, approves=config.approves)
    bus.announce()
    return operator


def _open(door: Door, hub: Hub, topics: frozenset[str]) -> None:
    """Outside clients hear everything from the beginning; they may say these topics, nothing else."""

    def visit(event: Outside) -> None:
        port = f"outside-{event.client}"
        match event.visit:
            case Visit.OPENED:
                hub.connect(port, lambda frame: door.send(event.client, frame))
                hub.receive(port, encode_subscription(list(TOPICS), after=0))
            case Visit.SAID:
                if may_say(event.data, topics):
                    hub.receive(port, event.data)
                else:
                    hub.bad_frames[port] = hub.bad_frames.get(port, 0) + 1
            case Visit.LEFT:
                hub.disconnect(port)

    door.on(visit)


def may_say(frame: bytes, topics: frozenset[str] = OUTSIDE_MAY_SAY) -> bool:
    try:
        return decode_frame(frame)[0] in topics
    except ValueError:
        return False


def _send_at_once(hub: Hub, party: Participant) -> None:
    """Stop, hold and return reach the fleet although the mission service be dead or slow."""
    bus = StreamBus(lambda frame: hub.receive(DIRECT_PORT, frame))
    hub.connect(DIRECT_PORT, bus.receive)

    def send(order: Order) -> None:
        for command in commands_of(order, party.clock.now()):
            bus.publish("fleet/command", command)

    bus.subscribe("mission/order", send)
    bus.announce()


async def _serve(party: Participant, operator: PolicyOperator | None) -> None:
    """Without an operator the run ends when its time is up."""
    if operator is None:
        return
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(operator.run())
        while operator.phase not in ENDED:
            await party.clock.sleep(1.0)
        party.end_run(LINGER_S)
        await party.clock.sleep(LINGER_S * 2)
