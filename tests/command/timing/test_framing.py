"""Frames come out as they went in, however the stream cuts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.timing.errors import FrameTooLong
from command.timing.framing import FrameReader, framed


@given(st.lists(st.binary(max_size=50)), st.integers(1, 17))
def test_frames_survive_any_cutting(frames: list[bytes], piece: int) -> None:
    stream = b"".join(framed(frame) for frame in frames)
    reader = FrameReader()
    out = [frame for at in range(0, len(stream), piece) for frame in reader.feed(stream[at : at + piece])]
    assert out == frames


def test_an_absurd_length_is_refused() -> None:
    with pytest.raises(FrameTooLong, match="4294967295"):
        list(FrameReader().feed(b"\xff\xff\xff\xff"))
