"""Key files: made for one user's eyes, found by fingerprint, changed only when the last vehicle has the new one."""

import os
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from command.cli.main import app_of
from command.site.key_files import KeyFiles
from command.site.secrets import (
    SecretNotWritten,
    SecretUnreadable,
    create_key,
    next_of,
    promote,
    read_key,
    read_ring,
)
from fleet.drivers.mavlink.keys import NOTHING
from fleet.links.address import Address, LinkSpec
from fleet.model import VehicleKind
from fleet.roster import PathSpec, RosterEntry
from fleet.switchboard import Switchboard
from fleet.vehicle_keys import NoKeys, VehicleKeys
from fleet.wire.encode import Encoder
from fleet.wire.signing import Signer, SigningPolicy
from fleet.wire.signing_keys import SigningKey
from tests.fleet.test_switchboard import Place
from world.ids import VehicleId
from world.time import Instant

NOON_NS = 1_800_000_000_000_000_000


def test_a_new_key_is_nobody_elses_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        key = create_key(tmp_path / "a.key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.key").stat().st_mode) == 0o600
    assert read_key(tmp_path / "a.key") == key != create_key(tmp_path / "b.key")
    with pytest.raises(SecretNotWritten, match="is there already"):
        create_key(tmp_path / "a.key")
    assert read_key(tmp_path / "a.key") == key
    with pytest.raises(SecretNotWritten, match="cannot be written"):
        create_key(tmp_path / "no" / "a.key")


def test_the_command_line_shows_a_key_only_when_asked(tmp_path: Path) -> None:
    app, file = app_of(["signing"]), tmp_path / "a.key"
    made = CliRunner().invoke(app, ["signing", "create", str(file)])
    key = read_key(file)
    assert (made.exit_code, made.output) == (0, f"{key.fingerprint}  {file}\n")
    told = CliRunner().invoke(app, ["signing", "fingerprint", str(file)])
    assert told.output == made.output
    shown = CliRunner().invoke(app, ["signing", "fingerprint", str(file), "--show"])
    assert shown.output == f"{made.output}{key.secret.hex()}\n"


