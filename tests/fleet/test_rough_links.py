"""Over a bad link every command ends, and never with a false yes."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.commands import AckResult, Verb
from fleet.drivers.mavlink.items import Item, difference, mission_of
from fleet.wire.enums import MavFrame
from tests.support.fleet_bench import fleet_bench, route, run_virtual
from tests.support.rough_channel import Roughness, rough
from tests.support.scripted_autopilot import HOME, ScriptedAutopilot
from world.position import Geodetic

WANTED = route(5)
HOME_AT = Geodetic(lat_deg=HOME[0], lon_deg=HOME[1], height_m=HOME[2])
ITEMS = mission_of(WANTED, HOME_AT, frame=MavFrame.GLOBAL, with_take_off=True).items


def holds(peer: ScriptedAutopilot) -> bool:
    """Whether the route is really on board."""
    on_board = [
        Item(
            command=item["command"], frame=item["frame"], x=item["x"], y=item["y"], z=item["z"],
            params=(item["param1"], item["param2"], item["param3"], item["param4"]),
        )
        for item in peer.items
    ]
    return difference(ITEMS, on_board) is None


async def sortie(how: Roughness) -> tuple[AckResult, bool, AckResult]:
    """Upload over the link, then stop: result, truth, result of the stop."""
    async with fleet_bench(channel=rough(how), settle_s=12.0) as bench:
        peer = bench.peers[bench.state().vehicle]
        upload = await bench.ack(bench.give(Verb.UPLOAD_ROUTE, route=WANTED, in_s=90.0))
        is_on_board = holds(peer) and peer.current == 1
        stop = await bench.ack(bench.give(Verb.STOP, in_s=30.0))
        assert (stop.result is AckResult.ACCEPTED) <= (peer.mode in (17, 4))
        return upload.result, is_on_board, stop.result


roughnesses = st.builds(
    Roughness,
    seed=st.integers(0, 2**31),
    lost=st.floats(0.0, 0.6),
    repeated=st.floats(0.0, 0.5),
    delay_s=st.floats(0.0, 1.5),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(roughnesses)
def test_every_upload_ends_and_a_yes_is_true(how: Roughness) -> None:
    result, is_on_board, _ = run_virtual(sortie(how))
    assert is_on_board or result is not AckResult.ACCEPTED


@pytest.mark.parametrize("seed", range(5))
def test_a_fifth_lost_is_borne(seed: int) -> None:
    how = Roughness(seed=seed, lost=0.2, repeated=0.1, delay_s=0.3)
    assert run_virtual(sortie(how)) == (AckResult.ACCEPTED, True, AckResult.ACCEPTED)


def test_the_same_seed_ends_the_same() -> None:
    how = Roughness(seed=11, lost=0.3, repeated=0.2, delay_s=0.5)
    assert run_virtual(sortie(how)) == run_virtual(sortie(how))


WISHES = {"RTL_ALT": 4200.0, "WPNAV_SPEED": 640.0, "FS_GCS_ENABLE": 1.0}


async def tried_out(how: Roughness) -> dict[Verb, AckResult]:
    """Upload, parameters and commands over a link, each compared with what is on board at its end."""
    ends: dict[Verb, AckResult] = {}
    async with fleet_bench(channel=rough(how), settle_s=30.0) as bench:
        peer = bench.peers[bench.state().vehicle]
        peer.parameters |= {"WPNAV_SPEED": 500.0, "FS_GCS_ENABLE": 0.0}
        asked: tuple[tuple[Verb, dict[str, Any], Callable[[], bool]], ...] = (
            (Verb.UPLOAD_ROUTE, {"route": WANTED}, lambda: holds(peer)),
            (Verb.SET_PARAMETERS, {"parameters": WISHES}, lambda: WISHES.items() <= peer.parameters.items()),
            (Verb.SET_RETURN_HEIGHT, {"height_m": 55.0}, lambda: peer.parameters["RTL_ALT"] == 5500.0),
            (Verb.ARM, {}, lambda: peer.is_armed),
            (Verb.HOLD, {}, lambda: peer.mode in (17, 4)),
            (Verb.RETURN, {}, lambda: peer.mode == 6),
        )
        for verb, arguments, is_true in asked:
            ack = await bench.ack(bench.give(verb, in_s=240.0, **arguments))
            assert is_true() or ack.result is not AckResult.ACCEPTED, f"a wrong yes to {verb}"
            ends[verb] = ack.result
    return ends


@pytest.mark.parametrize("seed", range(8))
def test_with_a_third_lost_half_a_second_late_doubled_and_out_of_order_all_ends_true(seed: int) -> None:
    ends = run_virtual(tried_out(Roughness(seed=seed, lost=0.3, repeated=0.2, delay_s=0.5)))
    assert set(ends.values()) == {AckResult.ACCEPTED}, ends
