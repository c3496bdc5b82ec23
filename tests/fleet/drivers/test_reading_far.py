"""Parameters, files and logs over bad links: what is answered is the whole truth, or the answer says that it is not."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.commands import AckResult
from fleet.drivers.mavlink.allowance import Allowance
from fleet.drivers.mavlink.ftp import list_folder
from fleet.drivers.mavlink.ftp_read import read_file
from fleet.drivers.mavlink.logs import list_logs, read_log
from fleet.drivers.mavlink.offers import AskOffers, Offers
from fleet.drivers.mavlink.parameters import ListParameters, ReadParameters
from fleet.drivers.mavlink.step import Talk, perform
from fleet.drivers.mavlink.whole_list import read_all
from fleet.wire.enums import Capability
from sim.autopilot.parameters.tables import table_of
from sim.vehicles.spec import Kind
from tests.support.flown import flown, flown_and_armed, log_data
from tests.support.reading_bench import Ended, read_from_afar
from tests.support.rough_channel import Roughness

BAD = st.builds(
    Roughness, seed=st.integers(0, 2**31), lost=st.floats(0.0, 0.3), repeated=st.floats(0.0, 0.3),
    delay_s=st.floats(0.0, 0.5),
)
WORST = [Roughness(seed=seed, lost=0.3, repeated=0.1, delay_s=0.5) for seed in range(4)]
TRUTH = dict(table_of(Kind.COPTER).defaults)
ARDUPILOT = Offers(capabilities=int(Capability.FTP), autopilot=3)
slow = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def in_list(talk: Talk) -> Any:
    return perform(ListParameters(talk, is_bytewise=False))


def in_file(talk: Talk) -> Any:
    return read_all(talk, ARDUPILOT)


def is_true(ended: Ended) -> bool:
    return {each.name: each.value for each in ended.value} == pytest.approx(TRUTH) and len(ended.value) == len(TRUTH)


@slow
@given(BAD)
def test_the_list_is_whole(how: Roughness) -> None:
    ended = read_from_afar(in_list, how)
    assert ended.result is AckResult.ACCEPTED, ended.reason
    assert is_true(ended)


@slow
@given(BAD)
def test_the_packed_file_is_whole(how: Roughness) -> None:
    ended = read_from_afar(in_file, how)
    assert ended.result is AckResult.ACCEPTED, ended.reason
    assert is_true(ended)
    assert not any(each.name == "PARAM_REQUEST_LIST" for each in ended.sent)


@pytest.mark.parametrize("how", WORST)
def test_a_vehicle_is_asked_what_it_offers_and_then_read(how: Roughness) -> None:
    def reading(talk: Talk) -> Any:
        offers = yield from perform(AskOffers(talk))
        return (yield from read_all(talk, offers))

    ended = read_from_afar(reading, how)
    assert ended.result is AckResult.ACCEPTED, ended.reason
    assert is_true(ended)


@slow
@given(BAD)
def test_some_are_read_by_name(how: Roughness) -> None:
    names = ["RTL_ALT", "FENCE_RADIUS", "SYSID_THISMAV", "ATC_RAT_RLL_P", *list(TRUTH)[:20]]
    ended = read_from_afar(lambda talk: perform(ReadParameters(talk, names, is_bytewise=False)), how)
    assert ended.result is AckResult.ACCEPTED, ended.reason
    assert list(ended.value) == list(dict.fromkeys(names))
    assert {name: each.value for name, each in ended.value.items()} == pytest.approx({n: TRUTH[n] for n in names})


def test_an_unknown_name_ends_in_one_sentence() -> None:
    ended = read_from_afar(
        lambda talk: perform(ReadParameters(talk, ["RTL_ALT", "NO_SUCH"], is_bytewise=False)), Roughness(seed=1)
    )
    assert ended.result is AckResult.TIMED_OUT
    assert ended.reason == (
        "the vehicle never answered for parameter NO_SUCH (24 tries): it knows no such parameter"
    )


@slow
@given(BAD)
def test_folders_are_listed(how: Roughness) -> None:
    ended = read_from_afar(lambda talk: list_folder(talk, "@SYS/"), how)
    assert ended.result is AckResult.ACCEPTED, ended.reason
    assert [each.name for each in ended.value] == ["tasks.txt", "threads.txt", "uarts.txt"]


@pytest.mark.parametrize("path", ["/nowhere", "@SYS/nothing.txt"])
def test_what_is_not_there_is_said(path: str) -> None:
    ended = read_from_afar(lambda talk: read_file(talk, path), Roughness(seed=1))
    assert ended.reason == f"the vehicle does not open {path}: there is no such file"


@slow
@given(BAD)
def test_a_log_is_read_as_a_file_with_its_checksum(how: Roughness) -> None:
    ended = read_from_afar(lambda talk: read_file(talk, "/APM/LOGS/00000001.BIN"), how, prepare=flown)
    assert ended.result is AckResult.ACCEPTED, ended.reason
    assert ended.value.data == log_data()
    listed = read_from_afar(lambda talk: list_folder(talk, "/APM/LOGS"), how, prepare=flown)
    assert [each.size for each in listed.value if each.name == "00000001.BIN"] == [len(log_data())]


@slow
@given(BAD, st.integers(0, len(log_data())))
def test_a_log_is_read_from_any_byte(how: Roughness, offset: int) -> None:
    told: dict[int, bytes] = {}
    ended = read_from_afar(
        lambda talk: read_log(talk, 1, offset=offset, on_part=lambda part: told.update({part.offset: part.data})),
        how, prepare=flown,
    )
    assert ended.result is AckResult.ACCEPTED, ended.reason
    assert ended.value[1] == log_data()[offset:] == b"".join(told.values())
    assert ended.sent[-1].name == "LOG_REQUEST_END"


def test_logs_are_listed_and_a_missing_one_is_named() -> None:
    listed = read_from_afar(list_logs, WORST[0], prepare=flown)
    assert [(each.number, each.size) for each in listed.value] == [(1, len(log_data()))]
    missing = read_from_afar(lambda talk: read_log(talk, 9), WORST[0], prepare=flown)
    assert missing.reason == "the vehicle has no log 9"
    none = read_from_afar(list_logs, WORST[1])
    assert none.value == []


def test_an_armed_vehicle_gives_no_logs_and_says_why() -> None:
    ended = read_from_afar(
        list_logs, Roughness(seed=1), prepare=flown_and_armed, within_s=900.0
    )
    assert ended.result is AckResult.TIMED_OUT
    assert ended.reason == "the vehicle does not answer when asked for its logs: Disarm for log download"


@pytest.mark.parametrize("reading", [in_list, lambda talk: read_file(talk, "@PARAM/param.pck", allowance=narrow())])
def test_the_same_seed_ends_the_same(reading: Any) -> None:
    first, second = (read_from_afar(reading, WORST[2]) for _ in range(2))
    assert (first.seconds, first.sent) == (second.seconds, second.sent)


def narrow() -> Allowance:
    return Allowance.of_link(5760.0)


@pytest.mark.parametrize("how", [Roughness(seed=3), WORST[3]])
def test_a_narrow_link_is_not_filled(how: Roughness) -> None:
    ended = read_from_afar(lambda talk: read_file(talk, "@PARAM/param.pck", allowance=narrow()), how)
    assert ended.result is AckResult.ACCEPTED, ended.reason
    taken = sum(len(each.payload) + 12 for each in ended.heard if each.SPEC.name == "FILE_TRANSFER_PROTOCOL")
    assert taken / ended.seconds <= 0.3 * 5760 * 1.1
