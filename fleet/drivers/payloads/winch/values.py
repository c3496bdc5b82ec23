"""Winch: line, rate and load, and how it fails."""

from fleet.drivers.payloads.shape import Capabilities, Fault, Figure, Setpoint, faults
from fleet.model import Domain
from fleet.wire.payload_faults import WinchFault

_MAKERS = "makers' data of delivery winches, from memory: advisory"
LINE_M = 30.0
SETPOINTS = (
    Setpoint(name="length_m", unit="m", low=0.0, high=LINE_M, tolerance=0.1, source=_MAKERS),
    Setpoint(name="rate_m_s", unit="m/s", low=0.05, high=1.0, tolerance=1.0, default=0.5, source=_MAKERS),
)
CAPABILITIES = Capabilities(
    title="winch", title_zh="绞盘", carriers=frozenset(Domain), setpoints=SETPOINTS,
    readings={"length_m": "m", "speed_m_s": "m/s", "tension_n": "N"},
    figures=(
        Figure(name="line", value=LINE_M, unit="m", source=_MAKERS),
        Figure(name="load", value=10.0, unit="kg", source=_MAKERS),
    ),
    faults=faults(
        Fault(code=WinchFault.OVERLOADED, text="the load is too heavy for the winch", text_zh="载荷超过绞盘能力",
              safe="the brake holds; lower the vehicle instead", safe_zh="制动保持；改为降低飞行器"),
        Fault(code=WinchFault.JAMMED, text="the line does not move", text_zh="绳索卡死",
              safe="the brake holds; never pull, free the line by hand", safe_zh="制动保持；禁止硬拉，人工解除"),
        Fault(code=WinchFault.LINE_LOST, text="the line has run out or is cut", text_zh="绳索放尽或断开",
              safe="nothing hangs on it; mark where the load fell", safe_zh="已无载荷；标记坠落点"),
    ),
)
