"""Link states by the age of the newest datum; the thresholds belong to the class of the link."""

from dataclasses import dataclass

from fleet.model import LinkState


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkClass:
    """Ages from which a link is late, stale and lost."""

    name: str
    late_s: float
    stale_s: float
    lost_s: float

    def state(self, age_s: float) -> LinkState:
        if age_s >= self.lost_s:
            return LinkState.LOST
        if age_s >= self.stale_s:
            return LinkState.STALE
        return LinkState.LATE if age_s >= self.late_s else LinkState.FRESH


AIRBORNE = LinkClass(name="airborne", late_s=2.0, stale_s=5.0, lost_s=8.0)
RADIO = LinkClass(name="radio", late_s=2.0, stale_s=10.0, lost_s=60.0)
ACOUSTIC = LinkClass(name="acoustic", late_s=30.0, stale_s=90.0, lost_s=300.0)
LINK_CLASSES = {link.name: link for link in (AIRBORNE, RADIO, ACOUSTIC)}
