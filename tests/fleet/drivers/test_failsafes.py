"""What a vehicle is said to do by itself is what its parameters say, and what it then does."""

from collections.abc import Mapping
from dataclasses import replace
from struct import pack, unpack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.drivers.mavlink.failsafe_tables import rules_for
from fleet.drivers.mavlink.failsafes import DECLARED, FailsafeReadback, NoSuchFailsafe, undeclared, wanted_parameters
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Talk
from fleet.model import AutopilotKind, FailsafeAction, FailsafeCause, FailsafeSetting, VehicleKind
from fleet.wire.enums import CopterMode, RoverMode, SubMode
from sim.service import Failure
from sim.vehicles.spec import Kind
from tests.fleet.drivers.test_fold import NOW, frame, known
from tests.sim.support import spec
from tests.support.conversation import Conversation
from tests.support.rough_channel import Roughness
from world.ids import VehicleId

U01 = VehicleId("U01")
LINK, BATTERY, FENCE = FailsafeCause.LINK_LOSS, FailsafeCause.LOW_BATTERY, FailsafeCause.FENCE_BREACH
A = FailsafeAction
ARDUPILOT, PX4 = AutopilotKind.ARDUPILOT, AutopilotKind.PX4


def kept(chore: FailsafeReadback) -> Mapping[FailsafeCause, FailsafeAction]:
    return {setting.cause: setting.action for setting in chore.settings()}


def reading(conversation: Conversation) -> FailsafeReadback:
    chore = FailsafeReadback(conversation.talk)
    conversation.chores.append(chore)
    return chore


def with_(kind: Kind = Kind.COPTER, parameters: Mapping[str, float] | None = None) -> Conversation:
    return Conversation(spec(kind, parameters=parameters or {}))


DEFAULTS = {
    Kind.COPTER: {LINK: A.NONE, BATTERY: A.WARN, FENCE: A.NONE},
    Kind.ROVER: {LINK: A.NONE, BATTERY: A.WARN, FENCE: A.NONE},
    Kind.SUB: {LINK: A.DISARM, BATTERY: A.WARN},
    Kind.BOAT: {LINK: A.NONE, BATTERY: A.WARN, FENCE: A.NONE},
    Kind.PLANE: {LINK: A.NONE, BATTERY: A.WARN, FENCE: A.NONE},
}


@pytest.mark.parametrize("kind", list(DEFAULTS))
def test_failsafes_are_read_back_at_connect(kind: Kind) -> None:
    conversation = with_(kind)
    chore = reading(conversation)
    assert chore.settings() == ()
    conversation.until(lambda: chore.is_complete, 30.0)
    assert kept(chore) == DEFAULTS[kind]
    parameters = dict(pair for setting in chore.settings() for pair in setting.parameters)
    assert parameters["SYSID_MYGCS"] == 255


def test_a_change_by_anyone_is_seen_at_once_and_all_is_asked_again_later() -> None:
    conversation = with_()
    chore = reading(conversation)
    conversation.until(lambda: chore.is_complete, 30.0)
    me = {"target_system": 1, "target_component": 1, "param_type": 6}
    conversation.say("PARAM_SET", param_id="FS_GCS_ENABLE", param_value=5.0, **me)
    conversation.pass_time(0.2)
    assert kept(chore)[LINK] is A.LAND
    conversation.ship.parameters.put("FS_GCS_ENABLE", 1.0)
    conversation.pass_time(190.0)
    assert kept(chore)[LINK] is A.RETURN
    conversation.ship.parameters.put("FS_GCS_ENABLE", 0.0)
    chore.refresh()
    conversation.pass_time(5.0)
    assert kept(chore)[LINK] is A.NONE


def test_a_station_that_the_vehicle_does_not_count_declares_nothing() -> None:
    conversation = with_(parameters={"FS_GCS_ENABLE": 1.0, "SYSID_MYGCS": 250.0})
    chore = reading(conversation)
    conversation.until(lambda: chore.is_complete, 30.0)
    (link,) = (each for each in undeclared(U01, VehicleKind.COPTER, ARDUPILOT, chore.settings()) if each.cause is LINK)
    assert link.text == "U01 does nothing when its link is lost: set SYSID_MYGCS to 255 (return)"


