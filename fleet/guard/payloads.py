"""What the guard asks of orders to payloads: its own limits, approval for what cannot be undone, frames that say
exactly what was ordered. To stop or make safe is never refused."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fleet.commands import Command, PayloadOrder, Verb
from fleet.model import DOMAIN_OF, Domain, VehicleState
from fleet.wire.enums import CameraMode, CameraZoom, Component, GimbalFlag, GripperAction, IlluminatorMode, WinchAction
from fleet.wire.enums import Command as MavCommand
from fleet.wire.message import Message
from fleet.wire.readings import Payload, PayloadAction, PayloadCommand
from fleet.wire.tunnel import TunnelCounters, unpack_message

ENDS = frozenset({"stop", "safe"})
SHARE = 1e-5
"""By which a number may differ on the wire: it is a 32-bit float there."""
APPROVAL_DIGITS = 16
"""Of the plan's digest; they travel as 8 bytes."""
STANDS_M_S = 0.2
STROBE_DUTY_PCT = 50.0

Line = tuple[int, tuple[float | None, ...]]
"""A MAV_CMD and its params, zeros left out at the end; None may be any number."""
Values = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """More careful than what the payload can do. `default`: what is meant when an order does not say."""

    low: float
    high: float
    default: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """One action. `number`: of the TUNNEL row, None when it goes by standard commands, which `lines` gives."""

    bounds: Mapping[str, Bound]
    number: PayloadAction | None = None
    lines: Callable[[int, Values], tuple[Line, ...]] | None = None
    needs_approval: bool = False
    needs_approval_aloft: bool = False
    must_stand: bool = False
    """The vehicle must be known to stand still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One payload: where vehicles move that may use it, and what it may be told."""

    domains: frozenset[Domain]
    actions: Mapping[str, Allowed]
    payload: Payload | None = None


def makes_safe(command: Command) -> bool:
    """Whether this order only ends something."""
    return command.verb is Verb.OPERATE and command.order is not None and command.order.action in ENDS


def needs_approval(command: Command, state: VehicleState) -> bool:
    """Whether it cannot be undone, where the vehicle is now. Unknown counts as in the air."""
    allowed = None if command.order is None else _allowed(command.order)
    if command.verb is not Verb.OPERATE or allowed is None:
        return False
    is_aloft = DOMAIN_OF[state.kind] is Domain.AIR and state.is_landed is not True
    return allowed.needs_approval or (allowed.needs_approval_aloft and is_aloft)


def order_fault(command: Command, state: VehicleState) -> str | None:
    """One clear sentence on why an order must not be given, or None. Approval is judged before."""
    order = command.order
    carried = None if order is None else PAYLOADS.get(order.payload)
    if order is None or carried is None:
        return "an order needs a payload of the guard's table"
    allowed = carried.actions.get(order.action)
    if allowed is None:
        return f"{order.payload} may not be told to {order.action}"
    if DOMAIN_OF[state.kind] not in carried.domains:
        return f"{order.payload} is not for {DOMAIN_OF[state.kind]} vehicles"
    if allowed.must_stand and not _stands(state):
        return f"{order.payload} {order.action} needs a vehicle that is known to stand still"
    return _bounds_fault(order, allowed)


def tunnel_fault(message: Message, permit: Command | None) -> str | None:
    """TUNNEL may carry the order that is under way, word for word, and nothing else."""
    said = unpack_message(message, TunnelCounters())
    order = None if permit is None or permit.verb is not Verb.OPERATE else permit.order
    if not isinstance(said, PayloadCommand):
        return "TUNNEL may only carry an order to a payload"
    allowed = None if order is None else _allowed(order)
    if permit is None or order is None or allowed is None or allowed.number is None:
        return "an order to a payload needs the same operate to be under way"
    what = (said.payload, said.action, said.instance, said.deadline_utc_us, said.approval.hex())
    asked = (
        PAYLOADS[order.payload].payload, allowed.number, order.instance, permit.deadline.utc_ns // 1000,
        (permit.plan_digest or "")[:APPROVAL_DIGITS].ljust(APPROVAL_DIGITS, "0"),
    )
    values = [*_meant(order, allowed).values(), *[None] * len(said.setpoints)]
    is_same = what == asked and all(map(_same, said.setpoints, values))
    return None if is_same else "an order to a payload differs from the one that was checked"


