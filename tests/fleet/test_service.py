"""Commands end truthfully: accepted only when the vehicle shows it, whatever it says."""

from collections.abc import Awaitable, Callable

import pytest

from fleet.commands import AckResult, Lease, Verb
from fleet.model import FlightMode, LinkState
from fleet.wire.enums import MavResult
from missions.model import Approval
from tests.support.fleet_bench import COMMANDER, STRANGER, FleetBench, at, fleet_bench, route, run_virtual
from tests.support.scripted_autopilot import Script
from world.ids import Digest, PlanId

Play = Callable[[FleetBench], Awaitable[None]]


def play(scene: Play, script: Script | None = None) -> None:
    async def main() -> None:
        async with fleet_bench(script) as bench:
            await scene(bench)

    run_virtual(main())


async def upload_and_start(bench: FleetBench) -> None:
    await bench.done(Verb.UPLOAD_ROUTE, route=route())
    await bench.done(Verb.START_ROUTE)


def test_state_is_known_after_asking_for_streams() -> None:
    async def scene(bench: FleetBench) -> None:
        state = bench.state()
        assert state.link is LinkState.FRESH
        assert state.is_ready
        assert state.battery_pct == 90
        assert state.home is not None
        assert state.is_landed is True
        assert state.lease_holder == "pilot"
        assert bench.peers[state.vehicle].heartbeats_heard >= 5
        published = bench.bus.of("fleet/state")
        assert 25 <= len(published) <= 35

    play(scene)


def test_a_whole_sortie() -> None:
    async def scene(bench: FleetBench) -> None:
        await bench.done(Verb.SET_RETURN_HEIGHT, height_m=45.0)
        assert bench.peers[bench.state().vehicle].parameters["RTL_ALT"] == 4500
        await upload_and_start(bench)
        state = bench.state()
        assert state.mode is FlightMode.AUTO
        assert state.is_armed
        assert state.mission_count == 4
        assert state.mission_item == 0
        await bench.done(Verb.HOLD)
        assert bench.state().mode is FlightMode.HOLD
        await bench.done(Verb.GO_TO, position=at(0.0, 200.0, 40.0), heading_deg=90.0, speed_m_s=5.0)
        await bench.done(Verb.LOOK_AT, heading_deg=123.0)
        await bench.done(Verb.CAPTURE)
        assert len(bench.bus.of("fleet/image")) == 1
        await bench.done(Verb.SET_SPEED, speed_m_s=4.0)
        await bench.done(Verb.RETURN)
        assert bench.state().mode is FlightMode.RETURN
        await bench.done(Verb.LAND)
        await bench.done(Verb.DISARM)
        assert bench.state().is_armed is False

    play(scene)


def test_guided_take_off() -> None:
    async def scene(bench: FleetBench) -> None:
        await bench.done(Verb.TAKE_OFF, height_m=25.0)
        assert bench.state().height_above_home_m >= 1.0

    play(scene)


@pytest.mark.parametrize(
    ("script", "verb", "words"),
    [
        (Script(ignores_mode=True), Verb.HOLD, "did not show hold"),
        (Script(acks_arm_only=True), Verb.ARM, "did not show arm"),
        (Script(parameter_off_by=100.0), Verb.SET_RETURN_HEIGHT, "keeps RTL_ALT at 3100 and not 3000"),
        (Script(takes_no_pictures=True), Verb.CAPTURE, "IMAGE_START_CAPTURE was not acknowledged"),
    ],
)
def test_a_vehicle_that_only_says_yes_is_not_believed(script: Script, verb: Verb, words: str) -> None:
    async def scene(bench: FleetBench) -> None:
        ack = await bench.ack(bench.give(verb, height_m=30.0, in_s=25.0))
        assert ack.result is (AckResult.REFUSED_BY_VEHICLE if "keeps" in words else AckResult.TIMED_OUT)
        assert words in ack.reason

    play(scene, script)