def test_sentences_say_what_is_missing_and_what_to_set() -> None:
    conversation = with_(parameters={"BATT_FS_LOW_ACT": 2.0, "BATT_LOW_VOLT": 0.0})
    chore = reading(conversation)
    conversation.until(lambda: chore.is_complete, 30.0)
    missing = undeclared(U01, VehicleKind.COPTER, ARDUPILOT, chore.settings())
    assert [each.text for each in missing] == [
        "U01 does nothing when its link is lost: set FS_GCS_ENABLE to 1 (return)",
        "U01 does nothing when its battery is low: set BATT_LOW_VOLT or BATT_LOW_MAH, below which it acts",
        "U01 does nothing when it breaks its fence: set FENCE_ENABLE to 1 (return)",
    ]
    assert missing[0].text_zh == "U01 失联时不采取任何动作：请将 FS_GCS_ENABLE 设为 1（返航）"


def test_nothing_is_said_of_what_was_not_heard() -> None:
    (unheard,) = undeclared(U01, VehicleKind.COPTER, None, ())
    assert "not heard yet" in unheard.text
    link, battery, fence = undeclared(U01, VehicleKind.COPTER, ARDUPILOT, ())
    assert link.text == "what U01 does when its link is lost is not known: FS_GCS_ENABLE was not read back"
    odd = FailsafeSetting(cause=LINK, action=A.UNKNOWN, parameters=(("FS_GCS_ENABLE", 77.0),))
    assert "FS_GCS_ENABLE = 77 is not understood" in undeclared(U01, VehicleKind.COPTER, ARDUPILOT, (odd,))[0].text
    assert battery.cause is BATTERY
    assert fence.cause is FENCE


KINDS = ("copter", "rover", "boat", "sub", "plane", "vtol")


@pytest.mark.parametrize(("kind", "autopilot"), [*((kind, ARDUPILOT) for kind in KINDS), ("copter", PX4)])
def test_what_is_written_for_an_action_reads_as_that_action(kind: str, autopilot: AutopilotKind) -> None:
    thresholds = {"BATT_LOW_VOLT": 10.5, "BATT_LOW_MAH": 0.0, "BATT_CRT_VOLT": 0.0, "BATT_CRT_MAH": 0.0}
    rules = rules_for(kind, autopilot)
    assert len(rules) == (2 if kind == "sub" else 3)
    for rule in rules.values():
        for action, values in rule.write.items():
            assert rule.read({"BATT_FS_CRT_ACT": 0.0, **thresholds, **values}) is action
            assert action in DECLARED


def test_an_action_that_a_kind_does_not_know_is_an_error_with_its_choice() -> None:
    with pytest.raises(NoSuchFailsafe, match="what it can: surface, hold, disarm"):
        wanted_parameters(VehicleKind.SUB, ARDUPILOT, {LINK: A.RETURN})
    with pytest.raises(NoSuchFailsafe, match="none"):
        wanted_parameters(VehicleKind.SUB, ARDUPILOT, {FENCE: A.RETURN})
    assert wanted_parameters(VehicleKind.COPTER, ARDUPILOT, {LINK: A.RETURN, FENCE: A.LAND}) == {
        "FS_GCS_ENABLE": 1.0, "SYSID_MYGCS": 255.0, "FENCE_ENABLE": 1.0, "FENCE_ACTION": 2.0,
    }


SHOWN = {
    (Kind.COPTER, A.RETURN): CopterMode.RTL, (Kind.COPTER, A.LAND): CopterMode.LAND,
    (Kind.COPTER, A.HOLD): CopterMode.BRAKE, (Kind.ROVER, A.RETURN): RoverMode.RTL,
    (Kind.ROVER, A.HOLD): RoverMode.HOLD, (Kind.SUB, A.SURFACE): SubMode.SURFACE, (Kind.SUB, A.HOLD): SubMode.ALT_HOLD,
    (Kind.BOAT, A.RETURN): RoverMode.RTL, (Kind.BOAT, A.HOLD): RoverMode.HOLD,
}
GUIDED = {
    Kind.COPTER: CopterMode.GUIDED, Kind.ROVER: RoverMode.GUIDED, Kind.SUB: SubMode.GUIDED,
    Kind.BOAT: RoverMode.GUIDED,
}