def line_fault(message: Message, permit: Command | None) -> str | None:
    """A standard command to a payload: only as the order under way says."""
    order = None if permit is None or permit.verb is not Verb.OPERATE else permit.order
    allowed = None if order is None else _allowed(order)
    if order is None or allowed is None or allowed.lines is None:
        return f"command {message.command} needs an operate of its payload to be under way"
    said = [getattr(message, f"param{n}") for n in range(1, 8)]
    for number, params in allowed.lines(order.instance, _meant(order, allowed)):
        meant = (*params, *[0.0] * (7 - len(params)))
        pairs = zip(said, meant, strict=True)
        if number == message.command and all(each is None or _same(value, each) for value, each in pairs):
            return None
    return f"command {message.command} differs from the order that was checked"


def _allowed(order: PayloadOrder) -> Allowed | None:
    carried = PAYLOADS.get(order.payload)
    return None if carried is None else carried.actions.get(order.action)


def _stands(state: VehicleState) -> bool:
    velocity = state.velocity
    return velocity is not None and math.hypot(velocity.north, velocity.east, velocity.down) <= STANDS_M_S


def _bounds_fault(order: PayloadOrder, allowed: Allowed) -> str | None:
    meant = _meant(order, allowed)
    for name in order.setpoints:
        if name not in allowed.bounds:
            return f"{order.payload} {order.action} has no {name}"
    for name, bound in allowed.bounds.items():
        value = meant.get(name)
        if value is None:
            return f"{order.payload} {order.action} needs {name}; {bound.low:g} to {bound.high:g} is allowed"
        if not bound.low <= value <= bound.high:
            return f"{order.payload} {order.action} with {name} {value:g}; {bound.low:g} to {bound.high:g} is allowed"
    return None


def _meant(order: PayloadOrder, allowed: Allowed) -> dict[str, float]:
    """Setpoints with what is meant where the order does not say; in wire order."""
    said = {name: order.setpoints.get(name, bound.default) for name, bound in allowed.bounds.items()}
    return {name: value for name, value in said.items() if value is not None}


def _same(said: float | None, meant: float | None) -> bool:
    if said is None or meant is None:
        return said is meant
    return math.isclose(said, meant, rel_tol=SHARE, abs_tol=SHARE)


def _one(number: MavCommand, action: float) -> Callable[[int, Values], tuple[Line, ...]]:
    """Instance, counted from 1, and an action."""
    return lambda instance, values: ((number, (instance + 1.0, action)),)


def _relay(on: float) -> Callable[[int, Values], tuple[Line, ...]]:
    return lambda instance, values: ((MavCommand.DO_SET_RELAY, (float(instance), on)),)


def _shine(instance: int, values: Values) -> tuple[Line, ...]:
    hz = values["strobe_hz"]
    strobe = (1.0 / hz, STROBE_DUTY_PCT) if hz > 0.0 else (0.0, 0.0)
    look = (float(IlluminatorMode.INTERNAL_CONTROL), values["intensity_pct"], *strobe)
    return (MavCommand.DO_ILLUMINATOR_CONFIGURE, look), *_dark(1.0)(instance, values)


def _dark(on: float) -> Callable[[int, Values], tuple[Line, ...]]:
    return lambda instance, values: ((MavCommand.ILLUMINATOR_ON_OFF, (on,)),)


def _fixed(*lines: Line) -> Allowed:
    """Without numbers of its own."""
    return Allowed(bounds={}, lines=lambda instance, values: lines)


def _series(instance: int, values: Values) -> tuple[Line, ...]:
    return ((MavCommand.IMAGE_START_CAPTURE, (0.0, values["interval_s"], values["images"])),)


def _zoom(instance: int, values: Values) -> tuple[Line, ...]:
    return ((MavCommand.SET_CAMERA_ZOOM, (float(CameraZoom.RANGE), values["zoom_pct"])),)


