"""Drainage pump: flow and head, and how it fails."""

from fleet.drivers.payloads.shape import Capabilities, Fault, Figure, Setpoint, faults
from fleet.model import Domain
from fleet.wire.payload_faults import PumpFault

_MAKERS = "makers' data of submersible mine pumps, from memory: advisory"
SETPOINTS = (
    Setpoint(name="flow_m3_h", unit="m3/h", low=20.0, high=500.0, tolerance=10.0, source=_MAKERS),
)
CAPABILITIES = Capabilities(
    title="pump", title_zh="水泵", carriers=frozenset({Domain.GROUND, Domain.UNDERWATER}), setpoints=SETPOINTS,
    figures=(Figure(name="head", value=60.0, unit="m", source=_MAKERS),),
    faults=faults(
        Fault(code=PumpFault.RUNS_DRY, text="the pump runs dry", text_zh="水泵空转",
              safe="it has stopped; lower it into water before starting again", safe_zh="已停机；下放入水后再启动"),
        Fault(code=PumpFault.BLOCKED, text="the intake is blocked", text_zh="进水口堵塞",
              safe="it has stopped; lift and clear the intake", safe_zh="已停机；提出并清理进水口"),
        Fault(code=PumpFault.OVERHEATED, text="the motor is too hot", text_zh="电机过热",
              safe="it has stopped; let it cool down", safe_zh="已停机；冷却后再启动"),
    ),
)
