"""Gas sensor: ranges, the limits that cut power, and how it fails."""

from collections.abc import Mapping

from fleet.drivers.payloads.shape import Capabilities, Fault, Figure, Setpoint, faults
from fleet.model import Domain
from fleet.wire.payload_faults import GasSensorFault

_FACE = "CH4 sensor T1 at the face: alarm 1.0, cut 1.5, restore below 1.0 %"
SETPOINTS = (
    Setpoint(name="rate_hz", unit="Hz", low=0.1, high=2.0, tolerance=0.01, default=1.0,
             source="diffusion heads answer within seconds, advisory"),
)
RANGES: Mapping[str, tuple[float, float]] = {
    "ch4_pct": (0.0, 4.0), "co_ppm": (0.0, 1000.0), "o2_pct": (0.0, 25.0), "co2_pct": (0.0, 5.0),
    "h2s_ppm": (0.0, 100.0), "temperature_c": (-20.0, 100.0),
}
"""What the head can measure; at the upper end it is saturated. CH4 0-4 %: nexisense coal sensors, weak source."""
CAPABILITIES = Capabilities(
    title="gas sensor", title_zh="气体传感器", carriers=frozenset(Domain), setpoints=SETPOINTS,
    readings={"ch4_pct": "%", "co_ppm": "ppm", "o2_pct": "%", "co2_pct": "%", "h2s_ppm": "ppm", "temperature_c": "°C"},
    figures=(
        Figure(name="CH4 alarm", value=1.0, unit="%", source=_FACE),
        Figure(name="CH4 cut", value=1.5, unit="%", source=_FACE),
        Figure(name="CO limit", value=24.0, unit="ppm", source="coal mine rules, table 6: 0.0024 %"),
        Figure(name="H2S limit", value=6.6, unit="ppm", source="coal mine rules, table 6: 0.00066 %"),
        Figure(name="O2 at least", value=20.0, unit="%", source="intake air, weak source"),
    ),
    faults=faults(
        Fault(code=GasSensorFault.SENSOR_FAILED, text="the gas head does not answer", text_zh="气体探头无响应",
              safe="treat the place as dangerous and withdraw", safe_zh="按危险区域处理并撤离"),
        Fault(code=GasSensorFault.SATURATED, text="a gas is beyond the range of the head", text_zh="气体浓度超量程",
              safe="the true value is unknown and dangerous: withdraw", safe_zh="真实浓度未知且危险：撤离"),
        Fault(code=GasSensorFault.CH4_EXCESS, text="CH4 excess: power is cut and latched", text_zh="甲烷超限：断电闭锁",
              safe="it stays off until someone resets it by hand in fresh air", safe_zh="须在新鲜风流中人工复位"),
    ),
)
