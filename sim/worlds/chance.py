"""Random numbers by name: one Philox stream per (seed, purpose, ...), so that no draw depends on another's order."""

import hashlib

import numpy as np


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """The stream of a purpose, such as `generator(7, "noise", "U01", "rgb", 12)`."""
    name = "/".join(str(part) for part in (seed, *purpose))
    key = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
