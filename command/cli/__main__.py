"""Entry for `python -m command.cli`: quiet when interrupted, even while libraries are still being loaded."""

import os
import signal

signal.signal(signal.SIGINT, lambda number, frame: os._exit(130))

if __name__ == "__main__":
    from command.cli.main import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
