"""Compositions: which service runs in which process, wired by which channels."""
