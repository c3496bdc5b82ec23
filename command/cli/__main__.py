"""Entry for `python -m command.cli`."""

from command.cli.main import main

main()
