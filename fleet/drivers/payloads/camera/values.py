"""Camera: what may be set, and in what it reports itself."""

from fleet.drivers.payloads.shape import Capabilities, Figure, Setpoint
from fleet.model import Domain

ZOOM = Setpoint(
    name="zoom_pct", unit="%", low=0.0, high=100.0, tolerance=1.0, source="ZOOM_TYPE_RANGE: of the whole range"
)
INTERVAL = (
    Setpoint(name="interval_s", unit="s", low=0.5, high=3600.0, tolerance=0.05,
             source="shortest between images of survey cameras, from memory: advisory"),
    Setpoint(name="images", unit="1", low=0.0, high=10_000.0, tolerance=0.0, default=0.0,
             source="0 goes on until stopped (IMAGE_START_CAPTURE)"),
)
CAPABILITIES = Capabilities(
    title="camera", title_zh="相机", carriers=frozenset(Domain), setpoints=(ZOOM, *INTERVAL),
    readings={"free_mib": "MiB", "zoom_pct": "%", "recorded_s": "s", "interval_s": "s"},
    figures=(
        Figure(name="agreement of image and its announcement", value=20.0, unit="ms",
               source="docs/drivers.md: what perception needs"),
    ),
)