def test_a_restart_amid_a_change_knows_both(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    old = create_key(path)
    assert read_ring(path).retired == ()
    new = create_key(next_of(path))
    ring = read_ring(path)
    assert [ring.current, ring.retired[0].key] == [new, old]
    promote(path)
    assert read_ring(path).current == new
    assert read_ring(path).retired == ()


class Site:
    """Two vehicles on two links that share a key file, a third link with a key of its own, one that anybody hears."""

    def __init__(self, folder: Path, policy: SigningPolicy = SigningPolicy.REQUIRE) -> None:
        self.shared, self.own = folder / "shared.key", folder / "own.key"
        self.old = create_key(self.shared)
        create_key(self.own)
        files = {"a": self.shared, "b": self.shared, "c": self.own}
        specs = [LinkSpec(
            name=name, address=Address.parse(f"udpin:0.0.0.0:{14550 + number}"), policy=policy,
            keys=read_ring(file), is_private=True,
        ) for number, (name, file) in enumerate(files.items())]
        specs.append(LinkSpec(name="air", address=Address.parse("udpin:0.0.0.0:14560")))
        self.board, self.listener, self.said = Switchboard(lambda *sent: None, specs), Place(), list[str]()
        self.keys = KeyFiles(files, self.board, self.said.append)
        self.encoders = {1: Encoder(1, 1), 2: Encoder(2, 1)}
        self.seconds = 0

    def vehicle(self, name: str, sysid: int, *links: str) -> VehicleKeys:
        self.board.add(RosterEntry(
            vehicle=VehicleId(name), kind=VehicleKind.COPTER, sysid=sysid,
            paths=tuple(PathSpec(link=link) for link in links),
        ), self.listener)
        return VehicleKeys(VehicleId(name), self.board, self.keys)

    def beat(self, link: str, sysid: int, key: SigningKey | None) -> None:
        self.seconds += 1
        now = Instant(mono_ns=self.seconds * 10**9, utc_ns=NOON_NS + self.seconds * 10**9)
        frame = self.encoders[sysid].encode(
            "HEARTBEAT", custom_mode=4, type=2, autopilot=3, base_mode=81, system_status=4
        )
        if key is not None:
            frame = Signer(read_ring(self.own).rotated(key, old_until_utc_ns=0), link_id=sysid).sign(frame, now.utc_ns)
        self.board.receive(link, frame, "10.0.0.7:1", now)


def test_the_old_key_ends_with_the_last_vehicle_that_had_it(tmp_path: Path) -> None:
    site = Site(tmp_path)
    first, second = site.vehicle("U01", 1, "a"), site.vehicle("U02", 2, "b")
    for link, sysid in (("a", 1), ("b", 2)):
        site.beat(link, sysid, site.old)
    new = create_key(next_of(site.shared))
    assert first.fault(new.fingerprint) is None
    assert site.board.seals.signing("a", 1).link_key == site.old.fingerprint, "asking changes nothing"
    assert first.take_up(new.fingerprint) == new
    assert site.board.seals.signing("b", 2).link_key == new.fingerprint, "all links of the file take part"
    site.beat("a", 1, new)
    site.keys.look()
    assert (first.shown(), second.shown()) == (new.fingerprint, site.old.fingerprint)
    site.beat("b", 2, site.old)
    assert second.shown() == site.old.fingerprint, "the old one is accepted still"
    assert read_key(site.shared) == site.old
    site.beat("b", 2, new)
    site.keys.look()
    assert read_key(site.shared) == new
    assert not next_of(site.shared).exists()
    assert len(site.said) == 1
    assert new.secret.hex() not in site.said[0]
    heard = len(site.listener.heard)
    site.beat("b", 2, site.old)
    assert len(site.listener.heard) == heard, "and refused now"


def test_a_disk_that_refuses_keeps_both_and_says_so_once(tmp_path: Path) -> None:
    site = Site(tmp_path)
    vehicle = site.vehicle("U01", 1, "a")
    site.vehicle("U02", 2, "b")
    new = create_key(next_of(site.shared))
    vehicle.take_up(new.fingerprint)
    site.beat("a", 1, new)
    site.beat("b", 2, new)
    next_of(site.shared).unlink()
    site.keys.look()
    site.keys.look()
    assert len(site.said) == 1
    assert "the old one counts on" in site.said[0]
    site.beat("a", 1, site.old)
    assert vehicle.shown() == site.old.fingerprint


def test_keys_travel_by_private_links_that_know_them_only(tmp_path: Path) -> None:
    site = Site(tmp_path)
    old = site.old.fingerprint
    assert "travel in clear by air" in str(site.vehicle("U01", 1, "air").fault(old))
    assert "c does not know the key" in str(site.vehicle("U02", 2, "a", "c").fault(old))
    assert site.vehicle("U03", 3, "a", "air").fault(old) is None, "who looks at no signatures is not in the way"
    assert "a requires signatures" in str(site.vehicle("U04", 4, "a").fault(NOTHING))
    assert VehicleKeys(VehicleId("U04"), site.board, NoKeys()).take_up(old) is None
    assert site.vehicle("U05", 5, "a").take_up("0" * 16) is None
    assert site.vehicle("U06", 6, "a").shown() is None


def test_a_key_may_be_taken_away_where_unsigned_frames_are_let_in(tmp_path: Path) -> None:
    site = Site(tmp_path, SigningPolicy.ACCEPT)
    vehicle = site.vehicle("U01", 1, "a")
    assert vehicle.fault(NOTHING) is None
    site.beat("a", 1, site.old)
    assert vehicle.shown() == site.old.fingerprint
    assert vehicle.now(NOON_NS) > 0
    site.beat("a", 1, None)
    assert vehicle.shown() == NOTHING
    assert site.board.seals.signing("a", 1).vehicle_key is None
    assert not site.board.seals.is_proven("a", 1)


def test_a_next_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    site = Site(tmp_path)
    new = create_key(next_of(site.shared))
    next_of(site.shared).chmod(0o644)
    assert "does not know" in str(site.vehicle("U01", 1, "a").fault(new.fingerprint))
    with pytest.raises(SecretUnreadable, match="can be read by others"):
        read_ring(site.shared)
