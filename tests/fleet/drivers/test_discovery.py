"""Who a vehicle is, and how its clock runs: found out over any link, and never wrong."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.drivers.mavlink.discovery import SELDOM_S, Discovery, git_hash
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Outgoing, Talk
from fleet.drivers.mavlink.timesync import TimeSync
from fleet.model import AutopilotKind, ComponentInfo
from fleet.wire.enums import Capability
from fleet.wire.message import Message
from sim.vehicles.spec import Kind
from tests.fleet.drivers.test_fold import NOW, beat, frame, known
from tests.sim.support import spec
from tests.support.conversation import KINDS, Conversation, of_kind
from tests.support.rough_channel import Roughness

SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def talk_of(here: Known) -> Talk:
    return Talk(sysid=1, known=lambda: here, on_mission=lambda mission: None)


def commands(outgoing: list[Outgoing]) -> list[int]:
    return [each.fields["command"] for each in outgoing]


def version(**changes: object) -> Message:
    plain = {
        "capabilities": 8192, "uid": 0, "flight_sw_version": 4 << 24 | 5 << 16 | 7 << 8 | 255,
        "middleware_sw_version": 0, "os_sw_version": 0, "board_version": 0, "vendor_id": 0, "product_id": 0,
        "flight_custom_version": b"2a3dc4b7", "middleware_custom_version": b"", "os_custom_version": b"",
    }
    return frame("AUTOPILOT_VERSION", **plain | changes)


@pytest.mark.parametrize("kind", KINDS)
def test_a_vehicle_is_known_by_its_firmware_and_serial_number(kind: Kind) -> None:
    conversation = of_kind(kind)
    found = Discovery(conversation.talk)
    conversation.chores.append(found)
    conversation.until(lambda: found.uid is not None, 10.0)
    assert found.autopilot is AutopilotKind.ARDUPILOT
    assert found.firmware == "ardupilot 4.5.7 (taihang)"
    assert (found.capabilities or 0) & Capability.MISSION_FENCE
    other = of_kind(kind, number=2)
    second = Discovery(other.talk)
    other.chores.append(second)
    other.until(lambda: second.uid is not None, 10.0)
    assert found.uid != second.uid
    asked = len(conversation.sent)
    conversation.pass_time(100.0)
    assert len(conversation.sent) == asked, "once known it is not asked again"


def test_components_are_known_by_their_heartbeats() -> None:
    found = Discovery(talk_of(known()))
    for compid, kind in ((191, 18), (100, 30), (154, 26), (77, 0), (100, 30)):
        found.hear_of(compid, frame(
            "HEARTBEAT", type=kind, autopilot=8, base_mode=0, custom_mode=0, system_status=4, mavlink_version=3
        ))
    found.hear_of(1, beat(4))
    assert found.components == (
        ComponentInfo(compid=77, type=0, name="component 77"), ComponentInfo(compid=100, type=30, name="camera 1"),
        ComponentInfo(compid=154, type=26, name="gimbal 1"),
        ComponentInfo(compid=191, type=18, name="companion computer"),
    )


def test_old_firmware_is_asked_the_old_way() -> None:
    found = Discovery(talk_of(known()))
    assert found.requests(NOW) == []
    found.hear(beat(4), NOW)
    assert commands(found.requests(NOW)) == [512]
    found.hear(frame("COMMAND_ACK", command=512, result=3), NOW)
    assert commands(found.requests(NOW.plus_s(3.1))) == [520]
    found.hear(version(), NOW)
    assert found.firmware == "ardupilot 4.5.7 (2a3dc4b7)"
    assert [found.uid] == [None]
    found.hear(version(uid=0x1234), NOW)
    assert found.uid == "0000000000001234"
    found.hear(version(uid=0x1234, uid2=bytes(range(1, 13))), NOW)
    assert found.uid == "0102030405060708090a0b0c"
    assert found.requests(NOW.plus_s(90.0)) == []
    found.refresh()
    assert commands(found.requests(NOW.plus_s(90.0))) == [520]


def test_one_that_does_not_answer_is_asked_both_ways_and_then_seldom() -> None:
    found = Discovery(talk_of(known()))
    found.hear(beat(4), NOW)
    sent = [each for k in range(100) for each in found.requests(NOW.plus_s(k))]
    assert set(commands(sent)) == {512, 520}
    late = [each for k in range(100, 700) for each in found.requests(NOW.plus_s(k))]
    assert len(late) <= 600 / SELDOM_S + 1


@pytest.mark.parametrize(("raw", "autopilot", "words"), [
    (b"2a3dc4b7", AutopilotKind.ARDUPILOT, "2a3dc4b7"), (bytes(8), AutopilotKind.PX4, ""),
    (bytes.fromhex("0000015566778899"), AutopilotKind.PX4, "9988776655"),
    (b"\xff\xfe\x01\x02\x03\x04\x05\x06", AutopilotKind.ARDUPILOT, "0605040302"),
])
def test_git_hashes(raw: bytes, autopilot: AutopilotKind, words: str) -> None:
    assert git_hash(raw, autopilot) == words


@pytest.mark.parametrize(("release", "words"), [(0, "1.15.2-dev"), (130, "1.15.2-beta"), (255, "1.15.2")])
def test_unreleased_firmware_is_said_to_be_so(release: int, words: str) -> None:
    found = Discovery(talk_of(known()))
    found.hear(version(flight_sw_version=1 << 24 | 15 << 16 | 2 << 8 | release, flight_custom_version=b""), NOW)
    assert found.firmware == f"other {words}"


@SLOW
@given(st.integers(0, 2**16), st.sampled_from([0.0, 0.3]), st.sampled_from([0.0, 0.5]))
def test_over_a_bad_link_both_become_known(seed: int, lost: float, delay_s: float) -> None:
    conversation = Conversation(spec(), Roughness(seed=seed, lost=lost, repeated=0.3, delay_s=delay_s))
    found, clock = Discovery(conversation.talk), TimeSync(conversation.talk)
    conversation.chores += [found, clock]
    conversation.until(lambda: found.uid is not None and clock.rtt_s is not None, 120.0)
    conversation.pass_time(20.0)
    assert clock.rtt_s is not None
    assert 0.0 <= clock.rtt_s <= 2 * delay_s + 0.15
    assert clock.offset_ns is not None
    assert clock.offset_error_ns is not None
    true_ns = conversation.ship.boot_ms * 1_000_000 - conversation.now.mono_ns
    assert abs(clock.offset_ns - true_ns) <= clock.offset_error_ns + 40_000_000  # two steps of the simulator
    asked = [each.fields for each in conversation.sent if each.name == "TIMESYNC" and each.fields["tc1"]]
    assert lost or asked, "the vehicle's own question is answered with our clock"


def heard() -> Talk:
    return talk_of(replace(known(), vitals=replace(known().vitals, heartbeat=NOW)))


def exchange(clock: TimeSync, at_s: float, *, up_s: float, down_s: float, offset_s: float) -> None:
    (asked,) = clock.requests(NOW.plus_s(at_s))
    stamp = asked.fields["ts1"]
    answered = stamp + round((down_s + offset_s) * 1e9)
    clock.hear(frame("TIMESYNC", tc1=answered, ts1=stamp), NOW.plus_s(at_s + down_s + up_s))


@given(st.lists(st.tuples(st.floats(0.0, 0.9), st.floats(0.0, 0.05)), min_size=1, max_size=30), st.floats(1.0, 1e4))
def test_the_offset_is_always_true_within_its_error(ways: list[tuple[float, float]], offset_s: float) -> None:
    clock = TimeSync(heard())
    for k, (up_s, down_s) in enumerate(ways):
        exchange(clock, 1.1 * k, up_s=up_s, down_s=down_s, offset_s=offset_s)
        assert clock.offset_ns is not None
        assert clock.offset_error_ns is not None
        assert abs(clock.offset_ns - round(offset_s * 1e9)) <= clock.offset_error_ns + 2


def test_a_reboot_is_noticed_and_single_nonsense_is_not_believed() -> None:
    clock = TimeSync(heard())
    for k in range(10):
        exchange(clock, 2.0 * k, up_s=0.05, down_s=0.05, offset_s=500.0)
    exchange(clock, 30.0, up_s=0.05, down_s=0.05, offset_s=9.0)
    assert clock.offset_ns == pytest.approx(500e9)
    for k in range(3):
        exchange(clock, 40.0 + 2 * k, up_s=0.05, down_s=0.05, offset_s=9.0)
    assert clock.offset_ns == pytest.approx(9e9)


def test_answers_to_others_and_second_answers_count_nothing() -> None:
    clock = TimeSync(heard())
    clock.hear(frame("TIMESYNC", tc1=77, ts1=5), NOW)
    assert clock.rtt_s is None
    exchange(clock, 0.0, up_s=0.1, down_s=0.1, offset_s=5.0)
    clock.hear(frame("TIMESYNC", tc1=77, ts1=NOW.mono_ns), NOW.plus_s(5.0))
    assert clock.rtt_s == pytest.approx(0.2)
    for k in range(20):
        clock.requests(NOW.plus_s(2.0 + 2 * k))
    assert clock.lost > 10


def test_a_storm_of_questions_is_answered_a_few_at_a_time() -> None:
    clock = TimeSync(talk_of(known()))
    for k in range(50):
        clock.hear(frame("TIMESYNC", tc1=0, ts1=k), NOW)
    assert len(clock.requests(NOW)) == 4
