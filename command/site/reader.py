"""Reads site.toml: every mistake becomes one sentence with file, line, field and remedy."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from command.errors import BadInput
from command.site.model import (
    Corner,
    FenceTable,
    LandingTable,
    LinkTable,
    SiteConfig,
    SiteTable,
    User,
    UserTable,
    VehicleTable,
)
from command.site.names import MISSION_EXECUTOR
from command.site.secrets import SecretUnreadable, read_ring
from command.survey import Survey, SurveyUnreadable, load_survey
from fleet.guard import Fence
from fleet.links.address import Address, BadAddress, Bearer, LinkSpec
from fleet.roster import BadRoster, PathSpec, Roster, RosterEntry
from fleet.wire.signing import SigningPolicy
from fleet.wire.signing_keys import KeyRing
from missions.declared import FailsafeDemand
from sim.scenarios.reader import read_table
from sim.scenarios.source import ScenarioError, Source, index_lines
from world.ids import OperatorId, VehicleId
from world.position import Geodetic, LocalFrame
from world.terrain import OutsideTerrain, Terrain

TABLES = ("site", "links", "vehicles", "fence", "landing", "users")
RESERVED = frozenset({MISSION_EXECUTOR})
_FLAT_CELL_M = 50.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,31}")


def read_site(path: Path) -> SiteConfig:
    """Raises BadInput."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise BadInput(f"{path} cannot be read ({reason}): start from docs/site.example.toml") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path}: {error}: mend the TOML there") from error
    try:
        return _Reading(index_lines(path, text), table).config()
    except ScenarioError as error:
        raise BadInput(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Reading:
    """One file under way."""

    source: Source
    table: Mapping[str, Any]

    def config(self) -> SiteConfig:
        for key in self.table:
            if key not in TABLES:
                raise self.source.error(key, f"is not known here; use one of {', '.join(TABLES)}")
        for key in ("site", "links", "fence", "users"):
            if not self.table.get(key):
                raise self.source.error(key, f"is missing; add [{key if key in ('site', 'fence') else key + '.NAME'}]")
        site: SiteTable = read_table(self.source, SiteTable, self.table["site"], "site")
        survey = self._survey(site)
        links = {name: read_table(self.source, LinkTable, given, f"links.{name}") for name, given in self._of("links")}
        return SiteConfig(
            file=self.source.file,
            name=site.name,
            titles=(site.title or site.name, site.title_zh or site.title or site.name),
            is_simulated=site.is_simulated,
            survey=survey,
            record=self._path(site.record),
            links=self._links(links),
            key_files={
                name: self._path(link.signing.key) for name, link in links.items()
                if link.signing is not None and link.signing.key is not None
            },
            entries=self._entries(links),
            failsafes=self._failsafes(),
            fence=self._fence(survey),
            landings=self._landings(survey),
            users=self._users(),
        )

    def _failsafes(self) -> dict[VehicleId, FailsafeDemand]:
        """What is asked of each vehicle before a plan counts on it and its motors may start."""
        demands: dict[VehicleId, FailsafeDemand] = {}
        for name, given in self._of("vehicles"):
            row = read_table(self.source, VehicleTable, given, f"vehicles.{name}")
            demands[VehicleId(name)] = FailsafeDemand(
                is_needed=row.needs_failsafes, accepts_none=frozenset(row.accepts_none)
            )
        return demands

    def _of(self, key: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Named tables such as [links.NAME]."""
        given = self.table.get(key, {})
        if not isinstance(given, Mapping):
            raise self.source.error(key, f"is {given!r}; write tables [{key}.NAME]")
        for name, value in given.items():
            if not isinstance(value, Mapping):
                raise self.source.error(f"{key}.{name}", f"is {value!r}; write a table [{key}.{name}]")
            if not _NAME.fullmatch(name):
                raise self.source.error(f"{key}.{name}", "is no name; use up to 32 letters, digits, - and _")
        return list(given.items())

    def _path(self, text: str) -> Path:
        """Relative to the file that names it."""
        return (self.source.file.parent / Path(text).expanduser()).resolve()

    def _survey(self, site: SiteTable) -> Survey:
        terrain = site.terrain
        if (terrain.survey is None) is (terrain.flat_amsl_m is None):
            raise self.source.error("site.terrain", "needs either survey = <a file> or flat_amsl_m = <a height>")
        if terrain.survey is not None:
            if site.origin is not None:
                raise self.source.error("site.origin", "is not needed; the survey has its own: leave it out")
            try:
                return load_survey(self._path(terrain.survey))
            except SurveyUnreadable as error:
                raise self.source.error("site.terrain", f"{error}; name the terrain.npz of a run") from error
        if site.origin is None:
            flat = "origin = { lat_deg = 35.49, lon_deg = 112.85, amsl_m = 900.0 }"
            raise self.source.error("site.origin", f"is missing; flat ground needs one, such as {flat}")
        origin = Geodetic(lat_deg=site.origin.lat_deg, lon_deg=site.origin.lon_deg, height_m=site.origin.amsl_m)
        steps = round(np.ceil(terrain.radius_m / _FLAT_CELL_M))
        level_m = (terrain.flat_amsl_m or 0.0) - origin.height_m
        ground = Terrain(
            west_m=-steps * _FLAT_CELL_M, south_m=-steps * _FLAT_CELL_M, cell_m=_FLAT_CELL_M,
            heights_m=np.full((2 * steps + 1, 2 * steps + 1), level_m, np.float32),
        )
        return Survey(terrain=ground, frame=LocalFrame(origin))

    def _links(self, links: Mapping[str, LinkTable]) -> tuple[LinkSpec, ...]:
        specs: dict[str, LinkSpec] = {}
        for name, link in links.items():
            try:
                address = Address.parse(link.address)
            except BadAddress as error:
                raise self.source.error(f"links.{name}.address", f"is wrong: {error}") from error
            for other in specs.values():
                if other.address == address and address.number:
                    raise self.source.error(
                        f"links.{name}.address", f"is that of link {other.name}, too; give each link its own"
                    )
            policy, keys = self._signing(name, link)
            specs[name] = LinkSpec(
                name=name, address=address, bearer=link.bearer, adopts=link.adopts, policy=policy, keys=keys,
                is_private=link.bearer is Bearer.WIRE if link.private is None else link.private,
            )
        return tuple(specs.values())

    def _signing(self, name: str, link: LinkTable) -> tuple[SigningPolicy, KeyRing | None]:
        signing, field = link.signing, f"links.{name}.signing"
        if signing is None:
            return SigningPolicy.ACCEPT, None
        if signing.key is None:
            if signing.policy is SigningPolicy.REQUIRE:
                raise self.source.error(field, "requires signatures and has no key; add key = <a file of mode 0600>")
            return signing.policy, None
        try:
            return signing.policy, read_ring(self._path(signing.key))
        except SecretUnreadable as error:
            raise self.source.error(field, str(error)) from error

    def _entries(self, links: Mapping[str, LinkTable]) -> tuple[RosterEntry, ...]:
        roster = Roster([])
        for name, given in self._of("vehicles"):
            here = f"vehicles.{name}"
            vehicle: VehicleTable = read_table(self.source, VehicleTable, given, here)
            if not vehicle.paths:
                example = f'paths = ["{next(iter(links))}"]'
                raise self.source.error(f"{here}.paths", f"is empty; name a link, such as {example}")
            paths = tuple(self._way(f"{here}.paths", text, links) for text in vehicle.paths)
            try:
                roster.add(RosterEntry(
                    vehicle=VehicleId(name), kind=vehicle.kind, sysid=vehicle.sysid, paths=paths
                ))
            except BadRoster as error:
                raise self.source.error(f"{here}.sysid", f"cannot be: {error}") from error
        if not len(roster) and not any(link.adopts for link in links.values()):
            raise self.source.error(
                "vehicles", "is missing and no link adopts; add [vehicles.NAME], or adopts = true to a link"
            )
        return tuple(roster)

    def _way(self, field: str, text: str, links: Mapping[str, LinkTable]) -> PathSpec:
        link, _, peer = text.strip().partition(" ")
        if link not in links:
            near = difflib.get_close_matches(link, list(links), n=1)
            remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(links)}"
            raise self.source.error(field, f"names link {link!r}, which is not there; {remedy}")
        return PathSpec(link=link, peer=peer.strip() or None)

    def _fence(self, survey: Survey) -> Fence:
        fence: FenceTable = read_table(self.source, FenceTable, self.table["fence"], "fence")
        return Fence(
            inclusion=self._outline("fence.inclusion", fence.inclusion, survey),
            exclusions=tuple(
                self._outline(f"fence.exclusions[{n}]", corners, survey) for n, corners in enumerate(fence.exclusions)
            ),
        )

    def _outline(self, field: str, corners: tuple[Corner, ...], survey: Survey) -> tuple[Geodetic, ...]:
        if len(corners) < 3:
            raise self.source.error(field, f"has {len(corners)} corners; give 3 or more as [latitude, longitude]")
        return tuple(self._on_ground(field, lat_deg, lon_deg, None, survey) for lat_deg, lon_deg in corners)

    def _on_ground(
        self, field: str, lat_deg: float, lon_deg: float, amsl_m: float | None, survey: Survey
    ) -> Geodetic:
        at = survey.frame.to_enu(Geodetic(lat_deg=lat_deg, lon_deg=lon_deg, height_m=0.0))
        try:
            ground_m = survey.terrain.height_m(at.east_m, at.north_m) + survey.frame.origin.height_m
        except OutsideTerrain as error:
            where = f"[{lat_deg}, {lon_deg}] lies beyond the known terrain"
            raise self.source.error(field, f"{where}; draw it smaller, or take more terrain") from error
        return Geodetic(lat_deg=lat_deg, lon_deg=lon_deg, height_m=ground_m if amsl_m is None else amsl_m)

    def _landings(self, survey: Survey) -> tuple[Geodetic, ...]:
        places = []
        for n, given in enumerate(self.table.get("landing", ())):
            here = f"landing[{n}]"
            place: LandingTable = read_table(self.source, LandingTable, given, here)
            places.append(self._on_ground(here, place.lat_deg, place.lon_deg, place.amsl_m, survey))
        return tuple(places)

    def _users(self) -> dict[OperatorId, User]:
        users = {}
        for name, given in self._of("users"):
            if name in RESERVED:
                raise self.source.error(f"users.{name}", "is the name of a service of ours; take another")
            user: UserTable = read_table(self.source, UserTable, given, f"users.{name}")
            users[OperatorId(name)] = User(
                name=OperatorId(name), role=user.role, vehicles=user.vehicles, lease_s=60.0 * user.lease_min
            )
        return users
