"""The bus of one process: handlers here, everything published goes to the hub over one stream."""

from collections.abc import Callable
from typing import Any

from command.bus.codec import BadFrame, decode_frame, decode_value, encode_frame, encode_subscription, encode_value


class StreamBus:
    """world.bus.Bus over any ordered stream of frames. Nothing published comes back to its publisher."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._handlers: dict[str, list[Callable[[Any], None]]] = {}
        self.bad_frames = 0

    def publish(self, topic: str, value: Any) -> None:
        self._send(encode_frame(topic, encode_value(topic, value)))

    def subscribe(self, topic: str, handler: Callable[[Any], None]) -> None:
        self._handlers.setdefault(topic, []).append(handler)

    def announce(self, *, after: int = 0) -> None:
        """Tell the hub what this process wants; call once after every subscribe.

        `after`: number of the last recorded event this process knows; later ones come first, so a restart misses none.
        """
        self._send(encode_subscription(list(self._handlers), after=after))

    def receive(self, frame: bytes) -> None:
        """One frame from the hub."""
        try:
            topic, payload = decode_frame(frame)
            value = decode_value(topic, payload)
        except BadFrame:
            self.bad_frames += 1
            return
        for handler in self._handlers.get(topic, ()):
            handler(value)
