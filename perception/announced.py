"""What perception reads of the fleet's cameras: their lenses, and what those that detect on board found."""

from typing import Protocol

from world.ids import StreamId, VehicleId


class DeclaredLens(Protocol):
    """What the fleet says of a camera."""

    @property
    def stream(self) -> StreamId: ...
    @property
    def vehicle(self) -> VehicleId: ...
    @property
    def width_px(self) -> int: ...
    @property
    def height_px(self) -> int: ...
    @property
    def hfov_deg(self) -> float: ...
    @property
    def spectrum(self) -> str: ...


class FoundBox(Protocol):
    """A box of one image; score in 0..1."""

    @property
    def left_px(self) -> float: ...
    @property
    def top_px(self) -> float: ...
    @property
    def right_px(self) -> float: ...
    @property
    def bottom_px(self) -> float: ...
    @property
    def score(self) -> float: ...


class OnboardFindings(Protocol):
    """What the fleet tells of an image that its camera examined by itself."""

    @property
    def vehicle(self) -> VehicleId: ...
    @property
    def index(self) -> int: ...
    @property
    def utc_ns(self) -> int: ...
    @property
    def boxes(self) -> tuple[FoundBox, ...]: ...