@pytest.mark.parametrize("script", [Script(keeps_old_item=3), Script(loses_last_item=True)])
def test_a_mission_that_reads_back_differently_is_refused(script: Script) -> None:
    async def scene(bench: FleetBench) -> None:
        ack = await bench.ack(bench.give(Verb.UPLOAD_ROUTE, route=route()))
        assert ack.result is AckResult.REFUSED_BY_VEHICLE
        assert "does not hold the route" in ack.reason
        assert bench.state().mission_count is None

    play(scene, script)


def test_a_current_item_that_is_not_set_is_no_upload() -> None:
    async def scene(bench: FleetBench) -> None:
        ack = await bench.ack(bench.give(Verb.UPLOAD_ROUTE, route=route()))
        assert ack.result is AckResult.TIMED_OUT
        assert "current" in ack.reason

    play(scene, Script(ignores_current=True))


def test_a_start_that_never_leaves_the_ground_is_no_start() -> None:
    async def scene(bench: FleetBench) -> None:
        await bench.done(Verb.UPLOAD_ROUTE, route=route())
        ack = await bench.ack(bench.give(Verb.START_ROUTE))
        assert ack.result is AckResult.TIMED_OUT
        assert "no climb" in ack.reason

    play(scene, Script(never_climbs=True))


def test_arming_is_tried_again_when_refused_without_a_reason() -> None:
    async def scene(bench: FleetBench) -> None:
        await bench.done(Verb.ARM)

    play(scene, Script(arm_refusals=2))


def test_a_ready_vehicle_is_asked_again_whatever_its_passing_reason() -> None:
    async def scene(bench: FleetBench) -> None:
        await bench.done(Verb.ARM)

    play(scene, Script(arm_refusals=1, arm_reason="Arm: AHRS: EKF3 Yaw inconsistent 20 deg. Wait or reboot"))


def test_a_lasting_reason_is_told() -> None:
    async def scene(bench: FleetBench) -> None:
        ack = await bench.ack(bench.give(Verb.ARM))
        assert ack.result is AckResult.REFUSED_BY_VEHICLE
        assert ack.reason == "not armed: Compass not healthy"

    play(scene, Script(arm_refusals=99, arm_reason="Arm: Compass not healthy"))


def test_a_vehicle_that_is_not_ready_is_not_asked_at_all() -> None:
    async def scene(bench: FleetBench) -> None:
        peer = bench.peers[bench.state().vehicle]
        peer.is_ready = False
        await bench.clock.sleep(1.0)
        ack = await bench.ack(bench.give(Verb.ARM))
        assert ack.result is AckResult.REFUSED_BY_GUARD
        assert "it is not ready: Estimator has no absolute position" in ack.reason
        assert [command for command, _ in peer.commands].count(400) == 0

    play(scene)


def test_a_vehicle_that_names_its_reason_when_asked_is_not_asked_again() -> None:
    async def scene(bench: FleetBench) -> None:
        peer = bench.peers[bench.state().vehicle]
        command = bench.give(Verb.ARM)
        peer.is_ready = False
        ack = await bench.ack(command)
        assert ack.result is AckResult.REFUSED_BY_VEHICLE
        assert ack.reason == "not armed: Need Position Estimate"
        assert [command for command, _ in peer.commands].count(400) <= 2

    play(scene, Script(arm_refusals=9, arm_reason="PreArm: Need Position Estimate"))


def test_arming_gives_up_after_some_refusals() -> None:
    async def scene(bench: FleetBench) -> None:
        ack = await bench.ack(bench.give(Verb.ARM))
        assert ack.result is AckResult.REFUSED_BY_VEHICLE
        assert "refused 4 times without a reason" in ack.reason

    play(scene, Script(arm_refusals=99))


def test_a_route_that_failed_to_load_is_not_started() -> None:
    async def scene(bench: FleetBench) -> None:
        await bench.done(Verb.UPLOAD_ROUTE, route=route())
        bench.peers[bench.state().vehicle].script.loses_last_item = True
        ack = await bench.ack(bench.give(Verb.UPLOAD_ROUTE, route=route(6)))
        assert ack.result is AckResult.REFUSED_BY_VEHICLE
        ack = await bench.ack(bench.give(Verb.START_ROUTE))
        assert ack.result is AckResult.REFUSED_BY_GUARD
        assert "verified on board" in ack.reason

    play(scene)