def _point(instance: int, values: Values) -> tuple[Line, ...]:
    where = (values.get("pitch_deg", 0.0), values.get("yaw_deg", 0.0), 0.0, 0.0, float(LEVEL))
    return GIMBAL_CONTROL, (MavCommand.DO_GIMBAL_MANAGER_PITCHYAW, where)


def _watch(instance: int, values: Values) -> tuple[Line, ...]:
    """Heights go relative to home: looking too high or low harms nobody."""
    place = (0.0, 0.0, 0.0, 0.0, values["lat_deg"], values["lon_deg"], None)
    return ((MavCommand.DO_SET_ROI_LOCATION, place),)


def _tool(
    payload: Payload, domains: frozenset[Domain], bounds: Mapping[str, Bound], *, needs_approval: bool = False,
    must_stand: bool = False,
) -> Carried:
    """A payload told by TUNNEL: start and adjust within bounds, stop and safe always."""

    def run(number: PayloadAction) -> Allowed:
        return Allowed(bounds=bounds, number=number, needs_approval=needs_approval, must_stand=must_stand)

    return Carried(payload=payload, domains=domains, actions={
        "start": run(PayloadAction.START),
        "adjust": run(PayloadAction.ADJUST),
        "stop": Allowed(bounds={}, number=PayloadAction.STOP),
        "safe": Allowed(bounds={}, number=PayloadAction.SAFE),
    })


LEVEL = GimbalFlag.ROLL_LOCK | GimbalFlag.PITCH_LOCK | GimbalFlag.YAW_IN_VEHICLE_FRAME
GIMBAL_CONTROL: Line = (MavCommand.DO_GIMBAL_MANAGER_CONFIGURE, (255.0, float(Component.GROUND_STATION), -1.0, -1.0))
"""This station takes control of the gimbal, and leaves who else has some as it is."""
EVERYWHERE = frozenset(Domain)
GROUND = frozenset({Domain.GROUND})
_NO_IMAGES: Line = (MavCommand.IMAGE_STOP_CAPTURE, ())
_NO_VIDEO: Line = (MavCommand.VIDEO_STOP_CAPTURE, ())
_HOLD = Allowed(bounds={}, lines=_one(MavCommand.DO_GRIPPER, GripperAction.HOLD))
_BRAKE = Allowed(bounds={}, lines=_one(MavCommand.DO_WINCH, WinchAction.RATE_CONTROL))
_DARK = Allowed(bounds={}, lines=_dark(0.0))
_SILENT = Allowed(bounds={}, lines=_relay(0.0))

