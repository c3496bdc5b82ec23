"""What a camera says of its H.264 track in a session description (RFC 8866, RFC 6184 8.2)."""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import urljoin


class NoVideoTrack(ValueError):
    """The camera offers nothing that we can decode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoTrack:
    control_url: str
    clock_hz: int
    parameter_sets: tuple[bytes, ...]


def parse_video_track(body: bytes, *, base_url: str) -> VideoTrack:
    """The first H.264 track; raises NoVideoTrack."""
    lines = _first_video_section(body.decode("utf-8", "replace").splitlines())
    attributes = dict(_attribute(line) for line in lines if line.startswith("a="))
    codec, _, rate = attributes.get("rtpmap", "").partition(" ")[2].partition("/")
    if codec.upper() != "H264" or not rate.isdecimal() or int(rate) == 0:
        raise NoVideoTrack("the camera's session description has no H.264 track")
    folder = base_url if base_url.endswith("/") else base_url + "/"
    control = attributes.get("control", "*")
    return VideoTrack(
        control_url=base_url if control == "*" else control if "://" in control else urljoin(folder, control),
        clock_hz=int(rate),
        parameter_sets=_parameter_sets(attributes.get("fmtp", "")),
    )


def _first_video_section(lines: list[str]) -> list[str]:
    starts = [index for index, line in enumerate(lines) if line.startswith("m=video")]
    if not starts:
        raise NoVideoTrack("the camera's session description has no video")
    rest = lines[starts[0] + 1 :]
    ends = [index for index, line in enumerate(rest) if line.startswith("m=")]
    return rest[: ends[0]] if ends else rest


def _attribute(line: str) -> tuple[str, str]:
    name, _, value = line[2:].partition(":")
    return name.strip(), value.strip()


def _parameter_sets(fmtp: str) -> tuple[bytes, ...]:
    for part in fmtp.partition(" ")[2].split(";"):
        name, _, value = part.strip().partition("=")
        if name == "sprop-parameter-sets":
            try:
                return tuple(base64.b64decode(text, validate=True) for text in value.split(",") if text)
            except binascii.Error:
                return ()
    return ()
