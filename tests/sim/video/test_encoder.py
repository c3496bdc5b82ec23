"""Pictures survive the encoder; equal pictures give equal bytes; every key frame can be decoded alone."""

from pathlib import Path

import av
import numpy as np
from av.packet import Packet

from sim.video.encoder import AccessUnit, H264Encoder, headers_for, transcode
from sim.video.nal import parameter_sets, split_nals
from tests.sim.video.pictures import Bytes, picture, units


def decoded(made: list[AccessUnit]) -> list[Bytes]:
    context = av.CodecContext.create("h264", "r")
    frames = [frame for unit in made for frame in context.decode(Packet(unit.data))]
    frames += context.decode(None)
    return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames]


def test_pictures_come_back_alike() -> None:
    back = decoded(list(units(6)))
    assert len(back) == 6
    for number, got in enumerate(back):
        error = got.astype(float) - picture(number)
        assert np.sqrt((error**2).mean()) < 12.0


def test_equal_pictures_give_equal_bytes() -> None:
    first, again = ([H264Encoder(320, 240).encode(picture(n), n).data for n in range(3)] for _ in range(2))
    assert first == again


def test_each_key_frame_stands_alone() -> None:
    made = units(4, all_keys=True)
    assert all(unit.is_key for unit in made)
    assert all(parameter_sets(split_nals(unit.data)) for unit in made)
    assert len(decoded([made[2]])) == 1


def test_frames_at_odd_times_come_out_at_once() -> None:
    encoder = H264Encoder(320, 240)
    for number, at_ns in enumerate((0, 1_400_000_000, 1_400_000_001, 9_000_000_000)):
        assert encoder.encode(picture(number), at_ns).data


def test_parameter_sets_are_known_before_the_first_picture() -> None:
    made = H264Encoder(320, 240).encode(picture(0), 0)
    assert parameter_sets(split_nals(made.data)) == headers_for(320, 240)


def test_grey_pictures_stay_grey() -> None:
    unit = H264Encoder(320, 240).encode(picture(0)[:, :, 1], 0, is_key=True)
    (back,) = decoded([unit])
    assert np.ptp(back.astype(int), axis=2).max() <= 2


def test_a_film_is_transcoded_with_its_times(tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    write_film(film, 12)
    made = list(transcode(film))
    assert len(made) == 12
    assert made[0][1].is_key
    assert [round(at_s, 2) for at_s, _ in made] == [round(0.1 * n, 2) for n in range(12)]


def write_film(path: Path, frames: int) -> None:
    """A small motion-JPEG film of 10 pictures a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuvj420p"
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
