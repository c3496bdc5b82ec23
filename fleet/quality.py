"""What a path to a vehicle is worth, as measured: loss by sequence numbers, round trips, rates."""

from dataclasses import dataclass, field

from world.time import Instant

NEW_SHARE = 0.3
"""Weight of the last second in what is shown: a change shows after two, a single lost frame does not jump."""
UNKNOWN_ROUND_TRIP_S = 0.5
LOSS_COSTS_S = 2.0
"""A lost command is repeated after a second or more: whole loss counts as two seconds of delay."""
MUCH_BETTER_S = 0.1
SILENT_S = 2.0


@dataclass(slots=True, kw_only=True)
class Quality:
    """Of one path. `frames`, `bytes` and `missing` only grow; `look` makes rates of them once a second or so."""

    frames: int = 0
    bytes: int = 0
    missing: int = 0
    round_trip_s: float | None = None
    loss: float | None = None
    frames_s: float = 0.0
    bytes_s: float = 0.0
    _at: Instant | None = None
    _last: tuple[int, int, int] = field(default=(0, 0, 0))

    def look(self, now: Instant) -> None:
        since = self._at
        counts = (self.frames, self.bytes, self.missing)
        frames, size, missing = (new - old for new, old in zip(counts, self._last, strict=True))
        self._at, self._last = now, counts
        elapsed_s = 0.0 if since is None else since.age_s(now)
        if elapsed_s <= 0.0:
            return
        self.frames_s += NEW_SHARE * (frames / elapsed_s - self.frames_s)
        self.bytes_s += NEW_SHARE * (size / elapsed_s - self.bytes_s)
        if frames + missing:
            lost = missing / (frames + missing)
            self.loss = lost if self.loss is None else self.loss + NEW_SHARE * (lost - self.loss)

    def cost_s(self) -> float:
        """What a command costs on this path, in seconds of waiting."""
        round_trip_s = UNKNOWN_ROUND_TRIP_S if self.round_trip_s is None else self.round_trip_s
        return round_trip_s + LOSS_COSTS_S * (self.loss or 0.0)
