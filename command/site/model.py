"""A site as its TOML file says it, table by table, and as the rest of the house uses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from command.survey import Survey
from fleet.guard import Fence
from fleet.links.address import Bearer, LinkSpec
from fleet.model import FailsafeCause, VehicleKind
from fleet.roster import RosterEntry
from fleet.wire.signing import SigningPolicy
from missions.declared import FailsafeDemand
from sim.scenarios.reader import Range
from world.ids import OperatorId, VehicleId
from world.position import Geodetic

Latitude = Annotated[float, Range(-85.0, 85.0)]
Longitude = Annotated[float, Range(-180.0, 180.0)]
HeightAmsl = Annotated[float, Range(-430.0, 8800.0)]
Corner = tuple[Latitude, Longitude]


class Role(StrEnum):
    """What a person may do: pilots command the vehicles they hold, commanders all, and approve plans."""

    PILOT = "pilot"
    COMMANDER = "commander"


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginTable:
    """Origin of the local frame."""

    lat_deg: Latitude
    lon_deg: Longitude
    amsl_m: HeightAmsl


@dataclass(frozen=True, slots=True, kw_only=True)
class TerrainTable:
    """Either a survey's file, or flat ground of a height and a radius."""

    survey: str | None = None
    flat_amsl_m: HeightAmsl | None = None
    radius_m: Annotated[float, Range(100.0, 20000.0)] = 3000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteTable:
    """`[site]`."""

    name: str
    terrain: TerrainTable
    record: str
    origin: OriginTable | None = None
    title: str = ""
    title_zh: str = ""
    is_simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningTable:
    """Signatures of one link. `key`: a file of 64 hexadecimal digits, or of a passphrase; mode 0600."""

    policy: SigningPolicy = SigningPolicy.REQUIRE
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTable:
    """`[links.NAME]`."""

    address: str
    bearer: Bearer = Bearer.RADIO
    adopts: bool = False
    signing: SigningTable | None = None
    private: bool | None = None
    """Nobody else can hear it: signing keys may be handed over by it. None: a wire is, any other bearer is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleTable:
    """`[vehicles.NAME]`. A path is a link's name, and the address behind it where several share the link."""

    kind: VehicleKind
    sysid: Annotated[int, Range(1, 250)]
    paths: tuple[str, ...]
    needs_failsafes: bool = True
    """False: plans and motors do without declared failsafes, as for a machine on a bench."""
    accepts_none: tuple[FailsafeCause, ...] = ()
    """Causes that it need not answer: accepted here in writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceTable:
    """`[fence]`: corners [latitude, longitude] in order, not closed."""

    inclusion: tuple[Corner, ...]
    exclusions: tuple[tuple[Corner, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingTable:
    """`[[landing]]`: a safe place to land beside home; on the ground where no height is given."""

    lat_deg: Latitude
    lon_deg: Longitude
    amsl_m: HeightAmsl | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTable:
    """`[users.NAME]`. `vehicles`: names or patterns such as "U*"."""

    role: Role
    vehicles: tuple[str, ...] = ("*",)
    lease_min: Annotated[float, Range(1.0, 720.0)] = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person who may speak to this site."""

    name: OperatorId
    role: Role
    vehicles: tuple[str, ...]
    lease_s: float

    def covers(self, vehicle: VehicleId) -> bool:
        return any(fnmatchcase(vehicle, pattern) for pattern in self.vehicles)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteConfig:
    """A whole site, checked."""

    file: Path
    name: str
    titles: tuple[str, str]
    """English and Chinese."""
    is_simulated: bool
    survey: Survey
    record: Path
    links: tuple[LinkSpec, ...]
    key_files: Mapping[str, Path]
    """By link, where its signing key lies."""
    entries: tuple[RosterEntry, ...]
    failsafes: Mapping[VehicleId, FailsafeDemand]
    fence: Fence
    landings: tuple[Geodetic, ...]
    users: Mapping[OperatorId, User]

    @property
    def commanders(self) -> tuple[OperatorId, ...]:
        return tuple(name for name, user in self.users.items() if user.role is Role.COMMANDER)
