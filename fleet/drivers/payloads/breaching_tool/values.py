"""Breaching tool (破拆): force, depth and feed, and how it fails."""

from fleet.drivers.payloads.shape import Capabilities, Fault, Figure, Setpoint, faults
from fleet.model import Domain
from fleet.wire.payload_faults import BreachingToolFault

_MAKERS = "makers' data of hydraulic rescue tools, from memory: advisory"
SETPOINTS = (
    Setpoint(name="force_n", unit="N", low=500.0, high=80_000.0, tolerance=2000.0, source=_MAKERS),
    Setpoint(name="depth_m", unit="m", low=0.01, high=0.6, tolerance=0.01, source=_MAKERS),
    Setpoint(name="feed_m_s", unit="m/s", low=0.001, high=0.05, tolerance=0.05, default=0.005, source=_MAKERS),
)
CAPABILITIES = Capabilities(
    title="breaching tool", title_zh="破拆工具", carriers=frozenset({Domain.GROUND}), setpoints=SETPOINTS,
    figures=(
        Figure(name="side of a triangular opening", value=0.9, unit="m", source="fire-rescue-expert.com, weak source"),
        Figure(name="people keep away", value=10.0, unit="m", source="hold-off beyond arm reach, recommended"),
    ),
    faults=faults(
        Fault(code=BreachingToolFault.JAMMED, text="the tool is jammed in the material", text_zh="工具卡在材料中",
              safe="force is off, the tool stays where it is; never pull, withdraw it by hand",
              safe_zh="已卸力，工具保持原位；禁止硬拉，人工退出"),
        Fault(code=BreachingToolFault.NO_CONTACT, text="the tool meets no material", text_zh="工具未接触材料",
              safe="force is off and the arm withdrawn; place the vehicle anew", safe_zh="已卸力收臂；重新就位"),
        Fault(code=BreachingToolFault.HYDRAULICS_LOST, text="hydraulic pressure is lost", text_zh="液压失压",
              safe="force is off, the arm may sink: keep people away", safe_zh="已卸力，机械臂可能下沉：人员远离"),
    ),
)
