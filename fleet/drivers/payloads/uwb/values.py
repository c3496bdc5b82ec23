"""Ultra-wideband ranging: range, rate, and how it fails."""

from fleet.drivers.payloads.shape import Capabilities, Fault, Figure, Setpoint, faults
from fleet.model import Domain
from fleet.wire.payload_faults import UwbFault

SETPOINTS = (
    Setpoint(name="rate_hz", unit="Hz", low=0.1, high=10.0, tolerance=0.01, default=2.0,
             source="two-way ranging of up to 80 tags (AQ 6210, from memory: advisory)"),
)
CAPABILITIES = Capabilities(
    title="UWB ranging", title_zh="超宽带测距", carriers=frozenset(Domain), setpoints=SETPOINTS,
    readings={"range_m": "m", "sigma_m": "m", "nlos_probability": ""},
    figures=(Figure(name="range in the open", value=100.0, unit="m", source="makers' data, from memory: advisory"),),
    faults=faults(
        Fault(code=UwbFault.RADIO_FAILED, text="the ranging radio does not answer", text_zh="测距电台无响应",
              safe="no range is given; locate by other means", safe_zh="无测距数据；改用其他定位手段"),
    ),
)
