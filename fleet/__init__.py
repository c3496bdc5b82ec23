"""Machines: their state, the commands they take, and the bytes in between."""