def test_a_late_refusal_of_an_older_order_does_not_end_a_stop() -> None:
    async def scene(bench: FleetBench) -> None:
        stop = bench.give(Verb.STOP)
        for _ in range(2):
            bench.peers[bench.state().vehicle].ack(176, MavResult.FAILED)
        assert (await bench.ack(stop)).result is AckResult.ACCEPTED

    play(scene)


def test_a_refused_start_falls_back_on_the_mode() -> None:
    async def scene(bench: FleetBench) -> None:
        await bench.done(Verb.UPLOAD_ROUTE, route=route())
        bench.peers[bench.state().vehicle].script.refuses_mission_start = True
        bench.peers[bench.state().vehicle].target_m = 30.0
        await bench.done(Verb.START_ROUTE)
        assert bench.state().mode is FlightMode.AUTO

    play(scene)


def test_a_full_desk_says_so_and_a_lost_link_frees_it() -> None:
    async def scene(bench: FleetBench) -> None:
        bench.peers[bench.state().vehicle].script.is_mute = True
        given = [bench.give(Verb.SET_SPEED, speed_m_s=4.0) for _ in range(18)]
        assert (await bench.ack(given[-1])).result is AckResult.SUPERSEDED
        first = await bench.ack(given[0])
        assert first.result in (AckResult.LINK_LOST, AckResult.TIMED_OUT)
        assert (await bench.ack(given[-2])).result is AckResult.REFUSED_BY_GUARD

    play(scene)


def test_an_upload_is_given_up_when_the_link_is_lost() -> None:
    async def scene(bench: FleetBench) -> None:
        started = bench.clock.now()
        upload = bench.give(Verb.UPLOAD_ROUTE, route=route())
        bench.peers[bench.state().vehicle].script.is_mute = True
        ack = await bench.ack(upload)
        assert ack.result in (AckResult.LINK_LOST, AckResult.TIMED_OUT)
        assert started.age_s(ack.at) < 9.0

    play(scene)


def test_a_lease_taken_is_told() -> None:
    async def scene(bench: FleetBench) -> None:
        lease = Lease(vehicle=bench.state().vehicle, holder=STRANGER, expires=bench.clock.now().plus_s(60.0))
        bench.bus.publish("fleet/lease", lease)
        alarm = bench.bus.of("alarm")[-1]
        assert alarm.text == "Lease refused: U01 is leased to pilot; stranger is no commander"
        assert bench.state().lease_holder == "pilot"

    play(scene)


def test_an_approval_opens_the_guard_for_its_plan() -> None:
    async def scene(bench: FleetBench) -> None:
        digest = Digest("c" * 64)
        assert (await bench.ack(bench.give(Verb.ARM, plan_digest=digest))).result is AckResult.REFUSED_BY_GUARD
        now = bench.clock.now()
        bench.bus.publish("mission/approval", Approval(
            plan=PlanId("p"), digest=digest, by=COMMANDER, at=now, covers_replans=True
        ))
        await bench.done(Verb.ARM, plan_digest=digest)

    play(scene)


def test_hold_takes_the_next_best_mode() -> None:
    async def scene(bench: FleetBench) -> None:
        await bench.done(Verb.HOLD)
        assert bench.state().mode is FlightMode.GUIDED

    play(scene, Script(refused_modes=(17,)))


def test_a_command_in_progress_is_waited_for() -> None:
    async def scene(bench: FleetBench) -> None:
        await bench.done(Verb.SET_SPEED, speed_m_s=4.0)

    play(scene, Script(progress_first=True))


