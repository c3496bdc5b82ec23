"""A reconnect fetches no list again that did not change, and believes nothing that changed where it looks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.commands import AckResult
from fleet.drivers.mavlink.parameter import Parameter
from fleet.drivers.mavlink.parameter_cache import CachedList, CacheKey, ParameterCache, changes_by_itself, digest_of
from fleet.drivers.mavlink.remembered import recall
from fleet.wire.enums import ParamType
from sim.autopilot.parameters.tables import table_of
from sim.vehicles.spec import Kind
from tests.sim.support import Place
from tests.support.reading_bench import Ended, read_from_afar
from tests.support.rough_channel import Roughness
from tests.support.scripted_parameters import Board, Finished, converse
from world.ids import VehicleId

U01 = VehicleId("U01")
LINK = Roughness(seed=5, lost=0.2, delay_s=0.3)


def reconnect(cache: ParameterCache, turn: int, changed: dict[str, float] | None = None) -> Ended:
    def prepare(place: Place) -> None:
        for name, value in (changed or {}).items():
            place.service.machines[0].parameters.put(name, value)

    ended = read_from_afar(lambda talk: recall(talk, U01, cache, turn=turn), LINK, prepare=prepare)
    assert ended.result is AckResult.ACCEPTED, ended.reason
    cache.put(ended.value.key, ended.value.read)
    return ended


def test_an_unchanged_list_is_not_fetched_again() -> None:
    cache = ParameterCache()
    first = reconnect(cache, 0)
    cache = ParameterCache.from_bytes(cache.to_bytes())
    second = reconnect(cache, 1, {"STAT_RUNTIME": 999.0})
    assert (first.value.was_kept, second.value.was_kept) == (False, True)
    values = {each.name: each.value for each in second.value.read.parameters}
    assert values == pytest.approx(dict(table_of(Kind.COPTER).defaults) | {"STAT_RUNTIME": 999.0})
    assert len(second.heard) < 200
    assert not any(each.name in ("PARAM_REQUEST_LIST", "FILE_TRANSFER_PROTOCOL") for each in second.sent)


def test_a_change_in_the_sample_fetches_all_and_every_name_is_in_some_sample() -> None:
    cache = ParameterCache()
    read = reconnect(cache, 0).value.read
    steady = {each.name for each in read.parameters if not changes_by_itself(each.name)}
    turns = len(steady) // 24 + 1
    assert {name for turn in range(turns) for name in read.sample(turn)} == steady
    name = read.sample(3)[5]
    second = reconnect(cache, 3, {name: 42.0})
    assert not second.value.was_kept
    assert {each.name: each.value for each in second.value.read.parameters}[name] == 42.0


def px4(hash_: float) -> Board:
    return Board(
        values={f"P{k}": (float(k), ParamType.INT32) for k in range(300)} | {"_HASH_CHECK": (hash_, ParamType.UINT32)},
        is_px4=True,
    )


def px4_recall(board: Board, cache: ParameterCache) -> Finished:
    finished = converse(board, lambda talk: recall(talk, U01, cache, turn=0))
    cache.put(finished.value.key, finished.value.read)
    return finished


def test_px4s_own_hash_decides() -> None:
    cache = ParameterCache()
    assert not px4_recall(px4(7.0), cache).value.was_kept
    same = px4_recall(px4(7.0), cache)
    assert same.value.was_kept
    assert len(same.sent) < 6
    assert not px4_recall(px4(8.0), cache).value.was_kept


def test_another_firmware_is_another_list() -> None:
    cache, old, new = ParameterCache(), CacheKey(board="b", firmware="1"), CacheKey(board="b", firmware="2")
    cache.put(old, CachedList(parameters=()))
    cache.put(new, CachedList(parameters=(), vehicle_hash=3))
    assert cache.get(old) is None
    assert cache.get(new) is not None


lists = st.lists(st.builds(
    Parameter, name=st.text("ABC_1", min_size=1, max_size=16), value=st.floats(width=32, allow_nan=False),
    kind=st.sampled_from([2, 4, 6, 9]), default=st.none() | st.floats(width=32, allow_nan=False),
), unique_by=lambda each: each.name, max_size=20)


@given(lists, st.none() | st.integers(0, 2**32 - 1), st.data())
def test_the_file_comes_back_and_an_altered_one_is_left_out(
    parameters: list[Parameter], number: int | None, data: st.DataObject
) -> None:
    cache, key = ParameterCache(), CacheKey(board="b", firmware="f")
    kept = CachedList(parameters=tuple(parameters), vehicle_hash=number)
    cache.put(key, kept)
    written = cache.to_bytes()
    assert ParameterCache.from_bytes(written).get(key) == kept
    at = data.draw(st.integers(0, len(written) - 1))
    spoilt = written[:at] + bytes([data.draw(st.integers(0, 255))]) + written[at + 1 :]
    back = ParameterCache.from_bytes(spoilt).get(key)
    assert back is None or back.digest == kept.digest
    assert digest_of(reversed(parameters)) == kept.digest


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format":1,"lists":[3]}', b"\xff", b'{"format":1,"lists":{}}'])
def test_foreign_bytes_are_an_empty_cache(data: bytes) -> None:
    assert ParameterCache.from_bytes(data).to_bytes() == ParameterCache().to_bytes()
