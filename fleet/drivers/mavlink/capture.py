"""One image by order: done when the camera announces it, not when it acknowledges."""

from fleet.drivers.mavlink.commands import SendCommand
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Outgoing, Talk
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import Component, MavResult
from fleet.wire.message import Message
from world.time import Instant


class Capture(SendCommand):
    """IMAGE_START_CAPTURE of one image to the camera component."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(
            talk, MavCommand.IMAGE_START_CAPTURE, 0.0, 0.0, 1.0, 0.0, component=Component.CAMERA
        )

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if message.SPEC.name == "CAMERA_IMAGE_CAPTURED" and message.capture_result == 1:
            self.end()
            return []
        if message.SPEC.name == "COMMAND_ACK" and message.result == MavResult.ACCEPTED:
            return []
        return super().hear(message, known, now)
