"""A vehicle's payloads on its links: orders to the rack, the rack's words to everybody, as the vehicle truly is."""

from typing import TYPE_CHECKING

from fleet.wire.enums import Component, MavResult
from fleet.wire.message import Message
from sim.payloads.gimbal import Gimbal
from sim.payloads.rack import Rack
from sim.payloads.twin import Moment, Said
from world.position import Enu

if TYPE_CHECKING:
    from sim.autopilot.orders import Order
    from sim.autopilot.ship import Ship


class Loadmaster:
    """`work` is told at every thought where the vehicle truly is; between thoughts payloads see that."""

    def __init__(self, ship: "Ship", rack: Rack) -> None:
        self.rack = rack
        self._ship = ship
        self._at, self._speed_m_s = ship.spec.home, 0.0

    def work(self, true_at: Enu, speed_m_s: float) -> None:
        """PACE_TICKS have passed."""
        self._at, self._speed_m_s = true_at, speed_m_s
        self.rack.step(self._moment(), self._say)
        self._aim_camera()

    def _aim_camera(self) -> None:
        """A camera on a gimbal looks where the gimbal does."""
        camera = self._ship.camera
        gimbal = next((twin for twin in self.rack.twins if isinstance(twin, Gimbal)), None)
        if camera is not None and gimbal is not None:
            camera.pitch_rad, camera.yaw_rad = gimbal.pitch_rad, gimbal.yaw_rad

    def tunnelled(self, message: Message) -> None:
        self.rack.tunnelled(message, self._moment(), self._say)

    def obey(self, order: "Order", component: Component) -> MavResult | None:
        return self.rack.obey(order, component, self._moment())

    def _moment(self) -> Moment:
        ship = self._ship
        is_aloft = ship.rules.flies and ship.is_aloft
        return Moment(
            tick=ship.tick_now, utc_us=ship.utc_ns // 1000, boot_ms=ship.boot_ms, at=self._at,
            speed_m_s=self._speed_m_s, is_aloft=is_aloft, around=self.rack.around, yaw_rad=ship.estimate.yaw_rad,
            watched=ship.watched,
        )

    def _say(self, said: Said) -> None:
        self._ship.voice.say(said.name, component=said.component, **said.fields)
