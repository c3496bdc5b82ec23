"""Suspected and confirmed people: where, how sure, and the ellipse that holds 95 % of the position's probability."""

import math
from dataclasses import dataclass

from command.views.columns import Columns, to_columns, utc_ms
from missions.model import Find
from perception.model import Contact, ContactState, Covariance
from world.ids import ContactId
from world.time import Instant

# Quantile of chi-square with two degrees of freedom: -2 ln(1 - p).
_CHI2_95 = -2.0 * math.log(0.05)

_CONTACT_NAMES = (
    "id", "state", "lat_deg", "lon_deg", "height_m", "semi_major_m", "semi_minor_m", "bearing_deg", "probability",
    "looks", "seen_by", "age_s", "first_seen_utc_ms", "image_digest", "is_find",
)  # fmt: skip
_FIND_NAMES = ("contact", "lat_deg", "lon_deg", "by", "utc_ms")
_ORDER = (ContactState.CANDIDATE, ContactState.CONFIRMED, ContactState.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse:
    """Half axes in metres; `bearing_deg` is the major axis clockwise from north, 0..180."""

    semi_major_m: float
    semi_minor_m: float
    bearing_deg: float


def ellipse_95(covariance: Covariance) -> Ellipse:
    """Eigenvalues and major direction of a 2x2 covariance, scaled to hold 95 % of a normal distribution."""
    middle = (covariance.ee_m2 + covariance.nn_m2) / 2
    spread = math.hypot((covariance.nn_m2 - covariance.ee_m2) / 2, covariance.en_m2)
    bearing_rad = math.atan2(2 * covariance.en_m2, covariance.nn_m2 - covariance.ee_m2) / 2
    return Ellipse(
        semi_major_m=math.sqrt(max(0.0, middle + spread) * _CHI2_95),
        semi_minor_m=math.sqrt(max(0.0, middle - spread) * _CHI2_95),
        bearing_deg=math.degrees(bearing_rad) % 180.0,
    )


class Contacts:
    """Newest version of every contact and find, by id."""

    def __init__(self) -> None:
        self._contacts: dict[ContactId, Contact] = {}
        self._finds: dict[ContactId, Find] = {}

    def apply_contact(self, contact: Contact) -> None:
        self._contacts[contact.id] = contact

    def apply_find(self, find: Find) -> None:
        self._finds[find.contact] = find

    def columns(self, now: Instant) -> Columns:
        """Those a person must look at come first, then by probability."""
        ordered = sorted(self._contacts.values(), key=lambda c: (_ORDER.index(c.state), -c.probability, c.id))
        return to_columns((self._row(contact, now) for contact in ordered), _CONTACT_NAMES)

    def find_columns(self) -> Columns:
        return to_columns((_find_row(find) for find in self._finds.values()), _FIND_NAMES)

    def _row(self, contact: Contact, now: Instant) -> dict[str, object]:
        ellipse = ellipse_95(contact.covariance)
        return {
            "id": contact.id,
            "state": contact.state,
            "lat_deg": contact.position.lat_deg,
            "lon_deg": contact.position.lon_deg,
            "height_m": contact.position.height_m,
            "semi_major_m": ellipse.semi_major_m,
            "semi_minor_m": ellipse.semi_minor_m,
            "bearing_deg": ellipse.bearing_deg,
            "probability": contact.probability,
            "looks": contact.looks,
            "seen_by": list(contact.seen_by),
            "age_s": max(0.0, contact.last_seen.age_s(now)),
            "first_seen_utc_ms": utc_ms(contact.first_seen.utc_ns),
            "image_digest": contact.image_digest,
            "is_find": contact.id in self._finds,
        }


def _find_row(find: Find) -> dict[str, object]:
    return {
        "contact": find.contact,
        "lat_deg": find.position.lat_deg,
        "lon_deg": find.position.lon_deg,
        "by": find.by,
        "utc_ms": utc_ms(find.at.utc_ns),
    }
