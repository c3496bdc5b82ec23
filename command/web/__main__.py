"""`python -m command.web`: the screen's server as a child process. Its address is the first line on stdout."""

import argparse
import sys
from pathlib import Path

from command.eyes import Eyes
from command.store.record import RecordBroken, RecordUnavailable
from command.survey import SurveyUnreadable
from command.web.config import Address, Incident, LiveConfig, ReplayConfig
from command.web.server import AddressTaken, serve_live, serve_replay
from world.ids import OperatorId

EXIT_CANNOT_START = 3


def parser() -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(prog="python -m command.web", description=__doc__)
    what = asked.add_mutually_exclusive_group(required=True)
    what.add_argument("--hub", type=Path, help="Unix socket of the command centre's hub")
    what.add_argument("--replay", type=Path, help="events.db of a record to replay")
    asked.add_argument("--rtsp", help="base of the cameras' addresses, such as rtsp://127.0.0.1:8554")
    asked.add_argument("--terrain", type=Path, help="terrain.npz of the incident")
    asked.add_argument("--host", default="127.0.0.1")
    asked.add_argument("--port", type=int, default=0, help="0 takes a free one")
    asked.add_argument("--operator", default="commander", help="who gives the orders of this screen")
    asked.add_argument("--title", default="Incident")
    asked.add_argument("--title-zh", default="事件")
    asked.add_argument("--eyes", type=Eyes, default=Eyes.PIXELS, choices=list(Eyes), help="where detections come from")
    asked.add_argument("--real", action="store_true", help="real vehicles: no SIM and no EXERCISE on the page")
    return asked


def main(arguments: list[str]) -> int:
    asked = parser().parse_args(arguments)
    incident = Incident(
        title=asked.title,
        title_zh=asked.title_zh,
        is_exercise=not asked.real,
        is_simulated=not asked.real,
        eyes=asked.eyes,
    )
    address = Address(host=asked.host, port=asked.port)
    try:
        if asked.replay is not None:
            serve_replay(ReplayConfig(events_path=asked.replay, incident=incident, address=address))
        else:
            serve_live(
                LiveConfig(
                    hub_path=asked.hub,
                    rtsp_base=asked.rtsp,
                    terrain_path=asked.terrain,
                    operator=OperatorId(asked.operator),
                    incident=incident,
                    address=address,
                )
            )
    except (AddressTaken, SurveyUnreadable, RecordUnavailable, RecordBroken) as reason:
        print(reason, file=sys.stderr)
        return EXIT_CANNOT_START
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
