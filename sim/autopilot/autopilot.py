"""One vehicle's autopilot on the wire: messages to handlers by one table, its clockwork, its heartbeats and streams."""

from collections.abc import Callable, Mapping
from typing import Final

from fleet.wire.enums import Command, Component, MavFrame, MavResult, MavType, MissionResult, MissionType, Severity
from sim.autopilot import fence, rally, setpoints
from sim.autopilot.arming import has_home, has_position, prearm_reasons
from sim.autopilot.disk import Disk
from sim.autopilot.doing import DOING
from sim.autopilot.failsafes import Failsafes
from sim.autopilot.file_server import FileServer
from sim.autopilot.items import Item
from sim.autopilot.loadmaster import Loadmaster
from sim.autopilot.log_server import LogServer
from sim.autopilot.logbook import Logbook
from sim.autopilot.mission import announce
from sim.autopilot.modes import change_mode
from sim.autopilot.orders import obey, order_of
from sim.autopilot.photographer import Photographer
from sim.autopilot.ship import Ship
from sim.autopilot.transfer import ItemList, Transfer
from sim.engine.columns import STEP_TICKS, TICKS_PER_S
from sim.speak.port import Heard, Port
from sim.speak.reports import REPORTS, heartbeat

THINK_TICKS: Final = 5 * STEP_TICKS
"""Modes, missions and failsafes run at 10 Hz, on a beat of the vehicle's own."""
_TIMESYNC_TICKS: Final = 10 * TICKS_PER_S
_PREARM_TEXT_TICKS: Final = 30 * TICKS_PER_S

HEARD: Final = (
    "HEARTBEAT", "COMMAND_LONG", "COMMAND_INT", "SET_MODE", "REQUEST_DATA_STREAM", "TIMESYNC",
    "PARAM_REQUEST_LIST", "PARAM_REQUEST_READ", "PARAM_SET", "MISSION_COUNT", "MISSION_ITEM", "MISSION_ITEM_INT",
    "MISSION_REQUEST_LIST", "MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_CLEAR_ALL", "MISSION_SET_CURRENT",
    "SET_POSITION_TARGET_LOCAL_NED", "SET_POSITION_TARGET_GLOBAL_INT", "TUNNEL",
    "FILE_TRANSFER_PROTOCOL", "LOG_REQUEST_LIST", "LOG_REQUEST_DATA", "LOG_REQUEST_END", "SETUP_SIGNING",
)
"""Messages an autopilot understands; every other one is ignored."""


