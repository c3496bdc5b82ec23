"""Gripper: what it holds, and how it fails."""

from fleet.drivers.payloads.shape import Capabilities, Fault, Figure, faults
from fleet.model import Domain
from fleet.wire.payload_faults import GripperFault

CAPABILITIES = Capabilities(
    title="gripper", title_zh="机械爪", carriers=frozenset(Domain),
    readings={"opening_pct": "%", "force_n": "N"},
    figures=(
        Figure(name="load", value=5.0, unit="kg", source="drop loads of multirotors (Kunming), weak source"),
        Figure(name="drop height, surface fire", value=20.0, unit="m", source="10-20 m, rcast.org.cn, weak source"),
    ),
    faults=faults(
        Fault(code=GripperFault.JAMMED, text="the jaws do not move", text_zh="爪卡死",
              safe="it holds or does not: treat the load as if it may fall", safe_zh="抓持状态不明：按可能坠落处理"),
        Fault(code=GripperFault.LOAD_SLIPPED, text="the load has slipped out", text_zh="载荷滑脱",
              safe="the jaws are closed and empty; mark where it fell", safe_zh="爪已闭合且空载；标记坠落点"),
        Fault(code=GripperFault.OVERLOADED, text="the load is too heavy", text_zh="载荷过重",
              safe="the jaws are open on the ground; do not lift", safe_zh="爪在地面张开；禁止起吊"),
    ),
)
