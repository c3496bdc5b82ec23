"""What programs at a share hear and are told: leases, refusals in words, missions held back, floods, garbage, ports."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.commands import Lease
from fleet.guard.guest_frames import Guest
from fleet.share.desk import ShareDesk
from fleet.share.share import Share, Terms
from fleet.shares import ShareAct, ShareEvent, ShareOutcome, ShareRequest
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from tests.support.fleet_bench import COMMANDER, PILOT, STRANGER, FleetBench, at, fleet_bench, run_virtual
from world.ids import OperatorId, VehicleId

UNIT = VehicleId("U01")
TO: dict[str, Any] = {"target_system": 1, "target_component": 1}


@dataclass(slots=True)
class Stage:
    """A share of the bench's copter with programs at it, by name."""

    bench: FleetBench
    told: list[tuple[ShareOutcome, str]] = field(default_factory=list)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    ordered: list[int] = field(default_factory=list)
    encoders: dict[str, Encoder] = field(default_factory=dict)

    def share(self, guest: OperatorId = PILOT) -> Share:
        made = Share(Terms(
            guest=Guest(name=guest, allows_arming=True), sysid=1, gate=self.bench.guard.guests, board=self.bench.board,
            state=self.bench.service.session(UNIT).state, clock=self.bench.clock.now,
            send=lambda link, peer, data: self.sent.append((peer, data)),
            tell=lambda outcome, words: self.told.append((outcome, words)), ordered=self.ordered.append,
        ))
        self.bench.board.tap(UNIT, made.overhear)
        return made

    def say(self, share: Share, name: str, *, by: str = "a", ids: tuple[int, int] = (245, 191), **fields: Any) -> None:
        encoder = self.encoders.setdefault(by, Encoder(*ids))
        share.hear("TCP", encoder.encode(name, **fields), by, self.bench.clock.now(), is_stream=True)

    def order(self, share: Share, number: int, *params: float, by: str = "a") -> None:
        given: dict[str, Any] = {f"param{k}": value for k, value in enumerate([*params, *[0.0] * (7 - len(params))], 1)}
        self.say(share, "COMMAND_LONG", by=by, command=number, confirmation=0, **TO, **given)

    def heard(self, name: str, by: str = "a", **fields: Any) -> list[Message]:
        decoder = Decoder()
        frames = [frame for peer, data in self.sent if peer == by for frame in parse_datagram(data)]
        messages = [message for frame in frames if (message := decoder.decode(frame)) is not None]
        return [
            message for message in messages if message.SPEC.name == name
            and all(getattr(message, key) == value for key, value in fields.items())
        ]

    def texts(self, by: str = "a") -> str:
        return "".join(message.text for message in self.heard("STATUSTEXT", by))


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    async with fleet_bench() as bench:
        yield Stage(bench)


def test_what_the_vehicle_says_comes_as_it_was_said() -> None:
    async def main() -> None:
        async with stage() as on:
            raw: list[bytes] = []
            on.bench.board.tap(UNIT, lambda frame, octets: raw.append(octets))
            on.say(on.share(), "HEARTBEAT", type=6, autopilot=8, base_mode=0, custom_mode=0, system_status=4)
            await on.bench.clock.sleep(2.0)
            got = {data for peer, data in on.sent}
            assert got <= set(raw)
            assert len(on.heard("HEARTBEAT")) >= 1
            assert on.told == [(ShareOutcome.JOINED, "A program of pilot has come by TCP.")]

    run_virtual(main())


def test_answers_go_to_who_asked_under_the_ids_he_asked_with() -> None:
    async def main() -> None:
        async with stage() as on:
            share = on.share()
            on.order(share, 512, 148, by="a")
            on.say(share, "HEARTBEAT", by="b", type=6, autopilot=8, base_mode=0, custom_mode=0, system_status=4)
            await on.bench.clock.sleep(1.0)
            (ack,) = on.heard("COMMAND_ACK")
            assert (ack.command, ack.target_system, ack.target_component) == (512, 245, 191)
            assert not on.heard("COMMAND_ACK", by="b")

    run_virtual(main())


def test_who_holds_no_lease_is_told_who_does() -> None:
    async def main() -> None:
        async with stage() as on:
            on.order(on.share(STRANGER), 400, 1)
            assert on.heard("COMMAND_ACK", command=400, result=2, target_system=245)
            assert "stranger does not hold the lease of U01; pilot does" in on.texts()
            assert on.told[-1][0] is ShareOutcome.HELD_BACK

    run_virtual(main())


def test_a_guest_whose_lease_is_taken_or_ends_is_refused_from_then_on() -> None:
    async def main() -> None:
        async with stage() as on:
            share, clock = on.share(), on.bench.clock
            on.order(share, 20)
            assert not on.texts()
            taken = Lease(vehicle=UNIT, holder=COMMANDER, expires=clock.now().plus_s(5.0))
            on.bench.authority.grant(taken, clock.now())
            on.order(share, 20)
            assert "commander does" in on.texts()
            await clock.sleep(6.0)
            on.order(share, 20)
            assert "nobody does" in on.texts()

    run_virtual(main())


def items(*places_m: tuple[float, float, float]) -> list[dict[str, Any]]:
    plain = TO | {"autocontinue": 1, "mission_type": 0} | {f"param{k}": 0.0 for k in range(1, 5)}
    places = [at(0, 0, 0), *(at(*place) for place in places_m)]
    return [
        plain | {
            "seq": seq, "frame": 0, "command": 16, "current": int(seq == 0), "x": round(place.lat_deg * 1e7),
            "y": round(place.lon_deg * 1e7), "z": place.height_m,
        }
        for seq, place in enumerate(places)
    ]


