"""A flight on signed links over real UDP sockets: forgers are refused and named, a key changes, a kill is survived."""

import json
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from command.site.secrets import next_of, read_key
from command.up.client import SiteLine, new_id
from fleet.commands import AckResult, Command, Verb
from fleet.model import Alarm, LinkReport
from fleet.wire.encode import Encoder
from fleet.wire.enums import FORCE_DISARM_MAGIC
from fleet.wire.enums import Command as MavCommand
from fleet.wire.signing import Signer
from fleet.wire.signing_keys import KeyRing, SigningKey
from tests.support.command_line import taihang
from tests.support.live_site import COMMANDER, HOME, Live, free_port, link, live, one, vehicle, write_site
from tests.support.served_vehicles import served
from world.ids import VehicleId
from world.position import Geodetic

WITHIN_S = 90.0
FORGED = KeyRing(current=SigningKey.from_passphrase("guessed"))
BEAT = {"custom_mode": 4, "type": 2, "autopilot": 3, "base_mode": 81, "system_status": 4}
SIGNED = 'signing = { policy = "require", key = "fleet.key" }\nprivate = true'


def neighbours() -> int:
    """A free port whose next one is free, too."""
    while True:
        port = free_port(socket.SOCK_DGRAM)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def done(running: Live, name: str, verb: Verb, **arguments: Any) -> None:
    with SiteLine(running.socket, COMMANDER, ["fleet/ack"]) as line:
        ack = line.order(Command(
            id=new_id(), vehicle=VehicleId(name), verb=verb, issued_by=line.welcome.name,
            deadline=line.deadline(60.0), **arguments,
        ), 60.0)
    assert ack.result is AckResult.ACCEPTED, ack


def keys(running: Live, fits: Callable[[dict[str, str | None]], bool]) -> dict[str, str | None]:
    """Which key each vehicle signs with, once that fits."""
    found: dict[str, str | None] = {}
    with SiteLine(running.socket, COMMANDER, ["fleet/links"]) as line:
        for _, value in line.heard(WITHIN_S):
            if isinstance(value, LinkReport):
                found[value.vehicle] = value.paths[0].vehicle_key
                if fits(found):
                    return found
    raise AssertionError(found)


def alarm(running: Live, key: str, do: Callable[[], None], *, is_active: bool = True) -> Alarm:
    with SiteLine(running.socket, COMMANDER, ["alarm"]) as line:
        do()
        found: Alarm = line.until(
            lambda value: isinstance(value, Alarm) and value.key == key and value.is_active is is_active,
            within_s=WITHIN_S,
        )
        return found


def forge(running: Live, udp: int, tcp: int) -> None:
    """Somebody without the key, to the station and to the flying vehicle; each frame unsigned and wrongly signed."""
    disarm = Encoder(255, 190).encode(
        "COMMAND_LONG", target_system=1, target_component=1, command=int(MavCommand.COMPONENT_ARM_DISARM),
        confirmation=0, param1=0.0, param2=float(FORCE_DISARM_MAGIC), **{f"param{n}": 0.0 for n in range(3, 8)},
    )
    beat = Encoder(1, 1).encode("HEARTBEAT", **BEAT)
    signer = Signer(FORGED, link_id=1)
    now_ns = running.now_ns()
    with socket.create_connection(("127.0.0.1", tcp)) as line:
        line.sendall(disarm + signer.sign(disarm, now_ns))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
            forger.bind(("127.0.0.1", 0))
            place = f"127.0.0.1:{forger.getsockname()[1]}"
            unsigned = alarm(running, "a/signature_unsigned", lambda: put(forger, beat, udp))
            wrong = alarm(running, "a/signature_wrong", lambda: put(forger, signer.sign(beat, now_ns), udp))
    assert [f"the last from {place} as system 1" in told.text for told in (unsigned, wrong)] == [True, True]
    assert one(running.states(lambda fleet: True), "U01").is_armed, "forgers disarm nobody"


def put(forger: socket.socket, data: bytes, port: int) -> None:
    forger.sendto(data, ("127.0.0.1", port))


