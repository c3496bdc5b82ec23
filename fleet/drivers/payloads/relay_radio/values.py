"""Radio relay: on or off, and how it fails."""

from fleet.drivers.payloads.shape import Capabilities, Fault, Figure, faults
from fleet.model import Domain

ABSENT = 1
CAPABILITIES = Capabilities(
    title="radio relay", title_zh="中继电台", carriers=frozenset(Domain),
    figures=(Figure(name="relays of an autopilot", value=16.0, unit="", source="RELAY_STATUS has 16 bits"),),
    faults=faults(
        Fault(code=ABSENT, text="the autopilot has no such relay", text_zh="飞控无此继电器",
              safe="the radio stays as it is; set up the relay's pin", safe_zh="电台保持现状；请配置继电器引脚"),
    ),
)
