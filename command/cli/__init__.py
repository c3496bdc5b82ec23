"""The command line `taihang`: one file per command group."""
