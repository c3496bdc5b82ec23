"""Detection images between two processes: kept by the simulator until perception's journal has them."""

from collections.abc import Mapping
from functools import partial

from command.app.noise import note
from command.timing import Participant
from perception.ingest.source import CameraUnreachable, RtspSource
from sim.video.server import RtspServer


class ChannelCourier:
    """sim.video.courier.Courier: every mount has a channel of simulated time, which keeps, counts and repeats.

    Pictures of one window are the most it keeps: the time owner lets no sender run further ahead of its receiver.
    """

    def __init__(self, party: Participant, channels: Mapping[str, int]) -> None:
        self._party, self._channels = party, channels

    def serve(self, server: RtspServer) -> None:
        """Before `join`: what is sent goes out through this server."""
        for path, channel in self._channels.items():
            self._party.send_via(channel, partial(server.transmit, path))

    def carries(self, path: str) -> bool:
        return path in self._channels

    def send(self, path: str, unit: bytes) -> None:
        self._party.send(self._channels[path], unit)

    def resume(self, path: str) -> None:
        self._party.links.resume(self._channels[path])


def keep_playing(party: Participant, source: RtspSource, *, timeout_s: float = 60.0) -> None:
    """Plays a camera when time starts, and again whenever its simulator has come back."""

    def connect() -> None:
        if source.is_connected:
            return
        try:
            source.connect(timeout_s=timeout_s)
        except CameraUnreachable as error:  # tried again when somebody returns; what it owes cannot get lost
            note(f"{party.name}: {error}")
        else:
            source.join()

    party.links.on_connect(connect)