def order(conversation: Conversation, command: int, *params: float) -> None:
    padded = dict(zip((f"param{k}" for k in range(1, 8)), (*params, *(0.0,) * 7), strict=False))
    me = {"target_system": conversation.spec.sysid, "target_component": 1}
    conversation.say("COMMAND_LONG", command=command, confirmation=0, **padded, **me)
    conversation.pass_time(0.1)


def under_way(kind: Kind, parameters: Mapping[str, float]) -> Conversation:
    """Armed, in guided mode, aloft if it flies, and used to our heartbeat."""
    conversation = with_(kind, parameters)
    conversation.pass_time(2.0)
    order(conversation, 176, 1, GUIDED[kind])
    order(conversation, 400, 1)
    if kind is Kind.COPTER:
        order(conversation, 22, 0, 0, 0, 0, 0, 0, 30)
        conversation.until(lambda: conversation.ship.estimate.up_m > 25.0, 40.0)
    assert conversation.ship.is_armed
    return conversation


@pytest.mark.parametrize(("kind", "action"), [*SHOWN, (Kind.SUB, A.DISARM)])
def test_a_declared_action_is_what_happens_when_the_link_is_lost(kind: Kind, action: FailsafeAction) -> None:
    parameters = wanted_parameters(VehicleKind(kind.value), ARDUPILOT, {LINK: action})
    conversation = under_way(kind, parameters)
    chore = reading(conversation)
    conversation.until(lambda: chore.is_complete, 30.0)
    assert kept(chore)[LINK] is action
    conversation.is_beating = False
    ship = conversation.ship
    if action is A.DISARM:
        conversation.until(lambda: not ship.is_armed, 10.0)
    else:
        conversation.until(lambda: ship.mode == SHOWN[kind, action], 10.0)


@pytest.mark.parametrize("kind", list(GUIDED))
def test_nothing_declared_means_that_nothing_happens(kind: Kind) -> None:
    conversation = under_way(kind, {"FS_GCS_ENABLE": 0.0})
    conversation.is_beating = False
    conversation.pass_time(20.0)
    assert conversation.ship.is_armed
    assert conversation.ship.mode == GUIDED[kind]


@pytest.mark.parametrize(("kind", "action"), [
    (Kind.COPTER, A.RETURN), (Kind.COPTER, A.LAND), (Kind.ROVER, A.RETURN), (Kind.ROVER, A.HOLD),
    (Kind.SUB, A.SURFACE), (Kind.SUB, A.DISARM),
])
def test_a_declared_action_is_what_happens_when_the_battery_is_low(kind: Kind, action: FailsafeAction) -> None:
    parameters = wanted_parameters(VehicleKind(kind.value), ARDUPILOT, {BATTERY: action})
    conversation = under_way(kind, {**parameters, "BATT_LOW_MAH": 4000.0 if kind is not Kind.ROVER else 20000.0})
    conversation.service.fail(conversation.spec.id, Failure.BATTERY)
    ship = conversation.ship
    if action is A.DISARM:
        conversation.until(lambda: not ship.is_armed, 5.0)
    else:
        conversation.until(lambda: ship.mode == SHOWN[kind, action], 5.0)


