"""The guests' door in the gate: each frame judged by itself on the newest state, missions as a whole before they go."""

from collections.abc import Callable, Sequence

from fleet.authority import Authority
from fleet.commands import Command, Verb
from fleet.guard.guest import GUIDED_ITEM, meaning_of
from fleet.guard.guest_frames import Guest, GuestFrame, order_of
from fleet.guard.guest_lists import COUNT, ITEM, GuestList, GuestLists, route_of
from fleet.guard.limits import VehicleLimits
from fleet.model import VehicleState
from fleet.wire.decode import Decoder
from fleet.wire.dialect import number_of
from fleet.wire.frame import DatagramParser, Frame
from world.ids import VehicleId
from world.time import Instant

Judge = Callable[[Command, VehicleState, Instant], str | None]


class GuestGate:
    """Of all guests. `judge`: the guard on a command that needs no plan's approval; whoever opened the share answers.

    `bounds`: system id and limits of a vehicle; `forget`: the fleet's own route on board is no longer that.
    """

    def __init__(
        self, *, send: Callable[[VehicleId, bytes], None], authority: Authority,
        bounds: Callable[[VehicleId], tuple[int, VehicleLimits] | None], judge: Judge,
        forget: Callable[[VehicleId], object],
    ) -> None:
        self._send, self._authority, self._bounds = send, authority, bounds
        self._judge, self._forget_fleets = judge, forget
        self._parser, self._decoder = DatagramParser(), Decoder()
        self._lists = GuestLists()

    def transmit(self, guest: Guest, data: bytes, state: VehicleState, now: Instant) -> str | None:
        """Send exactly one frame of a guest to the vehicle of this state, or say why not."""
        fault = self._fault(guest, data, state, now)
        if fault is None:
            self._send(state.vehicle, data)
        return fault

    def admit_list(
        self, guest: Guest, payloads: Sequence[bytes], state: VehicleState, now: Instant
    ) -> str | None:
        """Judge a guest's whole mission; when it may go, exactly these items may leave until `close_list`."""
        bounds, fault = self._bounds(state.vehicle), self._seat_fault(guest, state.vehicle, now)
        if bounds is None or fault is not None:
            return fault or f"{state.vehicle} is not in the guard's table"
        sysid, limits = bounds
        if state.is_armed is not False and state.raw_mode == limits.auto_mode:
            return "a mission that is being flown is not changed; hold first"
        number = number_of(ITEM)
        decoded = [self._decoder.decode(Frame(number, 0, 0, 0, payload)) for payload in payloads]
        items = [item for item in decoded if item is not None]
        if any(item.target_system != sysid for item in items):
            return f"the mission is not addressed to system {sysid}"
        route = route_of(items, state, limits)
        if isinstance(route, str):
            return route
        fault = self._judge(order_of(guest, state, now, Verb.UPLOAD_ROUTE, route=route), state, now)
        if fault is None:
            self._forget_fleets(state.vehicle)
            cut = tuple(payload.rstrip(b"\0") for payload in payloads)  # as they travel
            kept = GuestList(owner=guest.name, route=route, payloads=cut)
            self._lists.admit(state.vehicle, kept)
        return fault

    def close_list(self, vehicle: VehicleId, *, is_done: bool) -> None:
        """The vehicle has taken a guest's mission whole, or not."""
        self._lists.close(vehicle, is_done=is_done)

    def forget(self, vehicle: VehicleId) -> None:
        """Another mission goes to the vehicle."""
        self._lists.forget(vehicle)

    def _seat_fault(self, guest: Guest, vehicle: VehicleId, now: Instant) -> str | None:
        """A guest needs the lease itself; to be a commander is not enough."""
        holder = self._authority.holder(vehicle, now)
        if holder == guest.name:
            return None
        return f"{guest.name} does not hold the lease of {vehicle}; {holder or 'nobody'} does"

    def _fault(self, guest: Guest, data: bytes, state: VehicleState, now: Instant) -> str | None:
        bounds, fault = self._bounds(state.vehicle), self._seat_fault(guest, state.vehicle, now)
        if bounds is None or fault is not None:
            return fault or f"{state.vehicle} is not in the guard's table"
        frames = self._parser.parse(data)
        message = self._decoder.decode(frames[0]) if len(frames) == 1 else None
        if message is None:
            return "it is not exactly one frame of a known message"
        sysid, limits = bounds
        route = self._lists.route(state.vehicle, guest.name)
        frame = GuestFrame(message=message, guest=guest, state=state, limits=limits, now=now, route=route)
        name = message.SPEC.name
        if name == COUNT or (name == ITEM and message.current != GUIDED_ITEM):
            return self._lists.fault(frame, sysid, frames[0].payload)
        meaning = meaning_of(frame, sysid)
        if isinstance(meaning, str):
            return meaning
        if name == "MISSION_CLEAR_ALL":
            self._lists.forget(state.vehicle)
            self._forget_fleets(state.vehicle)
        faults = (self._judge(command, state, now) for command in meaning)
        return next((fault for fault in faults if fault is not None), None)
