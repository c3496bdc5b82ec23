"""Bytes that arrive in any order, put together without a hole: files and logs are read this way."""

from bisect import bisect_right


class TooLong(ValueError):
    """More bytes than anybody should have to keep."""


class Pieces:
    """Bytes from `start` on, by their offset; `front` is the first one not yet had."""

    def __init__(self, *, start: int = 0, limit: int) -> None:
        self._start, self._limit = start, limit
        self._data = bytearray()
        self._held: list[tuple[int, int]] = []
        """Runs of bytes at hand, in order, apart from each other."""
        self._told = start

    @property
    def front(self) -> int:
        is_begun = bool(self._held) and self._held[0][0] == self._start
        return self._held[0][1] if is_begun else self._start

    @property
    def last(self) -> int:
        """Behind the farthest byte at hand."""
        return self._held[-1][1] if self._held else self._start

    @property
    def data(self) -> bytes:
        """Everything up to the first hole."""
        return bytes(self._data[: self.front - self._start])

    def add(self, offset: int, data: bytes) -> bool:
        """True when any of it was missing. Raises TooLong."""
        begin, end = max(offset, self._start), offset + len(data)
        if end > self._limit:
            raise TooLong(f"bytes up to {end} came where {self._limit} are the most")
        if begin >= end or not self.missing(end, begin=begin):
            return False
        if end - self._start > len(self._data):
            self._data.extend(bytes(end - self._start - len(self._data)))
        self._data[begin - self._start : end - self._start] = data[begin - offset :]
        self._hold(begin, end)
        return True

    def missing(self, until: int, *, begin: int | None = None) -> list[tuple[int, int]]:
        """Runs of bytes before `until` that are not at hand."""
        gaps, at = [], self._start if begin is None else begin
        first = max(bisect_right(self._held, (at, self._limit)) - 1, 0)
        for low, high in self._held[first:]:
            if low >= until:
                break
            if low > at:
                gaps.append((at, low))
            at = max(at, high)
        if at < until:
            gaps.append((at, until))
        return gaps

    def fresh(self) -> tuple[int, bytes]:
        """Bytes without a hole that were not given out yet, and where they begin."""
        begin, front = self._told, self.front
        self._told = front
        return begin, bytes(self._data[begin - self._start : front - self._start])

    def _hold(self, begin: int, end: int) -> None:
        low = bisect_right(self._held, (begin, -1))
        while low > 0 and self._held[low - 1][1] >= begin:
            low -= 1
        high = low
        while high < len(self._held) and self._held[high][0] <= end:
            begin, end = min(begin, self._held[high][0]), max(end, self._held[high][1])
            high += 1
        self._held[low:high] = [(begin, end)]