@pytest.mark.parametrize(("kind", "action"), [
    (Kind.COPTER, A.RETURN), (Kind.COPTER, A.LAND), (Kind.COPTER, A.HOLD), (Kind.ROVER, A.HOLD),
    (Kind.ROVER, A.RETURN),
])
def test_a_declared_action_is_what_happens_at_the_fence(kind: Kind, action: FailsafeAction) -> None:
    parameters = wanted_parameters(VehicleKind(kind.value), ARDUPILOT, {FENCE: action})
    conversation = under_way(kind, {**parameters, "FENCE_RADIUS": 4.0, "FENCE_TYPE": 2.0})
    order(conversation, 511, 162, 1e5)
    place = conversation.ship.place.frame.to_geodetic(replace(conversation.ship.estimate.at, east_m=60.0))
    me = {"target_system": conversation.spec.sysid, "target_component": 1}
    conversation.say(
        "COMMAND_INT", frame=3, command=192, current=0, autocontinue=0, param1=-1, param2=1, param3=0, param4=0,
        x=round(place.lat_deg * 1e7), y=round(place.lon_deg * 1e7), z=30 if kind is Kind.COPTER else 0, **me,
    )
    conversation.until(lambda: conversation.ship.mode == SHOWN[kind, action], 30.0)
    conversation.pass_time(0.3)
    assert conversation.all("FENCE_STATUS")[-1].breach_status == 1


def test_a_sub_minds_no_fence_and_none_is_asked_of_it() -> None:
    conversation = under_way(Kind.SUB, {"FENCE_ENABLE": 1.0, "FENCE_RADIUS": 0.001, "FENCE_TYPE": 2.0})
    conversation.pass_time(5.0)
    assert conversation.ship.mode == SubMode.GUIDED
    assert conversation.ship.breach.what == "Circle"
    chore = reading(conversation)
    conversation.until(lambda: chore.is_complete, 30.0)
    missing = undeclared(VehicleId("W01"), VehicleKind.SUB, ARDUPILOT, chore.settings())
    assert [each.cause for each in missing] == [BATTERY]


def test_px4_integers_are_read_from_their_bytes() -> None:
    vitals = replace(known().vitals, autopilot=PX4)
    here: Known = replace(known(), vitals=vitals)
    chore = FailsafeReadback(Talk(sysid=1, known=lambda: here, on_mission=lambda mission: None))
    chore.requests(NOW)
    for name, value in (("NAV_DLL_ACT", 2), ("COM_LOW_BAT_ACT", 3), ("GF_ACTION", 1)):
        (raw,) = unpack("<f", pack("<i", value))
        chore.hear(
            frame("PARAM_VALUE", param_id=name, param_value=raw, param_type=6, param_count=9, param_index=1), NOW
        )
    assert kept(chore) == {LINK: A.RETURN, BATTERY: A.RETURN, FENCE: A.WARN}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 1e30])
def test_nonsense_values_declare_nothing(value: float) -> None:
    vitals = replace(known().vitals, autopilot=ARDUPILOT)
    here: Known = replace(known(), vitals=vitals)
    chore = FailsafeReadback(Talk(sysid=1, known=lambda: here, on_mission=lambda mission: None))
    chore.requests(NOW)
    chore.hear(
        frame("PARAM_VALUE", param_id="FS_GCS_ENABLE", param_value=value, param_type=6, param_count=9, param_index=1),
        NOW,
    )
    assert kept(chore)[LINK] is A.UNKNOWN


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 2**16), st.sampled_from([0.0, 0.3]), st.sampled_from([0.0, 0.5]),
    st.integers(0, 7), st.integers(0, 7), st.integers(0, 5), st.integers(0, 1),
)
def test_over_a_bad_link_what_is_read_is_true_or_unknown(
    seed: int, lost: float, delay_s: float, link: int, battery: int, fence: int, is_fenced: int
) -> None:
    values = {
        "FS_GCS_ENABLE": float(link), "BATT_FS_LOW_ACT": float(battery), "FENCE_ACTION": float(fence),
        "FENCE_ENABLE": float(is_fenced),
    }
    conversation = Conversation(
        spec(parameters=values), Roughness(seed=seed, lost=lost, repeated=0.3, delay_s=delay_s)
    )
    chore = reading(conversation)
    conversation.until(lambda: chore.is_complete, 120.0)
    truth = conversation.ship.parameters
    for cause, rule in rules_for("copter", ARDUPILOT).items():
        true = rule.read({name: truth[name] for name in rule.parameters})
        assert kept(chore)[cause] in (true, A.UNKNOWN)
