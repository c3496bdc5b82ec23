"""A pilot at a terminal, with vehicles on TCP, UDP and a serial line: real processes over real sockets."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from command.store.record import Record
from command.up.client import SiteLine
from fleet.commands import Command, Verb
from fleet.group import GroupAcks, GroupOrder, GroupVerb
from fleet.model import LinkState
from tests.support.command_line import taihang
from tests.support.live_site import (
    COMMANDER,
    HOME,
    Live,
    free_port,
    link,
    live,
    one,
    serial_line,
    vehicle,
    write_site,
)
from tests.support.served_vehicles import served
from world.ids import CommandId, OperatorId, VehicleId

STARTED = {"preparing", "launching", "searching"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """U01 by TCP, U02 by a serial line, V01 by UDP and TCP, and one that nobody named."""
    udp = free_port(socket.SOCK_DGRAM)
    with ExitStack() as stack:
        first, second, third = stack.enter_context(served(3))
        (both,) = stack.enter_context(served(udp_port=udp))
        device = stack.enter_context(serial_line(second))
        path = write_site(tmp_path_factory.mktemp("site"), "".join((
            link("tcp", f"tcpout:127.0.0.1:{first}", 'bearer = "wire"'),
            link("radio", f"serial:{device}:57600"),
            link("lte", f"udpin:127.0.0.1:{udp}", 'bearer = "5g"'),
            link("mesh", f"tcpout:127.0.0.1:{both}", 'bearer = "mesh"'),
            link("guests", f"tcpout:127.0.0.1:{third}", "adopts = true"),
            vehicle("U01", ["tcp"]), vehicle("U02", ["radio"], 2), vehicle("V01", ["lte 127.0.0.1", "mesh"]),
        )))
        running = stack.enter_context(live(path))
        running.ready("U01", "U02", "V01", "guests-3")
        yield running


def test_vehicles_of_every_kind_of_link_are_listed(site: Live) -> None:
    listed = {state["vehicle"]: state for state in json.loads(site.call("vehicle", "list", "--json"))}
    assert set(listed) == {"U01", "U02", "V01", "guests-3"}
    assert {state["link"] for state in listed.values()} == {"fresh"}
    text = site.call("vehicle", "list")
    assert all(name in text for name in listed)


def test_links_are_listed_with_every_path(site: Live) -> None:
    reports = {report["vehicle"]: report["paths"] for report in json.loads(site.call("link", "list", "--json"))}
    assert [len(reports[name]) for name in ("U01", "U02", "V01")] == [1, 1, 2]
    assert sum(path["is_primary"] for path in reports["V01"]) == 1
    assert {path["bearer"] for path in reports["V01"]} == {"5g", "mesh"}
    assert "primary" in site.call("link", "list")


def test_links_are_watched_as_lines(site: Live) -> None:
    with taihang("link", "watch", "--json", "--as", "wang", "--socket", str(site.socket)) as tool:
        assert tool.process.stdout is not None
        assert json.loads(tool.process.stdout.readline())["paths"]
        tool.ask(signal.SIGINT)
        assert tool.end(within_s=20.0) == 130


def test_a_command_to_a_real_vehicle_is_only_shown(site: Live) -> None:
    shown = site.call("vehicle", "U01", "arm")
    assert "dry run, nothing was sent" in shown
    assert "DO_SET_MODE" in shown
    assert "would let it through" in shown
    told = json.loads(site.call("vehicle", "U01", "goto", "35.60", "112.85", "30", "--json"))
    assert told["is_dry_run"]
    assert "refused" in told["guard"]
    assert one(site.ready("U01"), "U01").is_armed is False


def test_a_pilot_flies_by_hand(site: Live) -> None:
    """A take-off arms first. Armed alone, the autopilot disarms itself within ten of its seconds."""
    assert json.loads(site.call("vehicle", "U01", "takeoff", "20", "--go", "--json"))["result"] == "accepted"
    assert "accepted" in site.call("vehicle", "U01", "goto", "35.4905", "112.8505", "25", "--go")
    assert "accepted" in site.call("vehicle", "U01", "hold")
    refused = site.call("vehicle", "U01", "goto", "35.60", "112.85", "25", "--go", status=1)
    assert "refused by guard" in refused
    shown = json.loads(site.call("vehicle", "U01", "show", "--json"))
    assert (shown["is_armed"], shown["lease_holder"]) == (True, "wang")
    assert "accepted" in site.call("vehicle", "U01", "land")
    site.states(lambda fleet: one(fleet, "U01").is_armed is False)


def test_many_stop_together_stay_so_and_are_released_by_a_commander(site: Live) -> None:
    told = json.loads(site.call("fleet", "stop", "U01", "U02", "--json", by=COMMANDER))
    assert {name: ack["result"] for name, ack in told["acks"].items()} == {"U01": "accepted", "U02": "accepted"}
    refused = site.call("vehicle", "U01", "takeoff", "20", "--go", status=1)
    assert "stop" in refused
    assert "accepted" in site.call("vehicle", "U01", "hold"), "what ends motion stays free"
    assert "no commander" in site.call("fleet", "release", "U01", "U02", status=1)
    site.call("fleet", "release", "U01", "U02", by=COMMANDER)
    assert "dry run, nothing was sent" in site.call("fleet", "takeoff", "20", "U01", "U02")
    flown = json.loads(site.call("fleet", "takeoff", "20", "U01", "U02", "--go", "--json", within_s=400.0))
    assert {ack["result"] for ack in flown["acks"].values()} == {"accepted"}
    landed = json.loads(site.call("fleet", "land", "U01", "U02", "--json"))
    assert {ack["result"] for ack in landed["acks"].values()} == {"accepted"}
    site.states(lambda fleet: not any(one(fleet, name).is_armed for name in ("U01", "U02")), within_s=240.0)


def test_each_speaks_in_the_own_name(site: Live) -> None:
    assert "wang, li" in site.call("vehicle", "U01", "hold", by="zhao", status=2)
    refused = site.call("vehicle", "guests-3", "hold", status=1)
    assert "wang may hold U*, V* only" in refused
    assert "accepted" in site.call("vehicle", "guests-3", "hold", by=COMMANDER)


def test_a_lease_is_asked_for_handed_over_and_taken(site: Live) -> None:
    told = json.loads(site.call("vehicle", "guests-3", "lease", "ask", "--json", by=COMMANDER))
    assert (told["outcome"], told["holder"]) == ("granted", COMMANDER)
    refused = site.call("vehicle", "V01", "lease", "release", status=1)
    assert "V01" in refused
    assert "holds camera of V01" in site.call("vehicle", "V01", "lease", "ask", "--payload", "camera")
    assert "offers camera of V01 to li" in site.call("vehicle", "V01", "lease", "offer", "li", "--payload", "camera")
    assert "taken over camera of V01" in site.call(
        "vehicle", "V01", "lease", "accept", "--payload", "camera", by=COMMANDER
    )
    assert "given up camera of V01" in site.call(
        "vehicle", "V01", "lease", "release", "--payload", "camera", by=COMMANDER
    )


def test_a_kill_needs_the_name(site: Live) -> None:
    assert "nothing was sent" in site.call("vehicle", "V01", "kill", status=2)
    assert "nothing was sent" in site.call("vehicle", "V01", "kill", "--confirm", "V02", status=2)
    assert "accepted" in site.call("vehicle", "V01", "arm", "--go")
    assert "accepted" in site.call("vehicle", "V01", "kill", "--confirm", "V01")
    site.states(lambda fleet: one(fleet, "V01").is_armed is False)


def test_parameters_are_read_and_set(site: Live) -> None:
    assert json.loads(site.call("vehicle", "U02", "params", "rtl_alt", "--json")).keys() == {"RTL_ALT"}
    assert "dry run" in site.call("vehicle", "U02", "params", "set", "RTL_ALT=2500")
    assert "accepted" in site.call("vehicle", "U02", "params", "set", "RTL_ALT=2500", "--go")
    assert json.loads(site.call("vehicle", "U02", "params", "RTL_ALT", "--json")) == {"RTL_ALT": 2500.0}
    assert "write NAME=NUMBER" in site.call("vehicle", "U02", "params", "set", "RTL_ALT=high", status=2)


def test_what_is_on_board_is_shown(site: Live) -> None:
    assert json.loads(site.call("vehicle", "U01", "fence", "show", "--json"))["areas"] == []
    assert json.loads(site.call("vehicle", "U01", "rally", "show", "--json"))["points"] == []
    assert isinstance(json.loads(site.call("vehicle", "U01", "log", "list", "--json")), list)
    assert json.loads(site.call("vehicle", "U01", "files", "ls", "/", "--json"))
    assert "ardupilot" in site.call("vehicle", "U01", "profile")
    assert json.loads(site.call("vehicle", "U01", "failsafes", "--json"))


def test_a_fence_goes_on_board_from_a_map_and_comes_back_as_one(site: Live, tmp_path: Path) -> None:
    here, lat, lon = tmp_path / "fence.geojson", *HOME
    corners = [[lon - 0.005, lat - 0.004], [lon + 0.005, lat - 0.004], [lon + 0.005, lat + 0.004], [lon - 0.005, lat]]
    hole = [[lon + 0.003, lat + 0.001], [lon + 0.004, lat + 0.001], [lon + 0.004, lat + 0.002]]
    here.write_text(json.dumps({"type": "Polygon", "coordinates": [[*corners, corners[0]], [*hole, hole[0]]]}))
    assert "dry run, nothing was sent" in site.told("vehicle", "U02", "fence", "upload", str(here))
    told = json.loads(site.told("vehicle", "U02", "fence", "upload", str(here), "--go", "--json"))
    assert (told["ack"]["result"], told["items"]) == ("accepted", 7)
    assert f"digest {told['digest']:x}" in site.told("vehicle", "U02", "fence", "show")
    drawn = json.loads(site.told("vehicle", "U02", "fence", "show", "--geojson"))
    assert [one["properties"]["kind"] for one in drawn["features"]] == ["inclusion", "exclusion"]
    assert drawn["features"][0]["geometry"]["coordinates"][0][0] == pytest.approx(corners[0], abs=2e-6)
    here.write_text(json.dumps(drawn))
    again = json.loads(site.told("vehicle", "U02", "fence", "upload", str(here), "--go", "--json"))
    assert again["digest"] == told["digest"]
    wide = [[lon - 0.5, lat - 0.5], [lon + 0.5, lat - 0.5], [lon, lat + 0.5]]
    here.write_text(json.dumps({"type": "Polygon", "coordinates": [wide]}))
    assert "wider than the site's" in site.told("vehicle", "U02", "fence", "upload", str(here), "--go", status=1)
    assert "commander" in site.told("vehicle", "U02", "fence", "clear", "--go", status=1)
    assert "0 items on board" in site.told("vehicle", "U02", "fence", "clear", "--go", by=COMMANDER)
    assert json.loads(site.told("vehicle", "U02", "fence", "show", "--json"))["areas"] == []


def test_rally_points_go_on_board_from_a_map_and_come_back_as_one(site: Live, tmp_path: Path) -> None:
    here, lat, lon = tmp_path / "rally.geojson", *HOME
    place = {"type": "Point", "coordinates": [lon + 0.001, lat]}
    low = {"type": "Feature", "geometry": place, "properties": {"above_home_m": 40}}
    high = {"type": "Point", "coordinates": [lon, lat + 0.001, 945.0]}
    here.write_text(json.dumps({"type": "FeatureCollection", "features": [low, high]}))
    assert "dry run, nothing was sent" in site.told("vehicle", "U02", "rally", "upload", str(here))
    told = json.loads(site.told("vehicle", "U02", "rally", "upload", str(here), "--go", "--json"))
    drawn = json.loads(site.told("vehicle", "U02", "rally", "show", "--geojson"))
    assert drawn["features"][0]["properties"]["above_home_m"] == 40.0
    assert drawn["features"][1]["properties"]["above_home_m"] == pytest.approx(45.0, abs=2.0)
    here.write_text(json.dumps(drawn))
    again = json.loads(site.told("vehicle", "U02", "rally", "upload", str(here), "--go", "--json"))
    assert (again["digest"], again["items"]) == (told["digest"], 2)
    assert "0 items on board" in site.told("vehicle", "U02", "rally", "clear", "--go")
    assert json.loads(site.told("vehicle", "U02", "rally", "show", "--json"))["points"] == []


def test_a_log_is_fetched_whole(site: Live, tmp_path: Path) -> None:
    assert "accepted" in site.call("vehicle", "U02", "arm", "--go")
    assert "accepted" in site.call("vehicle", "U02", "disarm", "--go")
    logs: list[dict[str, Any]] = json.loads(site.call("vehicle", "U02", "log", "list", "--json"))
    smallest = min(logs, key=lambda log: int(log["size"]))
    out = tmp_path / "flight.bin"
    site.call("vehicle", "U02", "log", "get", str(smallest["number"]), "--out", str(out))
    assert out.stat().st_size >= smallest["size"]
    missing = site.call("vehicle", "U02", "files", "get", "/nothing.bin", "--out", str(tmp_path / "x"), status=1)
    assert "U02" in missing
    assert not (tmp_path / "x").exists()


def test_unknown_vehicles_are_named(site: Live) -> None:
    assert "this site has U01" in site.call("vehicle", "U99", "show", status=2)
    assert "not in the roster" in site.call("vehicle", "U99", "hold", status=1)


def test_a_mission_is_planned_approved_by_digest_started_and_called_back(site: Live, tmp_path: Path) -> None:
    """By people with the roles for it; the planner, the guard and the vehicles are the real ones."""
    lat, lon = HOME
    here = tmp_path / "area.geojson"
    corners = [[lon + 0.0005, lat], [lon + 0.002, lat], [lon + 0.002, lat + 0.001], [lon + 0.0005, lat + 0.001]]
    here.write_text(json.dumps({"type": "Polygon", "coordinates": [[*corners, corners[0]]]}))
    asked = ("mission", "plan", str(here), "--vehicle", "U01", "--vehicle", "U02", "--name", "valley", "--looks", "1")
    assert "run taihang mission plan" in site.told("mission", "show", status=2)
    assert "a commander gives intents" in site.told(*asked, status=1)
    site.ready("U01", "U02")
    told = json.loads(site.told(*asked, "--json", by=COMMANDER))
    assert {task["vehicle"] for task in told["tasks"]} == {"U01", "U02"}
    assert told["makespan_bound_s"] <= told["makespan_s"]
    assert told["digest"] in site.told("mission", "show", "valley")
    assert "is not approved" in site.told("mission", "start", "--go", by=COMMANDER, status=1)
    short = told["digest"][:12]
    assert "a commander gives intents and approvals" in site.told("mission", "approve", short, status=1)
    other = "0" * 12 if not short.startswith("0") else "1" * 12
    assert "look at it again" in site.told("mission", "approve", other, by=COMMANDER, status=1)
    assert "is approved by li" in site.told("mission", "approve", short, by=COMMANDER)
    assert "dry run, nothing was sent" in site.told("mission", "start", by=COMMANDER)
    assert "a commander orders launch" in site.told("mission", "start", "--go", status=1)
    assert json.loads(site.told("mission", "start", "--go", "--json", by=COMMANDER))["phase"] in STARTED
    assert "already" in site.told("mission", "start", "--go", by=COMMANDER, status=1)
    (listed,) = json.loads(site.told("mission", "list", "--json"))
    assert (listed["mission"], listed["approved_by"]) == ("valley", COMMANDER)
    site.states(lambda fleet: any(one(fleet, name).is_armed for name in ("U01", "U02")))
    assert "is not planned: mission valley is under way" in site.told(*asked, by=COMMANDER, status=1)
    assert "no way to end a mission" in site.told("mission", "abort", "--how", "explode", status=2)
    ended = json.loads(site.told("mission", "abort", "--json"))
    assert {name: ack["result"] for name, ack in ended["acks"].items()} == {"U01": "accepted", "U02": "accepted"}
    site.states(lambda fleet: all(one(fleet, name).mode == "return" or not one(fleet, name).is_armed
                                  for name in ("U01", "U02")))


def test_nothing_runs_is_one_sentence(tmp_path: Path) -> None:
    with taihang("vehicle", "list") as tool:
        assert tool.end(within_s=60.0) == 3
        assert "start one with taihang up --config site.toml" in tool.err
    with taihang("vehicle", "arm", "--go") as tool:
        assert tool.end(within_s=60.0) == 2
        assert "taihang vehicle U01 arm" in tool.err


def test_a_vehicle_that_never_answers_is_said_and_not_waited_for(tmp_path: Path) -> None:
    port = free_port(socket.SOCK_STREAM)
    rest = link("tcp", f"tcpout:127.0.0.1:{port}") + link("radio", "serial:/dev/nothing:57600")
    path = write_site(tmp_path, rest + vehicle("U01", ["tcp", "radio"]))
    with live(path, temporary=tmp_path) as dead:
        with taihang("vehicle", "list", "--json", "--as", "li", TMPDIR=str(tmp_path)) as tool:
            assert tool.end(within_s=60.0) == 0
            assert json.loads(tool.out)[0]["link"] == LinkState.LOST
        assert "refused by guard" in dead.call("vehicle", "U01", "arm", "--go", status=1)
        assert "/dev/nothing:57600: No such file or directory" in dead.call("link", "list")


def test_a_used_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        path = write_site(tmp_path, link("tcp", f"tcpin:127.0.0.1:{port}", "adopts = true"))
        with taihang("up", "--config", str(path), "--headless") as run:
            assert run.end(within_s=60.0) == 3
            assert f"tcpin:127.0.0.1:{port} cannot be opened" in run.err
            assert run.err.count("\n") == 1
        path = write_site(tmp_path, link("udp", "udpin:127.0.0.1:0", "adopts = true"))
        with taihang("up", "--config", str(path), "--as", "li", "--port", str(port)) as run:
            assert run.end(within_s=60.0) == 3
            assert f"127.0.0.1:{port} cannot be used" in run.err


def test_a_broken_site_is_explained(tmp_path: Path) -> None:
    path = write_site(tmp_path, link("tcp", "tcp//nothing", "adopts = true"))
    with taihang("up", "--config", str(path), "--headless") as run:
        assert run.end(within_s=60.0) == 2
        assert "line 14, links.tcp.address" in run.err
        assert run.err.count("\n") == 1


def test_only_one_writes_a_record(tmp_path: Path) -> None:
    path = write_site(tmp_path, link("udp", "udpin:127.0.0.1:0", "adopts = true"))
    with live(path) as first:
        with taihang("up", "--config", str(path), "--headless") as second:
            assert second.end(within_s=60.0) == 2
            assert "another taihang up writes to" in second.err
        first.run.ask(signal.SIGTERM)
        assert first.run.end(within_s=30.0) == 0
        assert not first.socket.exists()


def test_the_screen_comes_with_its_address(tmp_path: Path) -> None:
    path = write_site(tmp_path, link("udp", "udpin:127.0.0.1:0", "adopts = true"))
    with live(path, "--as", "li", "--port", "0") as running:
        page, _, _ = running.facts["screen"].partition("?")
        assert page.startswith("http://127.0.0.1:")
        browser = build_opener(HTTPCookieProcessor())
        browser.open(running.facts["screen"]).close()
        with browser.open(f"{page}api/site") as answer:
            told = json.load(answer)
        assert (told["title"], told["is_simulated"], told["is_exercise"]) == ("test", False, False)
        with browser.open(f"{page}api/state") as answer:
            assert json.load(answer)["hub"]["is_connected"]
        running.run.ask(signal.SIGINT)
        assert running.run.end(within_s=30.0) == 0
        assert running.run.all_gone(within_s=10.0)


def test_killed_and_started_again_it_goes_on(tmp_path: Path) -> None:
    with served(1) as (port,):
        path = write_site(tmp_path, link("tcp", f"tcpout:127.0.0.1:{port}") + vehicle("U01", ["tcp"]))
        with live(path, temporary=tmp_path) as before:
            before.ready("U01")
            assert "accepted" in before.call("vehicle", "U01", "takeoff", "15", "--go")
            with SiteLine(before.socket, COMMANDER, ["fleet/group_acks"]) as line:
                line.say("fleet/group_order", GroupOrder(
                    id=CommandId("all"), verb=GroupVerb.STOP, vehicles=None,
                    issued_by=OperatorId(COMMANDER), deadline=line.deadline(20.0),
                ))
                line.until(lambda value: isinstance(value, GroupAcks) and value.is_final, within_s=60.0)
            before.kill()
        with live(path, temporary=tmp_path) as after:
            assert after.socket == before.socket
            flying = after.states(lambda fleet: one(fleet, "U01").is_armed is True)
            assert one(flying, "U01").lease_holder == "wang"
            with SiteLine(after.socket, COMMANDER, ["fleet/ack"]) as line:
                refused = line.order(Command(
                    id=CommandId("go"), vehicle=VehicleId("U01"), verb=Verb.GO_TO, issued_by=OperatorId(COMMANDER),
                    deadline=line.deadline(10.0),
                ), within_s=10.0)
            assert "li has stopped the fleet" in refused.reason
            assert "accepted" in after.call("vehicle", "U01", "land")
            after.run.ask(signal.SIGTERM)
            assert after.run.end(within_s=30.0) == 0
    record = Record(tmp_path / "record" / "events.db", read_only=True)
    verbs = [event.value().verb for event in record.events() if event.topic == "fleet/command"]
    assert verbs == ["take_off", "stop", "go_to", "land"]
    assert record.verify() > len(verbs)
    record.close()
    assert os.stat(tmp_path / "record").st_uid == os.getuid()
