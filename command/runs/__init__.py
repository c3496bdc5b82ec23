"""Runs for engineers: incidents flown headless, judged by what was expected, told to machines, compared."""