def phase_of(sysid: int) -> int:
    """The tick at which a vehicle's beat begins: a fleet does not think and speak all at once."""
    return STEP_TICKS * (sysid // 10 % 5)


class Autopilot:
    """Everything a vehicle does but its physics. Call `hear` on bytes, and `think` when `next_thought` says."""

    def __init__(self, ship: Ship, photographer: Photographer | None, payloads: Loadmaster | None = None) -> None:
        self.ship = ship
        self.photographer = photographer
        self.payloads = payloads
        self._failsafes = Failsafes()
        self._transfer = Transfer(ship.voice, self._lists(), self._home_item)
        self.logbook = Logbook()
        self._files = FileServer(ship, Disk(ship, self.logbook))
        self._logs = LogServer(ship, self.logbook)
        ship.voice.on_text = lambda text: self.logbook.text(ship, text)
        self.phase = phase_of(ship.spec.sysid)
        self._hello_tick = THINK_TICKS * (ship.spec.sysid % 10) + self.phase
        self._has_greeted = ship.uptime_s > 0
        self._handlers: Mapping[str, Callable[[Heard], None]] = {
            "HEARTBEAT": self._on_heartbeat,
            "COMMAND_LONG": self._on_command,
            "COMMAND_INT": self._on_command,
            "SET_MODE": self._on_set_mode,
            "REQUEST_DATA_STREAM": self._on_request_stream,
            "TIMESYNC": self._on_timesync,
            "PARAM_REQUEST_LIST": ship.parameters.on_list,
            "PARAM_REQUEST_READ": ship.parameters.on_read,
            "PARAM_SET": self._on_param_set,
            "MISSION_COUNT": lambda heard: self._transfer.on_count(heard, ship.tick_now),
            "MISSION_ITEM": lambda heard: self._on_item(heard, is_float=True),
            "MISSION_ITEM_INT": lambda heard: self._on_item(heard, is_float=False),
            "MISSION_REQUEST_LIST": self._transfer.on_request_list,
            "MISSION_REQUEST": lambda heard: self._transfer.on_request(heard, is_float=True),
            "MISSION_REQUEST_INT": lambda heard: self._transfer.on_request(heard, is_float=False),
            "MISSION_CLEAR_ALL": self._on_clear,
            "MISSION_SET_CURRENT": self._on_set_current,
            "SET_POSITION_TARGET_LOCAL_NED": lambda heard: setpoints.on_local(ship, heard.message),
            "SET_POSITION_TARGET_GLOBAL_INT": lambda heard: setpoints.on_global(ship, heard.message),
            "TUNNEL": self._on_tunnel,
            "FILE_TRANSFER_PROTOCOL": self._files.hear,
            "LOG_REQUEST_LIST": self._logs.on_list,
            "LOG_REQUEST_DATA": self._logs.on_data,
            "LOG_REQUEST_END": self._logs.on_end,
            "SETUP_SIGNING": self._on_setup_signing,
        }

    def hear(self, port: Port, data: bytes) -> None:
        """Bytes from one link."""
        for heard in port.hear(data):
            system, component = heard.target
            if system not in (0, self.ship.spec.sysid):
                continue
            if component == Component.CAMERA:
                self._for_camera(heard)
            elif component in (0, Component.AUTOPILOT):
                self._handlers[heard.message.SPEC.name](heard)
            elif self.payloads is not None and self.payloads.rack.hears(component):
                self._for_payload(heard, Component(component))

    def next_thought(self, tick: int) -> int:
        """The next tick at which something may be due."""
        following = tick - (tick - self.phase) % THINK_TICKS + THINK_TICKS
        for port in self.ship.voice.ports:
            following = min(following, port.streams.next_tick)
        if self.photographer is not None:
            following = min(following, self.photographer.next_look())
        return following

    def is_beat(self, tick: int) -> bool:
        return (tick - self.phase) % THINK_TICKS == 0

    def think(self, tick: int) -> None:
        """One step at which something may be due; `ship.estimate` is fresh."""
        ship = self.ship
        ship.tick_now = tick
        if self.is_beat(tick):
            self._sequence()
            self._say_regulars(tick)
        for port in ship.voice.ports:
            for name in port.streams.due(tick):
                fields = REPORTS[name](ship)
                if fields is not None:
                    port.say(name, **fields)

    def drop(self, port: Port) -> None:
        """A link has gone."""
        for service in (self._transfer, self.ship.parameters, self._files, self._logs):
            service.drop(port)
        self.ship.keyholder.drop(port.seal)
        self.ship.voice.ports.remove(port)

    def _sequence(self) -> None:
        ship = self.ship
        if ship.home is None and has_home(ship):
            ship.home = ship.estimate.at
            ship.voice.text(Severity.INFO, "EKF3 IMU0 origin set")
        if ship.is_armed:
            if ship.activity.tick(ship) and ship.mode == ship.rules.auto:
                ship.is_started = False
            if ship.next_mode is not None:
                ship.enter(ship.next_mode)
            self._failsafes.tick(ship)
            ship.watch()
        elif ship.rules.sails_disarmed and ship.mode == ship.rules.auto:
            self._sail_disarmed()
        self._transfer.tick(ship.tick_now)
        ship.parameters.tick()
        self.logbook.tick(ship)
        self._files.tick()
        self._logs.tick()

    def _sail_disarmed(self) -> None:
        """AUTOPILOTS.md 12: a disarmed sub "reaches" its points in no time."""
        mission = self.ship.mission
        if mission.seq < len(mission.items):
            announce(self.ship)
            mission.seq += 1

    def _say_regulars(self, tick: int) -> None:
        """What comes unasked."""
        ship = self.ship
        if not self._has_greeted:
            self._has_greeted = True
            ship.voice.text(Severity.INFO, ship.rules.firmware)
        if tick % TICKS_PER_S == self._hello_tick:
            ship.voice.say("HEARTBEAT", **heartbeat(ship))
            if self.photographer is not None:
                self.photographer.say_hello()
        if tick % _TIMESYNC_TICKS == self._hello_tick:
            ship.voice.say("TIMESYNC", tc1=0, ts1=ship.boot_ms * 1_000_000)
        if tick % _PREARM_TEXT_TICKS == self._hello_tick and not ship.is_armed and has_home(ship):
            for reason in prearm_reasons(ship):
                ship.voice.text(Severity.CRITICAL, f"PreArm: {reason}")

    def _for_camera(self, heard: Heard) -> None:
        if self.photographer is None or not heard.message.SPEC.name.startswith("COMMAND_"):
            return
        order = order_of(heard.message, heard.port)
        self._ack(heard, order.command, self.photographer.obey(order), Component.CAMERA)

    def _for_payload(self, heard: Heard, component: Component) -> None:
        if heard.message.SPEC.name == "TUNNEL":
            self._on_tunnel(heard)
        elif heard.message.SPEC.name.startswith("COMMAND_"):
            order = order_of(heard.message, heard.port)
            result = None if self.payloads is None else self.payloads.obey(order, component)
            self._ack(heard, order.command, MavResult.UNSUPPORTED if result is None else result, component)

    def _on_tunnel(self, heard: Heard) -> None:
        if self.payloads is not None:
            self.payloads.tunnelled(heard.message)

    def _on_command(self, heard: Heard) -> None:
        order = order_of(heard.message, heard.port)
        by_payload = None if self.payloads is None else self.payloads.obey(order, Component.AUTOPILOT)
        if by_payload is not None:
            result = by_payload
        elif order.command == Command.IMAGE_START_CAPTURE and self.photographer is not None:
            result = self.photographer.obey(order)
        else:
            result = obey(self.ship, order)
        self._ack(heard, order.command, result, Component.AUTOPILOT)

    def _ack(self, heard: Heard, command: int, result: MavResult, component: Component) -> None:
        heard.port.say(
            "COMMAND_ACK", component=component, command=command, result=result, progress=0, result_param2=0,
            target_system=heard.sysid, target_component=heard.compid,
        )

    def _on_heartbeat(self, heard: Heard) -> None:
        is_station = heard.sysid == self.ship.parameters["SYSID_MYGCS"] and heard.message.type == MavType.GCS
        if is_station:
            self._failsafes.hear_station(self.ship)

    def _on_set_mode(self, heard: Heard) -> None:
        change_mode(self.ship, heard.message.custom_mode)

    def _on_request_stream(self, heard: Heard) -> None:
        message = heard.message
        rate = message.req_message_rate if message.start_stop == 1 else 0
        heard.port.streams.ask_group(message.req_stream_id, rate, self.ship.tick_now)

    def _on_timesync(self, heard: Heard) -> None:
        if heard.message.tc1 == 0:
            heard.port.say("TIMESYNC", tc1=self.ship.boot_ms * 1_000_000, ts1=heard.message.ts1)

    def _on_param_set(self, heard: Heard) -> None:
        ship = self.ship
        if not ship.parameters.on_set(heard.message, ship.voice):
            return
        self.logbook.parameter(ship, heard.message.param_id)
        if ship.speed_m_s is None:
            ship.apply_limits()

    def _on_setup_signing(self, heard: Heard) -> None:
        """Addressed to this vehicle alone: a key that is told to all is nobody's."""
        ship = self.ship
        if heard.target[0] != ship.spec.sysid:
            return
        fault = ship.keyholder.set_up(
            heard.message, is_secure=heard.is_proven or heard.port.seal.is_trusted, is_armed=ship.is_armed
        )
        if fault is not None:
            ship.voice.text(Severity.WARNING, fault)

    def _on_item(self, heard: Heard, *, is_float: bool) -> None:
        if heard.message.current == setpoints.GUIDED_ITEM:
            is_taken = setpoints.on_item(self.ship, heard.message, is_float=is_float)
            heard.port.say(
                "MISSION_ACK", target_system=heard.sysid, target_component=heard.compid, mission_type=0,
                type=MissionResult.ACCEPTED if is_taken else MissionResult.ERROR,
            )
            return
        self._transfer.on_item(heard, self.ship.tick_now, is_float=is_float)

    def _on_clear(self, heard: Heard) -> None:
        self._transfer.on_clear(heard)
        if not self.ship.mission.items:
            self.ship.mission.rewind()

    def _on_set_current(self, heard: Heard) -> None:
        mission, seq = self.ship.mission, heard.message.seq
        if seq < len(mission.items):
            mission.go_to(max(seq, 1))
            self.ship.voice.say("MISSION_CURRENT", **(REPORTS["MISSION_CURRENT"](self.ship) or {}))

    def _lists(self) -> dict[int, ItemList]:
        ship = self.ship
        navigation = ship.rules.navigation

        def check(item: Item) -> MissionResult:
            known = item.command in navigation or item.command in DOING
            return MissionResult.ACCEPTED if known else MissionResult.UNSUPPORTED

        def accept(items: list[Item]) -> MissionResult:
            return MissionResult.ACCEPTED

        return {
            MissionType.MISSION: ItemList(
                type=MissionType.MISSION, check=check, check_all=accept, items=ship.mission.items,
                received="Flight plan received",
            ),
            MissionType.FENCE: ItemList(
                type=MissionType.FENCE, check=fence.check, check_all=fence.check_all, items=ship.fence_items,
                is_whole=True, keep=fence.keep, timeout="Fence upload timeout",
            ),
            MissionType.RALLY: ItemList(
                type=MissionType.RALLY, check=rally.check, check_all=accept, items=ship.rally_items,
                keep=rally.keep, received="Rally points received", timeout="Rally upload timeout",
            ),
        }

    def _home_item(self) -> Item | None:
        """Item 0 as it is read back."""
        ship = self.ship
        if ship.home is None or not has_position(ship):
            return None
        at = ship.place.frame.to_geodetic(ship.home)
        lat_e7, lon_e7 = round(at.lat_deg * 1e7), round(at.lon_deg * 1e7)
        return Item(MavFrame.GLOBAL, Command.NAV_WAYPOINT, 0.0, 0.0, 0.0, 0.0, lat_e7, lon_e7, at.height_m)
