"""Gimbal: how far it turns and how well it must point."""

from fleet.drivers.payloads.shape import Capabilities, Fault, Setpoint, faults
from fleet.model import Domain
from fleet.wire.enums import GimbalError

_MAKERS = "makers' data of stabilised mounts, from memory: advisory"
POINT = (
    Setpoint(name="pitch_deg", unit="deg", low=-90.0, high=30.0, tolerance=2.0, source=_MAKERS),
    Setpoint(name="yaw_deg", unit="deg", low=-170.0, high=170.0, tolerance=2.0, default=0.0, source=_MAKERS),
)
"""Pitch to the horizon, negative down; yaw to the vehicle's nose, positive right."""
PLACE = (
    Setpoint(name="lat_deg", unit="deg", low=-90.0, high=90.0, tolerance=0.0, source="by definition"),
    Setpoint(name="lon_deg", unit="deg", low=-180.0, high=180.0, tolerance=0.0, source="by definition"),
    Setpoint(name="height_m", unit="m", low=-500.0, high=9000.0, tolerance=0.0,
             source="heights on earth, above sea level"),
)
CAPABILITIES = Capabilities(
    title="gimbal", title_zh="云台", carriers=frozenset(Domain), setpoints=(*POINT, *PLACE),
    readings={"pitch_deg": "deg", "yaw_deg": "deg"},
    faults=faults(
        Fault(code=int(GimbalError.MOTOR_ERROR), text="a motor of the gimbal fails", text_zh="云台电机故障",
              safe="its camera looks anywhere: trust no position from its images",
              safe_zh="相机指向不定：勿用其图像定位"),
        Fault(code=int(GimbalError.ENCODER_ERROR), text="the gimbal does not know its angles", text_zh="云台编码器故障",
              safe="trust no position from its images", safe_zh="勿用其图像定位"),
    ),
)
