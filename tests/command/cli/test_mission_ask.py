"""A drawn search: what the map must hold, whom it counts on, whose camera it needs to know; in one sentence each."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from command.cli.mission_ask import Optics, Wish, drawn_search, search_of
from command.errors import BadInput
from command.up.mission_line import MissionLog
from fleet.model import CameraLens, FleetState, LinkState, VehicleKind, VehicleState
from tests.command.cli.test_geojson import RING, feature, of
from world.ids import OperatorId, StreamId, VehicleId
from world.position import Geodetic
from world.time import Instant

NOW = Instant(mono_ns=0, utc_ns=0)
AT = Geodetic(lat_deg=35.49, lon_deg=112.85, height_m=900.0)
UNSAID = Optics(hfov_deg=None, pixels=None, pitch_deg=None)
SAID = Optics(hfov_deg=35.0, pixels=(640, 512), pitch_deg=-45.0)
WISH = Wish(
    name=None, vehicles=(), height_agl_m=40.0, min_looks=3, min_separation_m=10.0, subjects=1, optics=SAID
)
AREA = feature("Polygon", [RING])


def state(name: str, kind: VehicleKind = VehicleKind.COPTER, **changes: Any) -> VehicleState:
    made = VehicleState(
        vehicle=VehicleId(name), kind=kind, heard=NOW, link=LinkState.FRESH, position=AT, is_armed=False
    )
    return replace(made, **changes)


def log(*states: VehicleState) -> MissionLog:
    made = MissionLog()
    made.take(FleetState(at=NOW, vehicles=states))
    return made


def drawn(tmp_path: Path, *features: dict[str, Any]) -> Any:
    return drawn_search(of(tmp_path, {"type": "FeatureCollection", "features": [AREA, *features]}))


def test_by_default_every_copter_that_stands_there_searches(tmp_path: Path) -> None:
    here = log(
        state("U01"), state("U02", is_armed=True), state("U03", link=LinkState.LOST), state("G01", VehicleKind.ROVER),
        state("U05"),
    )
    intent = search_of(drawn(tmp_path), WISH, here, OperatorId("li"))
    assert [offer.vehicle for offer in intent.offers] == ["U01", "U05"]
    assert {offer.camera_hfov_deg for offer in intent.offers} == {35.0}
    assert intent.asked_by == "li"
    assert {corner.height_m for corner in intent.area} == {900.0}
    assert 112.85 < intent.last_known_point.lon_deg < 112.86
    assert intent.mission != search_of(drawn(tmp_path), WISH, here, OperatorId("li")).mission


def test_robots_patrol_lines_with_their_names(tmp_path: Path) -> None:
    line = feature("LineString", RING, vehicle="G01")
    intent = search_of(
        drawn(tmp_path, line, feature("Point", [112.853, 35.492])), WISH,
        log(state("U01"), state("G01", VehicleKind.ROVER)), OperatorId("li"),
    )
    assert [offer.vehicle for offer in intent.offers] == ["U01", "G01"]
    assert len(intent.patrols[0].points) == 4
    assert intent.last_known_point.lat_deg == 35.492


def test_a_camera_is_what_the_vehicle_told_unless_said(tmp_path: Path) -> None:
    here = log(state("U01"))
    with pytest.raises(BadInput, match="camera of U01 is not known"):
        search_of(drawn(tmp_path), replace(WISH, optics=UNSAID), here, OperatorId("li"))
    for spectrum, hfov_deg in (("thermal", 20.0), ("rgb", 30.0), ("thermal", 20.0)):
        here.take(CameraLens(
            stream=StreamId(f"U01/{spectrum}"), vehicle=VehicleId("U01"), width_px=800, height_px=600,
            hfov_deg=hfov_deg, pitch_deg=-50.0, spectrum=spectrum,
        ))
    (offer,) = search_of(drawn(tmp_path), replace(WISH, optics=UNSAID), here, OperatorId("li")).offers
    assert (offer.camera_hfov_deg, offer.camera_width_px, offer.camera_pitch_deg) == (30.0, 800, -50.0)
    (offer,) = search_of(drawn(tmp_path), WISH, here, OperatorId("li")).offers
    assert (offer.camera_hfov_deg, offer.camera_width_px, offer.camera_pitch_deg) == (35.0, 640, -45.0)


@pytest.mark.parametrize(("features", "said"), [
    ([AREA], "2 polygons"), ([feature("Point", [1, 2]), feature("Point", [3, 4])], "2 points"),
    ([feature("LineString", RING)], 'a line without "vehicle"'), ([feature("MultiPoint", RING)], "no polygon"),
    ([feature("Polygon", [RING, RING])], "no polygon without holes"),
])
def test_what_is_no_search_is_one_sentence(tmp_path: Path, features: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(BadInput, match=said) as wrong:
        drawn(tmp_path, *features)
    assert "\n" not in str(wrong.value)
    assert json.dumps(str(tmp_path))[1:-1] in str(wrong.value)


def test_vehicles_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no vehicle is called U09: this site has U01"):
        search_of(drawn(tmp_path), replace(WISH, vehicles=("U09",)), log(state("U01")), OperatorId("li"))
    with pytest.raises(BadInput, match="no copter is heard"):
        search_of(drawn(tmp_path), WISH, log(), OperatorId("li"))
    with pytest.raises(BadInput, match="does not know where it is"):
        search_of(drawn(tmp_path), WISH, log(state("U01", position=None)), OperatorId("li"))
