"""Time of a site goes on over restarts."""

from command.up.clock import SiteClock
from tests.support.virtual_time import VirtualLoop
from world.time import NS_PER_S

EPOCH_NS = 1_790_000_000 * NS_PER_S


def test_ages_hold_over_a_restart_and_a_wait_ends_in_time() -> None:
    loop = VirtualLoop()
    loop.run_until_complete(_wait(loop))
    loop.close()


async def _wait(loop: VirtualLoop) -> None:
    first = SiteClock(loop, utc_ns=EPOCH_NS)
    seen = first.now()
    await first.sleep_until(seen.mono_ns + 3 * NS_PER_S)
    assert seen.age_s(first.now()) == 3.0
    again = SiteClock(loop, utc_ns=EPOCH_NS + 60 * NS_PER_S, not_before_ns=first.now().mono_ns)
    assert seen.age_s(again.now()) == 60.0


def test_a_clock_set_back_does_not_bring_back_the_past() -> None:
    loop = VirtualLoop()
    now = SiteClock(loop, utc_ns=EPOCH_NS - 3600 * NS_PER_S, not_before_ns=EPOCH_NS + 1).now()
    assert now.mono_ns == EPOCH_NS + 1
    assert now.utc_ns == EPOCH_NS - 3600 * NS_PER_S
    loop.close()