def rotate(running: Live, key: Path, *, status: int) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(running.told(
        "signing", "rotate", str(key), "--go", "--json", by=COMMANDER, status=status
    ))
    return told


def shown_only(running: Live, key: Path) -> None:
    """Nothing is sent nor written without --go, and nothing is done that cannot be."""
    assert "dry run, nothing was sent" in running.told("signing", "rotate", str(key), by=COMMANDER)
    assert not next_of(key).exists()
    assert "a commander sets signing keys" in running.told("vehicle", "U02", "signing", "remove", "--go", status=1)
    sentence = running.told("vehicle", "U02", "signing", "remove", "--go", by=COMMANDER, status=1)
    assert "b requires signatures" in sentence
    assert "signed" in running.told("link", "list")


def test_a_signed_flight_with_forgers_a_kill_and_a_new_key(tmp_path: Path) -> None:
    key, udp = tmp_path / "fleet.key", neighbours()
    with taihang("signing", "create", str(key)) as tool:
        assert tool.end(within_s=60.0) == 0
    old = read_key(key)
    assert tool.out == f"{old.fingerprint}  {key}\n"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    path = write_site(tmp_path, "".join((
        link("a", f"udpin:127.0.0.1:{udp}", SIGNED), link("b", f"udpin:127.0.0.1:{udp + 1}", SIGNED),
        vehicle("U01", ["a"]), vehicle("U02", ["b"], 2),
    )))
    with served(2, udp_port=udp, key=key, speed=5.0) as (tcp, _):
        with live(path, temporary=tmp_path) as first:
            first.ready("U01", "U02")
            keys(first, lambda found: found == dict.fromkeys(("U01", "U02"), old.fingerprint))
            done(first, "U01", Verb.TAKE_OFF, height_m=12.0)
            forge(first, udp, tcp)
            shown_only(first, key)
            told = rotate(first, key, status=1)
            assert {name: ack["result"] for name, ack in told["acks"].items()} == {
                "U01": "refused_by_guard", "U02": "accepted"
            }
            assert "disarmed only" in told["acks"]["U01"]["reason"]
            new = read_key(next_of(key))
            dry = first.told("vehicle", "U01", "signing", "install", str(next_of(key)), by=COMMANDER)
            assert "secret_key=hidden" in dry
            assert new.secret.hex() not in dry
            keys(first, lambda found: found == {"U01": old.fingerprint, "U02": new.fingerprint})
            assert not alarm(first, "a/signature_wrong", lambda: None, is_active=False).is_active
            first.kill()
        with live(path, temporary=tmp_path) as second:
            second.states(lambda fleet: one(fleet, "U01").is_armed is True)
            keys(second, lambda found: found == {"U01": old.fingerprint, "U02": new.fingerprint})
            home = HOME[0] + 0.0005, HOME[1] + 0.0005
            done(second, "U01", Verb.GO_TO, position=Geodetic(lat_deg=home[0], lon_deg=home[1], height_m=912.0))
            done(second, "U01", Verb.LAND)
            second.states(lambda fleet: one(fleet, "U01").is_armed is False)
            assert rotate(second, key, status=0)["is_whole"]
            assert read_key(key) == new
            assert not next_of(key).exists()
            keys(second, lambda found: found == dict.fromkeys(("U01", "U02"), new.fingerprint))
            second.run.process.terminate()
            assert second.run.end(within_s=30.0) == 0
            nothing_tells(tmp_path, (old, new), (first.run.out, first.run.err, second.run.out, second.run.err))


def nothing_tells(folder: Path, secret: tuple[SigningKey, ...], said: tuple[str, ...]) -> None:
    """No key in the record, in telemetry, in times of signatures, nor at the terminal."""
    texts = [text.encode() for text in said]
    for name in os.listdir(folder / "record"):
        if (folder / "record" / name).is_file():
            texts.append((folder / "record" / name).read_bytes())
    for each in secret:
        assert not any(each.secret in text or each.secret.hex().encode() in text for text in texts)
