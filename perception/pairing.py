"""Joins what a vehicle says of an image with the pixels that came by another way, or the boxes found on board."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from perception.model import Box
from world.attitude import Quaternion
from world.ids import VehicleId
from world.position import Geodetic
from world.time import NS_PER_S, Instant


class CapturedImage(Protocol):
    """What the fleet announces of a detection image; attitude turns camera FRD into NED."""

    @property
    def vehicle(self) -> VehicleId: ...
    @property
    def index(self) -> int: ...
    @property
    def utc_ns(self) -> int: ...
    @property
    def position(self) -> Geodetic: ...
    @property
    def attitude(self) -> Quaternion: ...


F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class _Frame(Generic[F]):
    utc_ns: int
    pixels: F | None
    """None: the picture came damaged."""


@dataclass(frozen=True, slots=True)
class Paired(Generic[F]):
    """An announced image with its pixels by spectrum."""

    image: CapturedImage
    pixels: dict[str, F]


@dataclass(frozen=True, slots=True)
class Boxed:
    """An announced image that was examined on board."""

    image: CapturedImage
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Unpaired:
    """An announced image that will never be examined."""

    image: CapturedImage
    reason: str


@dataclass(slots=True)
class _Waiting:
    image: CapturedImage
    until_mono_ns: int


class Pairing(Generic[F]):
    """Per vehicle: frames of the last seconds by spectrum, and images still waiting for theirs.

    A vehicle that once sent boxes detects on board: its images wait for boxes, and its pixels are not needed.
    """

    def __init__(self, *, tolerance_ms: float = 20.0, wait_s: float = 5.0, keep_s: float = 3.0, most: int = 64) -> None:
        self._tolerance_ns = round(tolerance_ms * 1e6)
        self._wait_s = wait_s
        self._keep_ns = round(keep_s * NS_PER_S)
        self._most = most
        self._spectra: dict[VehicleId, set[str]] = {}
        self._frames: dict[tuple[VehicleId, str], deque[_Frame[F]]] = {}
        self._waiting: dict[VehicleId, list[_Waiting]] = {}
        self._boxes: dict[VehicleId, dict[tuple[int, int], tuple[Box, ...]]] = {}
        """By image and its time; those that came before their image."""

    def declare(self, vehicle: VehicleId, spectrum: str) -> None:
        """This vehicle has a camera of this spectrum: images need its pixels too."""
        self._spectra.setdefault(vehicle, set()).add(spectrum)

    def announce(self, image: CapturedImage, now: Instant) -> Iterator[Paired[F] | Boxed | Unpaired]:
        waiting = _Waiting(image, now.plus_s(self._wait_s).mono_ns)
        self._waiting.setdefault(image.vehicle, []).append(waiting)
        return self._resolve(image.vehicle)

    def add_boxes(
        self, vehicle: VehicleId, image: int, utc_ns: int, boxes: tuple[Box, ...]
    ) -> Iterator[Paired[F] | Boxed | Unpaired]:
        kept = self._boxes.setdefault(vehicle, {})
        kept[image, utc_ns] = boxes
        while len(kept) > self._most:
            del kept[next(iter(kept))]
        return self._resolve(vehicle)

    def add(
        self, vehicle: VehicleId, spectrum: str, utc_ns: int, pixels: F | None
    ) -> Iterator[Paired[F] | Boxed | Unpaired]:
        frames = self._frames.setdefault((vehicle, spectrum), deque(maxlen=self._most))
        frames.append(_Frame(utc_ns, pixels))
        while frames and utc_ns - frames[0].utc_ns > self._keep_ns:
            frames.popleft()
        return self._resolve(vehicle)

    def expire(self, now: Instant) -> Iterator[Unpaired]:
        """Give up on images whose pixels did not come in time."""
        for vehicle in list(self._waiting):
            late = [one for one in self._waiting[vehicle] if one.until_mono_ns <= now.mono_ns]
            for one in late:
                self._waiting[vehicle].remove(one)
                yield Unpaired(one.image, self._why_late(one.image))

    def _resolve(self, vehicle: VehicleId) -> Iterator[Paired[F] | Boxed | Unpaired]:
        if vehicle in self._boxes:
            yield from self._resolve_boxes(vehicle)
        else:
            yield from self._resolve_pixels(vehicle)

    def _resolve_boxes(self, vehicle: VehicleId) -> Iterator[Boxed]:
        for one in list(self._waiting.get(vehicle, ())) if vehicle in self._spectra else ():
            boxes = self._boxes[vehicle].pop((one.image.index, one.image.utc_ns), None)
            if boxes is not None:
                self._waiting[vehicle].remove(one)
                yield Boxed(one.image, boxes)

    def _resolve_pixels(self, vehicle: VehicleId) -> Iterator[Paired[F] | Unpaired]:
        spectra = sorted(self._spectra.get(vehicle, ()))
        for one in list(self._waiting.get(vehicle, ())) if spectra else ():
            found = {spectrum: self._find(vehicle, spectrum, one.image.utc_ns) for spectrum in spectra}
            frames = {spectrum: frame for spectrum, frame in found.items() if frame is not None}
            if len(frames) < len(spectra):
                continue
            self._waiting[vehicle].remove(one)
            pixels = {spectrum: frame.pixels for spectrum, frame in frames.items() if frame.pixels is not None}
            if len(pixels) < len(spectra):
                damaged = " and ".join(spectrum for spectrum in spectra if spectrum not in pixels)
                yield Unpaired(one.image, f"the {damaged} picture was damaged on its way")
            else:
                yield Paired(one.image, pixels)

    def _find(self, vehicle: VehicleId, spectrum: str, utc_ns: int) -> _Frame[F] | None:
        frames = self._frames.get((vehicle, spectrum), ())
        near = [frame for frame in frames if abs(frame.utc_ns - utc_ns) <= self._tolerance_ns]
        return min(near, key=lambda frame: abs(frame.utc_ns - utc_ns), default=None)

    def _why_late(self, image: CapturedImage) -> str:
        spectra = sorted(self._spectra.get(image.vehicle, ()))
        if not spectra:
            return "the vehicle never declared its camera"
        if image.vehicle in self._boxes:
            return f"no boxes came from on board within {self._wait_s:g} s"
        absent = [spectrum for spectrum in spectra if self._find(image.vehicle, spectrum, image.utc_ns) is None]
        return f"no {' or '.join(absent)} pixels came within {self._wait_s:g} s"
