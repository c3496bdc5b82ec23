"""Water monitor (水炮): flow, aim and spread, its figures, and how it fails."""

from fleet.drivers.payloads.shape import Capabilities, Fault, Figure, Setpoint, faults
from fleet.model import Domain
from fleet.wire.payload_faults import WaterMonitorFault

_UNIT = "field unit of the Jianshui brigade"
SETPOINTS = (
    Setpoint(name="flow_l_s", unit="L/s", low=5.0, high=60.0, tolerance=2.0, source=f"{_UNIT}: 60 L/s"),
    Setpoint(name="azimuth_deg", unit="deg", low=-90.0, high=90.0, tolerance=2.0, default=0.0,
             source="side-on recoil tips tracked carriers: front half only, advisory"),
    Setpoint(name="elevation_deg", unit="deg", low=-15.0, high=70.0, tolerance=2.0, default=30.0,
             source="GB 19156 monitors, from memory: advisory"),
    Setpoint(name="spread_deg", unit="deg", low=0.0, high=90.0, tolerance=3.0, default=0.0,
             source="jet to mist curtain, makers' data, advisory"),
)
REACH_M = ((30.0, 55.0), (40.0, 60.0), (50.0, 65.0), (60.0, 70.0), (80.0, 80.0), (100.0, 85.0))
"""Flow in L/s -> reach of the jet at 0.8 to 1.2 MPa (GB 19156, from memory: advisory); foam reaches 10 % less."""

CAPABILITIES = Capabilities(
    title="water monitor", title_zh="水炮", carriers=frozenset({Domain.GROUND}), setpoints=SETPOINTS,
    figures=(
        Figure(name="pressure", value=0.8, unit="MPa", source="GB 19156 reach table, from memory"),
        Figure(name="recoil at 60 L/s", value=2400.0, unit="N", source="Q * sqrt(2 p rho), calculated"),
        Figure(name="hose with water", value=5.0, unit="kg/m", source="full DN80, calculated"),
    ),
    faults=faults(
        Fault(code=WaterMonitorFault.NO_PRESSURE, text="no pressure in the hose", text_zh="水带无压力",
              safe="the valve is shut; restore the supply, confirm water before advancing",
              safe_zh="阀门已关闭；恢复供水，确认出水后再前进"),
        Fault(code=WaterMonitorFault.VALVE_STUCK, text="the valve does not move", text_zh="阀门卡死",
              safe="water goes on as it is: throttle it at the pump, keep people out of the jet",
              safe_zh="水流保持现状：在泵端节流，人员远离射流"),
        Fault(code=WaterMonitorFault.AIM_JAMMED, text="the aiming drive is jammed", text_zh="炮头转动卡死",
              safe="the valve is shut; turn the vehicle instead", safe_zh="阀门已关闭；改为转动车体"),
        Fault(code=WaterMonitorFault.TIPPING, text="recoil tips the vehicle", text_zh="后坐力使车体倾斜",
              safe="the valve is shut; face the slope or give less flow", safe_zh="阀门已关闭；正对坡面或减小流量"),
        Fault(code=WaterMonitorFault.LOW_PRESSURE, text="hose pressure is too low for this flow",
              text_zh="水带压力不足", safe="it runs with less water; give less flow or raise the supply",
              safe_zh="出水不足；减小流量或提高供水压力"),
    ),
)
