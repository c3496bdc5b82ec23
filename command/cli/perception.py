"""`taihang perception`: the detector's weights, and people in any video stream."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from command.errors import BadInput, EnvironmentLacks
from perception.detectors.plain import open_plain_person_detector
from perception.detectors.weights import WeightsUnavailable, cache_folder, ensure_nanodet
from perception.ingest.source import CameraUnreachable
from perception.watch import save_annotated
from perception.watch import watch as watch_stream

app = typer.Typer(help="Detector weights and live detection.", no_args_is_help=True)


@app.command()
def weights() -> None:
    """Fetch, check and convert the person detector's weights, once (144 MB).

    Example: taihang perception weights
    """
    try:
        print(ensure_nanodet(cache_folder()))
    except WeightsUnavailable as error:
        raise EnvironmentLacks(str(error)) from error


@app.command()
def watch(
    url: Annotated[str, typer.Argument(help="rtsp://… or any stream or file that FFmpeg opens")],
    frames: Annotated[int | None, typer.Option(help="stop after so many pictures")] = None,
    pictures: Annotated[Path | None, typer.Option(help="folder for pictures with boxes")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a picture")] = False,
) -> None:
    """Find people in a live stream, picture by picture.

    Example: taihang perception watch rtsp://127.0.0.1:8554/camera --frames 100 --pictures seen/
    """
    console = Console()
    try:
        ensure_nanodet(cache_folder())
        detector = open_plain_person_detector(cache_folder())
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
        for number, seen in enumerate(watch_stream(url, detector), 1):
            if as_json:
                print(msgspec.json.encode(seen.facts()).decode(), flush=True)
            else:
                console.print(f"{seen.frame.time_s:8.2f} s  {len(seen.people)} people")
            if pictures is not None and seen.people:
                save_annotated(seen, pictures)
            if number == frames:
                return
    except WeightsUnavailable as error:
        raise EnvironmentLacks(str(error)) from error
    except CameraUnreachable as error:
        raise BadInput(f"{error}: check the address") from error
    except OSError as error:
        raise BadInput(f"{pictures} cannot be written ({error.strerror}): name another folder") from error
