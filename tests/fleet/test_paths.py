"""One vehicle on several links: the freshest datum counts, commands go by the healthiest, none is lost at hand-over."""

import asyncio
from collections.abc import Callable

import pytest

from fleet.commands import AckResult, Verb
from fleet.links.address import Address, Bearer, LinkSpec
from fleet.model import FlightMode, LinkState, VehicleKind
from fleet.roster import PathSpec, RosterEntry
from tests.support.fleet_bench import FleetBench, fleet_bench, run_virtual
from world.ids import VehicleId

Deliver = Callable[[bytes], None]
U01 = VehicleId("U01")
BOTH = RosterEntry(
    vehicle=U01, kind=VehicleKind.COPTER, sysid=1, paths=(PathSpec(link="radio"), PathSpec(link="satellite"))
)
LINKS = (
    LinkSpec(name="radio", address=Address.parse("serial:/dev/ttyUSB0:57600")),
    LinkSpec(name="satellite", address=Address.parse("tcpout:10.0.0.7:5760"), bearer=Bearer.SATELLITE),
)


class Cable:
    """A link that can be cut, and takes its time."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.is_cut = False
        self.carried = 0

    def channel(self, deliver: Deliver) -> Deliver:
        def carry(data: bytes) -> None:
            if not self.is_cut:
                self.carried += 1
                asyncio.get_running_loop().call_later(self.delay_s, deliver, data)

        return carry


def paths(bench: FleetBench) -> dict[str, tuple[LinkState, bool]]:
    report = bench.bus.of("fleet/links")[-1]
    return {path.name: (path.state, path.is_primary) for path in report.paths}


@pytest.mark.parametrize("verb", [Verb.HOLD, Verb.SET_SPEED, Verb.ARM])
@pytest.mark.parametrize("cut_s", [0.0, 0.05, 0.3, 0.7, 1.1])
def test_a_command_survives_the_death_of_its_link(verb: Verb, cut_s: float) -> None:
    async def main() -> None:
        radio, satellite = Cable(0.02), Cable(0.7)
        channels = {"radio": radio.channel, "satellite": satellite.channel}
        async with fleet_bench(entries=[BOTH], channels=channels, links=LINKS, settle_s=15.0) as bench:
            assert paths(bench) == {
                "radio": (LinkState.FRESH, True), "satellite": (LinkState.FRESH, False)
            }
            asyncio.get_running_loop().call_later(cut_s, setattr, radio, "is_cut", True)
            began = bench.clock.now()
            ack = await bench.ack(bench.give(verb, speed_m_s=5.0, in_s=30.0))
            assert ack.result is AckResult.ACCEPTED
            assert began.age_s(ack.at) < 7.0
            await bench.clock.sleep(6.0)
            assert paths(bench)["satellite"] == (LinkState.FRESH, True)
            assert bench.state().link is LinkState.FRESH
            told = [alarm.key for alarm in bench.bus.of("alarm") if alarm.is_active]
            assert "U01/path_silent" in told

    run_virtual(main())


def test_a_slow_link_never_puts_the_clock_back() -> None:
    """Heights of a climb and the mode come by a link that is two seconds behind, too."""
    async def main() -> None:
        channels = {"radio": Cable(0.02).channel, "satellite": Cable(2.0).channel}
        async with fleet_bench(entries=[BOTH], channels=channels, links=LINKS, settle_s=15.0) as bench:
            bench.peers[U01].has_clock = True
            await bench.clock.sleep(3.0)
            await bench.done(Verb.TAKE_OFF, height_m=25.0)
            heights = []
            for _ in range(60):
                await bench.clock.sleep(0.1)
                heights.append(bench.state().height_above_home_m)
            assert heights == sorted(heights)
            await bench.done(Verb.HOLD)
            modes = set()
            for _ in range(40):
                await bench.clock.sleep(0.1)
                modes.add(bench.state().mode)
            assert modes == {FlightMode.HOLD}

    run_virtual(main())


def test_what_ends_motion_goes_by_every_link() -> None:
    async def main() -> None:
        radio, satellite = Cable(0.02), Cable(0.7)
        channels = {"radio": radio.channel, "satellite": satellite.channel}
        async with fleet_bench(entries=[BOTH], channels=channels, links=LINKS, settle_s=15.0) as bench:
            orders = [command for command, _ in bench.peers[U01].commands if command == 176]
            await bench.done(Verb.STOP)
            await bench.clock.sleep(2.0)
            again = [command for command, _ in bench.peers[U01].commands if command == 176]
            assert len(again) - len(orders) >= 2

    run_virtual(main())


def test_a_link_that_comes_back_after_ten_minutes_is_whole_again_within_three_seconds() -> None:
    async def main() -> None:
        cable = Cable(0.3)
        async with fleet_bench(channel=cable.channel, settle_s=10.0) as bench:
            cable.is_cut = True
            await bench.clock.sleep(300.0)
            assert bench.state().link is LinkState.LOST
            bench.peers[U01].intervals.clear()  # it was switched off meanwhile and streams nothing by itself
            bench.peers[U01].battery_pct = 61
            await bench.clock.sleep(300.0)
            carried = cable.carried
            cable.is_cut = False
            began = bench.clock.now()
            while not (bench.state().link is LinkState.FRESH and bench.state().battery_pct == 61):
                await bench.clock.sleep(0.05)
                assert began.age_s(bench.clock.now()) < 3.0
            await bench.clock.sleep(3.0 - began.age_s(bench.clock.now()))
            assert set(bench.peers[U01].intervals) >= {1, 30, 33, 42, 193, 245}
            assert bench.state().is_ready
            assert carried < cable.carried

    run_virtual(main())
