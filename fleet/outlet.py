"""What the fleet tells others, as topics of the bus: names in one place."""

from fleet.commands import Ack
from fleet.inquiries import Answer
from fleet.leases import LeaseEvent
from fleet.model import (
    Alarm,
    CameraLens,
    FleetState,
    ImageCaptured,
    ImageDetections,
    LinkReport,
    PayloadReport,
    VehicleProfile,
)
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

    def payload(self, report: PayloadReport) -> None:
        self._bus.publish("fleet/payload", report)

    def profile(self, profile: VehicleProfile) -> None:
        self._bus.publish("fleet/profile", profile)

    def answer(self, answer: Answer) -> None:
        self._bus.publish("fleet/answer", answer)

    def lease(self, event: LeaseEvent) -> None:
        self._bus.publish("fleet/lease_event", event)

    def alarm(self, alarm: Alarm) -> None:
        self._bus.publish("alarm", alarm)
