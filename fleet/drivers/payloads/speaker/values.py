"""Loudspeaker: recordings by number, and how it fails."""

from fleet.drivers.payloads.shape import Capabilities, Fault, Figure, Setpoint, faults
from fleet.model import Domain
from fleet.wire.payload_faults import SpeakerFault

SETPOINTS = (
    Setpoint(name="volume_pct", unit="%", low=1.0, high=100.0, tolerance=1.0, default=100.0, source="by definition"),
    Setpoint(name="recording_id", unit="", low=1.0, high=99.0, tolerance=0.1,
             source="signals differ by service (INSARAG, ICS 910): recordings are the site's own"),
)
CAPABILITIES = Capabilities(
    title="loudspeaker", title_zh="扩音器", carriers=frozenset(Domain), setpoints=SETPOINTS,
    figures=(Figure(name="evacuation signal repeats", value=3.0, unit="", source="INSARAG 3 x 1 s, from memory"),),
    faults=faults(
        Fault(code=SpeakerFault.AMPLIFIER_FAILED, text="the amplifier does not answer", text_zh="功放无响应",
              safe="nobody hears it: warn people by another way", safe_zh="无声音输出：改用其他方式通知人员"),
        Fault(code=SpeakerFault.NO_RECORDING, text="there is no recording of this number", text_zh="没有该编号的录音",
              safe="nothing is played; give another number", safe_zh="未播放；请更换编号"),
    ),
)