async def upload(on: Stage, share: Share, wanted: list[dict[str, Any]]) -> Message:
    """As a ground station does it: item by item as it is asked; the end of it."""
    on.say(share, "MISSION_COUNT", **TO, count=len(wanted), mission_type=0)
    for _ in range(200):
        if acks := on.heard("MISSION_ACK"):
            return acks[-1]
        asked = on.heard("MISSION_REQUEST")
        on.say(share, "MISSION_ITEM_INT", **wanted[asked[-1].seq])
        share.tick(on.bench.clock.now())
        await on.bench.clock.sleep(0.1)
    raise AssertionError(on.told)


def test_a_mission_that_passes_comes_on_board_and_may_start() -> None:
    async def main() -> None:
        async with stage() as on:
            share = on.share()
            ack = await upload(on, share, items((100, 0, 40), (100, 100, 40)))
            assert (ack.type, ack.target_system, ack.target_component) == (0, 245, 191)
            on.order(share, 300)
            assert not on.texts()

    run_virtual(main())


def test_a_mission_beyond_the_fence_never_reaches_the_vehicle() -> None:
    async def main() -> None:
        async with stage() as on:
            share = on.share()
            ack = await upload(on, share, items((100, 0, 40), (900, 0, 40)))
            assert ack.type == 14
            assert "fence" in on.texts()
            on.order(share, 300)
            assert on.heard("COMMAND_ACK", command=300, result=2)

    run_virtual(main())


def test_a_mission_that_does_not_come_whole_is_given_up() -> None:
    async def main() -> None:
        async with stage() as on:
            share = on.share()
            on.say(share, "MISSION_COUNT", **TO, count=3, mission_type=0)
            for _ in range(100):
                await on.bench.clock.sleep(0.1)
                share.tick(on.bench.clock.now())
            assert 8 <= len(on.heard("MISSION_REQUEST", seq=0)) <= 9
            assert on.heard("MISSION_ACK")[-1].type == 15

    run_virtual(main())


def test_a_flood_is_dropped_and_leaves_room_for_a_return() -> None:
    async def main() -> None:
        async with stage() as on:
            share = on.share()
            for _ in range(1000):
                on.say(share, "PARAM_REQUEST_READ", **TO, param_id="X", param_index=-1)
            assert "too many messages" in on.texts()
            on.order(share, 20)
            await on.bench.clock.sleep(1.0)
            assert on.heard("COMMAND_ACK", command=20)

    run_virtual(main())


def test_a_refusal_is_told_once_in_a_while_and_sticks_never_pass() -> None:
    async def main() -> None:
        async with stage() as on:
            share = on.share()
            for _ in range(20):
                on.say(share, "RC_CHANNELS_OVERRIDE", **TO | {f"chan{k}_raw": 1500 for k in range(1, 9)})
            assert on.texts().count("safety pilot's radio") == 1
            assert share.held_back == 20

    run_virtual(main())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(noise=st.lists(st.binary(max_size=300), max_size=8))
def test_garbage_makes_nobody_a_guest(noise: list[bytes]) -> None:
    async def main() -> None:
        async with stage() as on:
            share = on.share()
            for data in noise:
                share.hear("UDP", data, "x", on.bench.clock.now(), is_stream=False)
            await on.bench.clock.sleep(0.5)
            assert on.sent == []

    run_virtual(main())


async def first(bench: FleetBench, **rest: Any) -> ShareEvent:
    """A request to the desk and what came of it."""
    wanted = {"act": ShareAct.OPEN, "vehicle": UNIT, "by": COMMANDER, "guest": PILOT} | rest
    known = len(bench.bus.of("fleet/share_event"))
    bench.bus.publish("fleet/share_request", ShareRequest(**wanted))
    for _ in range(100):
        await bench.clock.sleep(0.1)
        if events := bench.bus.of("fleet/share_event")[known:]:
            event: ShareEvent = events[0]
            return event
    raise AssertionError("no event")


def test_shares_open_close_and_say_why_they_do_not() -> None:
    async def main() -> None:
        async with fleet_bench() as bench:
            desk = ShareDesk(
                bus=bench.bus, clock=bench.clock, service=bench.service, guard=bench.guard, board=bench.board,
                authority=bench.authority,
            )
            async with bench_task(desk):
                opened = await first(bench, for_s=60.0)
                assert opened.outcome is ShareOutcome.OPENED
                assert "motors may not be started" in opened.reason
                taken = await first(bench, port=opened.tcp_port)
                assert taken.outcome is ShareOutcome.REFUSED
                assert "in use" in taken.reason
                with socket.create_server(("127.0.0.1", 0)) as busy:
                    assert "in use" in (await first(bench, port=busy.getsockname()[1])).reason
                assert "not in the roster" in (await first(bench, vehicle=VehicleId("U99"))).reason
                assert "pilot holds its lease" in (await first(bench, by=STRANGER)).reason
                assert "is no port" in (await first(bench, port=70000)).reason
                assert "may not close" in (await first(bench, act=ShareAct.CLOSE, by=STRANGER)).reason
                closed = await first(bench, act=ShareAct.CLOSE, by=PILOT)
                assert closed.outcome is ShareOutcome.CLOSED
                assert "is not shared" in (await first(bench, act=ShareAct.CLOSE)).reason
                await first(bench, for_s=1.0)
                await bench.clock.sleep(2.0)
                assert bench.bus.of("fleet/share_event")[-1].reason == "Its time is over."

    run_virtual(main())


@asynccontextmanager
async def bench_task(desk: ShareDesk) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.run())
        yield
        running.cancel()
