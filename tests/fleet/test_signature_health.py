"""Refused signatures are an alarm: who, why and how many, told in good time, not too often, and over when they are."""

from fleet.links.seal import Refused
from fleet.model import Alarm, Severity
from fleet.signature_health import CATCHES_UP_WITHIN_S, LASTS_S, TOLD_EVERY_S, SignatureHealth
from fleet.wire.signing import Refusal
from world.time import Instant

PEER = "10.0.0.9:5000"


def look(health: SignatureHealth, at_s: int, count: int, reason: Refusal = Refusal.WRONG) -> list[Alarm]:
    refused = {"lte": {reason: Refused(count=count, peer=PEER, sysid=7)}} if count else {"lte": {}}
    return health.look(refused, None, Instant(mono_ns=at_s * 10**9, utc_ns=0))


def test_it_says_who_why_and_how_many_in_both_languages() -> None:
    health = SignatureHealth()
    assert look(health, 0, 0) == []
    (alarm,) = look(health, 1, 3)
    assert (alarm.key, alarm.severity, alarm.is_active) == ("lte/signature_wrong", Severity.WARNING, True)
    assert alarm.text == f"lte: frames with a wrong signature are refused, 3 so far, the last from {PEER} as system 7"
    assert "3" in alarm.text_zh
    assert PEER in alarm.text_zh
    texts = {look(SignatureHealth(), 1, 1, reason)[0].text for reason in Refusal if reason is not Refusal.STALE}
    assert len(texts) == len(Refusal) - 1


def test_a_flood_is_told_twice_a_minute_and_over_when_it_is() -> None:
    health = SignatureHealth()
    told = [at_s for at_s in range(1, 62) if look(health, at_s, 1000 * at_s)]
    assert told == [1, 1 + int(TOLD_EVERY_S), 1 + 2 * int(TOLD_EVERY_S)]
    ends = [(at_s, look(health, at_s, 61_000)) for at_s in range(62, 80)]
    ((at_s, (alarm,)),) = [(at_s, alarms) for at_s, alarms in ends if alarms]
    assert (at_s, alarm.is_active) == (61 + int(LASTS_S), False)
    assert "61000 so far" in alarm.text
    assert look(health, 90, 61_001)[0].is_active, "the next one is told at once"


def test_who_catches_up_at_once_is_no_alarm() -> None:
    health = SignatureHealth()
    assert look(health, 1, 5, Refusal.STALE) == []
    assert look(health, 2, 9, Refusal.STALE) == []
    assert [look(health, at_s, 9, Refusal.STALE) for at_s in range(3, 30)] == [[]] * 27
    assert look(health, 30, 10, Refusal.STALE) == []
    for at_s in range(31, 30 + int(CATCHES_UP_WITHIN_S)):
        assert look(health, at_s, at_s, Refusal.STALE) == []
    assert look(health, 30 + int(CATCHES_UP_WITHIN_S), 99, Refusal.STALE)[0].severity is Severity.CAUTION


def test_times_that_cannot_be_kept_are_said_and_over() -> None:
    health = SignatureHealth()
    now = Instant(mono_ns=0, utc_ns=0)
    (begun,) = health.look({}, "No space left on device", now)
    assert begun.is_active
    assert "No space left" in begun.text
    assert health.look({}, "No space left on device", now) == []
    (over,) = health.look({}, None, now)
    assert not over.is_active