PAYLOADS: Mapping[str, Carried] = {
    "water_monitor": _tool(Payload.WATER_MONITOR, GROUND, {
        "flow_l_s": Bound(low=5.0, high=50.0),
        # recoil of more, further to the side, may tip the carrier
        "azimuth_deg": Bound(low=-60.0, high=60.0, default=0.0),
        "elevation_deg": Bound(low=0.0, high=60.0, default=30.0),
        "spread_deg": Bound(low=0.0, high=90.0, default=0.0),
    }, needs_approval=True, must_stand=True),
    "breaching_tool": _tool(Payload.BREACHING_TOOL, GROUND, {
        "force_n": Bound(low=500.0, high=60_000.0),
        "depth_m": Bound(low=0.01, high=0.5),
        "feed_m_s": Bound(low=0.001, high=0.02, default=0.005),
    }, needs_approval=True, must_stand=True),
    "gripper": Carried(domains=EVERYWHERE, actions={
        "grab": Allowed(bounds={}, lines=_one(MavCommand.DO_GRIPPER, GripperAction.GRAB)),
        "release": Allowed(
            bounds={}, lines=_one(MavCommand.DO_GRIPPER, GripperAction.RELEASE), needs_approval_aloft=True
        ),
        "stop": _HOLD,
        "safe": _HOLD,
    }),
    "winch": Carried(payload=Payload.WINCH, domains=EVERYWHERE, actions={
        "move": Allowed(number=PayloadAction.ADJUST, bounds={
            "length_m": Bound(low=0.0, high=25.0), "rate_m_s": Bound(low=0.05, high=0.8, default=0.5),
        }),
        "retract": Allowed(bounds={}, lines=_one(MavCommand.DO_WINCH, WinchAction.RETRACT)),
        "abandon": Allowed(
            bounds={}, lines=_one(MavCommand.DO_WINCH, WinchAction.ABANDON_LINE), needs_approval=True
        ),
        "stop": _BRAKE,
        "safe": _BRAKE,
    }),
    "camera": Carried(domains=EVERYWHERE, actions={
        # its last number is that of the image, which tells repeats from new orders
        "image": _fixed((MavCommand.IMAGE_START_CAPTURE, (0.0, 0.0, 1.0, None))),
        "start_images": Allowed(lines=_series, bounds={
            "interval_s": Bound(low=0.5, high=3600.0), "images": Bound(low=0.0, high=10_000.0, default=0.0),
        }),
        "stop_images": _fixed(_NO_IMAGES),
        "start_video": _fixed((MavCommand.VIDEO_START_CAPTURE, ())),
        "stop_video": _fixed(_NO_VIDEO),
        "photo_mode": _fixed((MavCommand.SET_CAMERA_MODE, (0.0, float(CameraMode.IMAGE)))),
        "video_mode": _fixed((MavCommand.SET_CAMERA_MODE, (0.0, float(CameraMode.VIDEO)))),
        "zoom": Allowed(lines=_zoom, bounds={"zoom_pct": Bound(low=0.0, high=100.0)}),
        "describe": _fixed(),
        "streams": _fixed(),
        "stop": _fixed(_NO_IMAGES, _NO_VIDEO),
        "safe": _fixed(_NO_IMAGES, _NO_VIDEO),
    }),
    "gimbal": Carried(domains=EVERYWHERE, actions={
        "point": Allowed(lines=_point, bounds={
            "pitch_deg": Bound(low=-90.0, high=30.0), "yaw_deg": Bound(low=-170.0, high=170.0, default=0.0),
        }),
        "level": Allowed(lines=_point, bounds={}),
        "watch": Allowed(lines=_watch, bounds={
            "lat_deg": Bound(low=-90.0, high=90.0), "lon_deg": Bound(low=-180.0, high=180.0),
            "height_m": Bound(low=-500.0, high=9000.0),
        }),
        "stop": _fixed((MavCommand.DO_SET_ROI_NONE, ())),
        "safe": _fixed((MavCommand.DO_SET_ROI_NONE, ())),
    }),
    "pump": _tool(Payload.PUMP, frozenset({Domain.GROUND, Domain.UNDERWATER}), {
        "flow_m3_h": Bound(low=20.0, high=400.0),
    }),
    "gas_sensor": _tool(Payload.GAS_SENSOR, EVERYWHERE, {"rate_hz": Bound(low=0.1, high=2.0, default=1.0)}),
    "uwb": _tool(Payload.UWB, EVERYWHERE, {"rate_hz": Bound(low=0.1, high=5.0, default=2.0)}),
    "geophone": _tool(Payload.GEOPHONE, GROUND, {"rate_hz": Bound(low=0.1, high=2.0, default=1.0)}),
    "speaker": _tool(Payload.SPEAKER, EVERYWHERE, {
        "volume_pct": Bound(low=1.0, high=100.0, default=100.0), "recording_id": Bound(low=1.0, high=99.0),
    }),
    "light": Carried(domains=EVERYWHERE, actions={
        "start": Allowed(lines=_shine, bounds={
            "intensity_pct": Bound(low=1.0, high=100.0, default=100.0),
            "strobe_hz": Bound(low=0.0, high=3.0, default=0.0),
        }),
        "stop": _DARK,
        "safe": _DARK,
    }),
    "relay_radio": Carried(domains=EVERYWHERE, actions={
        "start": Allowed(bounds={}, lines=_relay(1.0)), "stop": _SILENT, "safe": _SILENT,
    }),
}
