"""Geophone: what an arrival is, and how it fails."""

from fleet.drivers.payloads.shape import Capabilities, Fault, Figure, Setpoint, faults
from fleet.model import Domain
from fleet.wire.payload_faults import GeophoneFault

SETPOINTS = (
    Setpoint(name="rate_hz", unit="Hz", low=0.1, high=5.0, tolerance=0.01, default=1.0,
             source="arrivals told per second at most; knocks come 1 s apart (rescue code 5432)"),
)
CAPABILITIES = Capabilities(
    title="geophone", title_zh="地震检波器", carriers=frozenset({Domain.GROUND}), setpoints=SETPOINTS,
    readings={"arrival_utc_us": "us", "peak_velocity_m_s": "m/s", "signal_to_noise_db": "dB"},
    figures=(Figure(name="listen at least", value=60.0, unit="s", source="hail and listen, recommended"),),
    faults=faults(
        Fault(code=GeophoneFault.NOT_COUPLED, text="the geophone does not touch the ground",
              text_zh="检波器未与地面耦合", safe="silence means nothing: press it down and start anew",
              safe_zh="无信号不代表无人：压实后重新启动"),
        Fault(code=GeophoneFault.OVERRANGE, text="engines drown every knock", text_zh="机械噪声淹没敲击信号",
              safe="silence means nothing: stop engines and tools, start anew",
              safe_zh="无信号不代表无人：停机后重新启动"),
    ),
)
