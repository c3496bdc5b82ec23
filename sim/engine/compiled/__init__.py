"""Physics as loops over vehicles, compiled by numba."""
