"""What the fleet tells others, as topics of the bus: names in one place."""

from fleet.commands import Ack
from fleet.model import Alarm, CameraLens, FleetState, ImageCaptured, ImageDetections, LinkReport
from world.bus import Bus


class Outlet:
    """Publishes on the fleet's topics."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def state(self, state: FleetState) -> None:
        self._bus.publish("fleet/state", state)

    def ack(self, ack: Ack) -> None:
        self._bus.publish("fleet/ack", ack)

    def image(self, image: ImageCaptured) -> None:
        self._bus.publish("fleet/image", image)

    def detections(self, detections: ImageDetections) -> None:
        self._bus.publish("fleet/detections", detections)

    def lens(self, lens: CameraLens) -> None:
        self._bus.publish("fleet/lens", lens)

    def links(self, report: LinkReport) -> None:
        self._bus.publish("fleet/links", report)

    def alarm(self, alarm: Alarm) -> None:
        self._bus.publish("alarm", alarm)
