"""`taihang perception`: the detector's weights, and people in any video stream."""


import typer

from command.errors import EnvironmentLacks
from perception.detectors.weights import WeightsUnavailable, cache_folder, ensure_nanodet

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
