"""One image by order, and the announcements of images that were lost on the way: asked for again by their number."""

from fleet.commands import AckResult
from fleet.drivers.mavlink.commands import command_long, is_for_us, result_name
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.step import Outgoing, Step, StepFailed, Talk
from fleet.drivers.payloads.shape import Asked
from fleet.wire.dialect import ardupilotmega
from fleet.wire.enums import Command as MavCommand
from fleet.wire.enums import Component, MavResult
from fleet.wire.message import Message
from world.time import Instant

SAID = ("CAMERA_INFORMATION", "CAMERA_SETTINGS", "STORAGE_INFORMATION", "CAMERA_CAPTURE_STATUS")
"""What every camera of protocol v2 tells when asked."""
REPEAT_S = 1.0
REPEATS = 8
SEQUENCES = 1_000_000
"""Capture numbers stay whole in the 32-bit float that carries them."""
CAPTURED = 1
MOST_GAPS = 64
GAP_TRIES = 5
GAP_EVERY_S = 2.0

Line = tuple[MavCommand, tuple[float, ...]]


def ask(name: str, *params: float) -> Line:
    """REQUEST_MESSAGE for a message of the camera."""
    return MavCommand.REQUEST_MESSAGE, (float(ardupilotmega().spec(name).msgid), *params)


def _to_camera(talk: Talk, line: Line) -> Outgoing:
    command, params = line
    return command_long(talk, command, *params, component=Component.CAMERA)


class TakeImage(Step[None]):
    """One image, once: its capture number lets the camera know a repeat. Ends when it is announced.

    The number of images before tells its announcement from late ones of older images.
    """

    def __init__(self, talk: Talk, asked: Asked) -> None:
        super().__init__()
        self._talk = talk
        self._sequence = float(1 + asked.command_id % SEQUENCES)
        self._before: int | None = None
        self._asking = Pace(every_s=REPEAT_S, times=REPEATS)
        self._giving = Pace(every_s=REPEAT_S, times=REPEATS)
        self._is_taken = False

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if self._before is None:
            if self._asking.is_spent(now):
                raise StepFailed("the camera does not say how many images it has taken", AckResult.TIMED_OUT)
            return [_to_camera(self._talk, ask("CAMERA_CAPTURE_STATUS"))] if self._asking.is_due(now) else []
        if self._giving.is_spent(now):
            raise StepFailed("the camera did not announce an image", AckResult.TIMED_OUT)
        if not self._giving.is_due(now):
            return []
        if self._is_taken:
            return [_to_camera(self._talk, ask("CAMERA_IMAGE_CAPTURED", float(self._before)))]
        return [_to_camera(self._talk, (MavCommand.IMAGE_START_CAPTURE, (0.0, 0.0, 1.0, self._sequence)))]

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        name = message.SPEC.name
        if name == "CAMERA_CAPTURE_STATUS" and self._before is None:
            self._before = int(message.image_count)
            return self.poll(known, now)
        if name == "CAMERA_IMAGE_CAPTURED" and self._before is not None and message.image_index >= self._before:
            if message.capture_result != CAPTURED:
                raise StepFailed("the camera announced an image that failed")
            self.end()
        elif name == "COMMAND_ACK" and message.command == MavCommand.IMAGE_START_CAPTURE and is_for_us(message):
            self._acknowledged(message.result, now)
        return []

    def _acknowledged(self, result: int, now: Instant) -> None:
        if result in (MavResult.ACCEPTED, MavResult.IN_PROGRESS):
            if not self._is_taken:
                self._is_taken = True
                self._giving.put_off(now)
        elif result != MavResult.TEMPORARILY_REJECTED:
            raise StepFailed(f"IMAGE_START_CAPTURE {result_name(result)}")


class ImageGaps:
    """A chore for messages of the camera component: announcements that never came are asked for again by number."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._next: int | None = None
        self._tries: dict[int, int] = {}
        self._pace = Pace(every_s=GAP_EVERY_S)
        self.given_up = 0

    @property
    def missing(self) -> tuple[int, ...]:
        return tuple(sorted(self._tries))

    def hear(self, message: Message, now: Instant) -> None:
        name = message.SPEC.name
        if name == "CAMERA_IMAGE_CAPTURED":
            self._heard(int(message.image_index))
        elif name == "CAMERA_CAPTURE_STATUS" and self._next is not None:
            self._expect(int(message.image_count))

    def requests(self, now: Instant) -> list[Outgoing]:
        """One at a time: an image is asked for a few times and then given up."""
        if not self._tries or not self._pace.is_due(now):
            return []
        index = min(self._tries, key=lambda each: (self._tries[each], each))
        self._tries[index] += 1
        if self._tries[index] > GAP_TRIES:
            del self._tries[index]
            self.given_up += 1
            return []
        return [_to_camera(self._talk, ask("CAMERA_IMAGE_CAPTURED", float(index)))]

    def _heard(self, index: int) -> None:
        self._tries.pop(index, None)
        if self._next is None:
            self._next = index + 1
        elif index >= self._next:
            self._expect(index)
            self._next = index + 1
        elif index == 0:  # it was switched on anew and counts from the start
            self._next, self._tries = 1, {}

    def _expect(self, end: int) -> None:
        """All before `end` have been taken."""
        first = max(self._next or 0, end - MOST_GAPS)
        for index in range(first, end):
            self._tries.setdefault(index, 0)
        self._next = max(self._next or 0, end)
        while len(self._tries) > MOST_GAPS:
            del self._tries[min(self._tries)]
            self.given_up += 1