def test_a_new_route_in_the_air_holds_uploads_and_goes_on() -> None:
    async def scene(bench: FleetBench) -> None:
        await upload_and_start(bench)
        peer = bench.peers[bench.state().vehicle]
        peer.commands.clear()
        await bench.done(Verb.UPLOAD_ROUTE, route=route(6, start_index=2))
        assert next(c for c in peer.commands if c[0] in (176, 300)) == (176, 1.0)
        state = bench.state()
        assert state.mode is FlightMode.AUTO
        assert (state.mission_item, state.mission_count) == (2, 6)
        assert all(item["command"] != 22 for item in peer.items)

    play(scene)


def test_stop_goes_before_all() -> None:
    async def scene(bench: FleetBench) -> None:
        await upload_and_start(bench)
        running = bench.give(Verb.UPLOAD_ROUTE, route=route(50))
        waiting = bench.give(Verb.SET_SPEED, speed_m_s=3.0)
        assert not bench.acks(running)
        await bench.done(Verb.STOP, by=COMMANDER)
        assert [ack.result for ack in bench.acks(running)] == [AckResult.SUPERSEDED]
        assert [ack.result for ack in bench.acks(waiting)] == [AckResult.SUPERSEDED]
        assert bench.state().mode is FlightMode.HOLD

    play(scene)


def test_a_stranger_stops_nothing() -> None:
    async def scene(bench: FleetBench) -> None:
        running = bench.give(Verb.UPLOAD_ROUTE, route=route(30))
        ack = await bench.ack(bench.give(Verb.STOP, by=STRANGER))
        assert ack.result is AckResult.REFUSED_BY_GUARD
        assert "does not hold the lease" in ack.reason
        assert (await bench.ack(running)).result is AckResult.ACCEPTED

    play(scene)


def test_commands_wait_their_turn_and_run_in_order() -> None:
    async def scene(bench: FleetBench) -> None:
        first = bench.give(Verb.UPLOAD_ROUTE, route=route(20))
        second = bench.give(Verb.START_ROUTE)
        third = bench.give(Verb.ARM, in_s=0.2)
        assert (await bench.ack(third)).result is AckResult.TIMED_OUT
        assert (await bench.ack(second)).result is AckResult.ACCEPTED
        assert bench.acks(first)[0].at.mono_ns < bench.acks(second)[0].at.mono_ns

    play(scene)


def test_a_repeated_command_is_answered_and_not_run_twice() -> None:
    async def scene(bench: FleetBench) -> None:
        command = bench.give(Verb.CAPTURE)
        bench.bus.publish("fleet/command", command)
        first = await bench.ack(command)
        bench.bus.publish("fleet/command", command)
        assert bench.acks(command) == [first, first]
        assert len(bench.bus.of("fleet/image")) == 1

    play(scene)


def test_commands_to_the_unknown_and_too_late() -> None:
    async def scene(bench: FleetBench) -> None:
        unknown = await bench.ack(bench.give(Verb.HOLD, "U99"))
        late = await bench.ack(bench.give(Verb.HOLD, in_s=-1.0))
        assert unknown.result is AckResult.UNKNOWN_VEHICLE
        assert late.result is AckResult.TIMED_OUT

    play(scene)


def test_a_lost_vehicle_is_told_as_lost() -> None:
    async def scene(bench: FleetBench) -> None:
        peer = bench.peers[bench.state().vehicle]
        peer.script.is_mute = True
        await bench.clock.sleep(9.0)
        assert bench.state().link is LinkState.LOST
        assert not bench.state().is_ready
        assert (await bench.ack(bench.give(Verb.ARM))).result is AckResult.REFUSED_BY_GUARD
        ack = await bench.ack(bench.give(Verb.STOP, in_s=5.0))
        assert ack.result is AckResult.LINK_LOST
        assert peer.mode == 17, "a stop is sent all the same"
        keys = [(alarm.key, alarm.is_active) for alarm in bench.bus.of("alarm")]
        assert ("U01/link_lost", True) in keys
        peer.script.is_mute = False
        await bench.clock.sleep(3.0)
        keys = [(alarm.key, alarm.is_active) for alarm in bench.bus.of("alarm")]
        assert ("U01/link_lost", False) in keys
        assert bench.state().link is LinkState.FRESH

    play(scene)
