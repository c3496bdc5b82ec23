"""A site's file: what is right is read, and every mistake is one sentence with line, field and remedy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from command.errors import BadInput
from command.site.model import Role
from command.site.reader import read_site
from command.survey import Survey, save_survey
from fleet.links.address import Bearer, Scheme
from fleet.roster import PathSpec
from fleet.wire.signing import SigningPolicy
from fleet.wire.signing_keys import SigningKey
from tests.support.live_site import HEAD, link, vehicle, write_site
from world.ids import OperatorId, VehicleId
from world.position import Geodetic, LocalFrame
from world.terrain import Terrain

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "site.example.toml"
GOOD = link("tcp", "tcpout:127.0.0.1:5760") + vehicle("U01", ["tcp"])


def refused(folder: Path, text: str) -> str:
    path = folder / "site.toml"
    path.write_text(text)
    with pytest.raises(BadInput) as error:
        read_site(path)
    said = str(error.value)
    assert "\n" not in said
    assert said.startswith(str(path))
    return said.removeprefix(f"{path}, ")


def test_the_example_is_a_site() -> None:
    site = read_site(EXAMPLE)
    assert {link.address.scheme for link in site.links} == {Scheme.SERIAL, Scheme.UDP_IN, Scheme.TCP_OUT}
    assert [entry.vehicle for entry in site.entries] == ["U01", "U02", "G01", "P01"]
    assert site.entries[0].paths == (PathSpec(link="radio"), PathSpec(link="lte", peer="10.8.0.11"))
    assert [one.name for one in site.links if one.adopts] == ["bench"]
    assert site.titles == ("North ridge", "北岭")
    assert not site.is_simulated
    assert site.record == EXAMPLE.parent / "north-ridge-record"
    assert site.users[OperatorId("li")].role is Role.COMMANDER
    assert site.users[OperatorId("wang")].role is Role.PILOT
    assert len(site.landings) == len(site.fence.exclusions) == 1


def test_a_path_is_relative_to_the_file_and_a_survey_brings_its_ground(tmp_path: Path) -> None:
    frame = LocalFrame(Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=800.0))
    ground = Terrain(west_m=-2000.0, south_m=-2000.0, cell_m=100.0, heights_m=np.full((41, 41), 50.0, np.float32))
    save_survey(tmp_path / "ground.npz", Survey(terrain=ground, frame=frame))
    text = HEAD.replace('terrain = { flat_amsl_m = 900.0, radius_m = 3000.0 }', 'terrain = { survey = "ground.npz" }')
    text = text.replace('origin = { lat_deg = 35.49, lon_deg = 112.85, amsl_m = 900.0 }\n', "")
    (tmp_path / "site.toml").write_text(text + GOOD)
    site = read_site(tmp_path / "site.toml")
    assert site.survey.frame.origin == frame.origin
    outline: Any = site.fence.inclusion
    assert outline[0].height_m == pytest.approx(850.0)


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ('record = "record"', 'records = "record"', "line 3, site.records: 'records' is not known here; did you mean"),
        ('record = "record"\n', "", "line 1, site.record: is missing; add record = <a text>"),
        ("5, amsl_m = 900.0", "5, amsl_m = 90000.0", "line 4, site.origin.amsl_m: is 90000; give a value between"),
        ("origin =", "# origin =", "line 1, site.origin: is missing; flat ground needs one, such as origin ="),
        ("flat_amsl_m = 900.0", 'survey = "no.npz"', "line 4, site.origin: is not needed; the survey has its own"),
        ("{ flat_amsl_m = 900.0, radius_m = 3000.0 }", "{}", "line 5, site.terrain: needs either survey ="),
        ("[35.482, 112.840], [35.498, 112.840], ", "", "line 7, fence.inclusion: has 2 corners; give 3 or more"),
        ("[[35.482, 112.840]", "[[36.482, 112.840]", "line 7, fence.inclusion: [36.482, 112.84] lies beyond the known"),
        ("tcpout:127.0.0.1:5760", "tcpout:5760", "line 14, links.tcp.address: is wrong: 'tcpout:5760' is no address"),
        ('["tcp"]', '["tpc"]', "line 19, vehicles.U01.paths: names link 'tpc', which is not there; did you mean tcp?"),
        ('["tcp"]', "[]", 'line 19, vehicles.U01.paths: is empty; name a link, such as paths = ["tcp"]'),
        ('kind = "copter"', 'kind = "copper"', "line 17, vehicles.U01.kind: 'copper' is not known here; did you mean"),
        ("sysid = 1", "sysid = 251", "line 18, vehicles.U01.sysid: is 251; give a value between 1 and 250"),
        ('role = "pilot"', 'role = "boss"', "line 9, users.wang.role: 'boss' is not known here; use one of pilot"),
        ("[users.wang]", "[users.missions]", "line 8, users.missions: is the name of a service of ours"),
        ('address = "tcp', 'bearer = "pigeon"\naddress = "tcp', "line 14, links.tcp.bearer: 'pigeon' is not"),
        ("[fence]", "[fences]", "line 6, fences: is not known here; use one of site, links"),
        ("[site]", "[site", "Expected ']'"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, written: str, instead: str, said: str) -> None:
    text = HEAD + GOOD
    assert written in text
    assert said in refused(tmp_path, text.replace(written, instead))


def test_vehicles_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, HEAD + GOOD + vehicle("U02", ["tcp"]))
    assert said.startswith("line 23, vehicles.U02.sysid: cannot be: U02 and U01 share system id 1 on link tcp")


def test_a_site_needs_a_way_to_get_vehicles(tmp_path: Path) -> None:
    assert "no link adopts" in refused(tmp_path, HEAD + link("tcp", "tcpout:127.0.0.1:5760"))
    assert "links: is missing; add [links.NAME]" in refused(tmp_path, HEAD)
    twice = link("a", "udpin:0.0.0.0:14550", "adopts = true") + link("b", "udpin:0.0.0.0:14550")
    assert "links.b.address: is that of link a, too" in refused(tmp_path, HEAD + twice)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot be read .* start from docs/site.example.toml"):
        read_site(tmp_path / "no.toml")


def test_keys_are_read_from_private_files_only(tmp_path: Path) -> None:
    key = tmp_path / "lte.key"
    signed = HEAD + link("lte", "udpin:0.0.0.0:0", 'adopts = true\nbearer = "5g"\nsigning = { key = "lte.key" }')
    assert "links.lte.signing: the key file" in refused(tmp_path, signed)
    key.write_text("correct horse battery staple\n")
    key.chmod(0o644)
    assert f"can be read by others; run chmod 600 {key}" in refused(tmp_path, signed)
    key.chmod(0o600)
    (tmp_path / "site.toml").write_text(signed)
    spec = read_site(tmp_path / "site.toml").links[0]
    assert (spec.policy, spec.bearer) == (SigningPolicy.REQUIRE, Bearer.CELLULAR)
    assert spec.keys is not None
    assert spec.keys.current == SigningKey.from_passphrase("correct horse battery staple")
    key.write_text("ab" * 32)
    spec = read_site(tmp_path / "site.toml").links[0]
    assert spec.keys is not None
    assert spec.keys.current == SigningKey.from_hex("ab" * 32)
    without = signed.replace('signing = { key = "lte.key" }', 'signing = { policy = "require" }')
    assert "requires signatures and has no key" in refused(tmp_path, without)


def test_users_cover_what_their_patterns_say(tmp_path: Path) -> None:
    wang = read_site(write_site(tmp_path, GOOD)).users[OperatorId("wang")]
    assert wang.covers(VehicleId("U01"))
    assert not wang.covers(VehicleId("G01"))
