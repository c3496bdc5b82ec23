"""How much of a narrow link bulk reading may take: requests wait until there is room for them and their answers."""

from world.time import Instant

SHARE = 0.3
"""Of a link's bandwidth; ArduPilot keeps to the same share when it lists parameters (GCS_Param.cpp)."""


class Allowance:
    """Bytes a second, saved up for a second at most. Without a rate everything may go."""

    def __init__(self, bytes_s: float | None = None) -> None:
        self._bytes_s = bytes_s
        self._left = bytes_s or 0.0
        self._filled: Instant | None = None

    @classmethod
    def of_link(cls, bytes_s: float) -> "Allowance":
        """The share of a link of this bandwidth."""
        return cls(bytes_s * SHARE)

    def take(self, count: int, now: Instant) -> bool:
        """Whether so many bytes may cross the link now; they are then spent."""
        if self._bytes_s is None:
            return True
        if self._filled is not None:
            self._left = min(self._bytes_s, self._left + self._filled.age_s(now) * self._bytes_s)
        self._filled = now
        # one that is larger than a second's worth goes when the purse is full, and leaves a debt
        if self._left < min(count, self._bytes_s):
            return False
        self._left -= count
        return True
