"""Time as a value: an instant has a mono part for ages and deadlines and a UTC part for people."""

from dataclasses import dataclass
from typing import Protocol

NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Instant:
    """One moment on this host. Ages and deadlines use `mono_ns`; what people and other hosts read is `utc_ns`."""

    mono_ns: int
    utc_ns: int

    def age_s(self, now: "Instant") -> float:
        """Seconds from this instant to `now`, by the monotonic part."""
        return (now.mono_ns - self.mono_ns) / NS_PER_S

    def plus_s(self, seconds: float) -> "Instant":
        step_ns = round(seconds * NS_PER_S)
        return Instant(mono_ns=self.mono_ns + step_ns, utc_ns=self.utc_ns + step_ns)


class Clock(Protocol):
    """The only source of time a service has. In simulation it follows the time owner."""

    def now(self) -> Instant: ...

    async def sleep(self, seconds: float) -> None: ...

    async def sleep_until(self, mono_ns: int) -> None: ...
