"""Searchlight: brightness and strobe, and how it fails."""

from fleet.drivers.payloads.shape import Capabilities, Fault, Figure, Setpoint, faults
from fleet.model import Domain
from fleet.wire.payload_faults import LightFault

SETPOINTS = (
    Setpoint(name="intensity_pct", unit="%", low=1.0, high=100.0, tolerance=1.0, default=100.0, source="by definition"),
    Setpoint(name="strobe_hz", unit="Hz", low=0.0, high=5.0, tolerance=0.05, default=0.0,
             source="above 5 Hz flicker may harm (photosensitivity), advisory; 0 is steady"),
)
CAPABILITIES = Capabilities(
    title="searchlight", title_zh="探照灯", carriers=frozenset(Domain), setpoints=SETPOINTS,
    figures=(Figure(name="power", value=120.0, unit="W", source="makers' data, from memory: advisory"),),
    faults=faults(
        Fault(code=LightFault.THROTTLED, text="the lamp is hot and gives less light", text_zh="灯过热降功率",
              safe="it goes on darker; give less intensity", safe_zh="亮度降低；减小设定亮度"),
        Fault(code=LightFault.OVERHEATED, text="the lamp is too hot and off", text_zh="灯过热关闭",
              safe="it is dark: slow down until it has cooled", safe_zh="已熄灭：减速，待冷却"),
        Fault(code=LightFault.THERMISTOR_FAILED, text="the lamp's thermometer failed", text_zh="灯温度传感器故障",
              safe="it is off, for it could burn", safe_zh="已关闭，防止过热烧毁"),
    ),
)
