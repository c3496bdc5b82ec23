"""The same physics as numpy expressions over all vehicles of a kind, for machines without numba."""
