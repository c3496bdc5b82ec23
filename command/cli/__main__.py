"""Entry for `python -m command.cli`: quiet when interrupted, even while libraries are still being loaded."""

import os
import signal

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda _number, _frame: os._exit(130))

if __name__ == "__main__":
    from command.cli.main import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    main()
