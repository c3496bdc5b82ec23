"""The other end of a signed link, as pymavlink plays it."""

from dataclasses import dataclass, field
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as reference


@dataclass(slots=True)
class SigningPeer:
    """Signs and checks with pymavlink; `timestamp` is the next one it signs with."""

    secret: bytes
    link_id: int = 0
    timestamp: int = 1
    sysid: int = 5
    compid: int = 1
    _mav: Any = field(init=False)

    def __post_init__(self) -> None:
        self._mav = reference.MAVLink(None, self.sysid, self.compid)
        signing = self._mav.signing
        signing.secret_key, signing.link_id, signing.timestamp = self.secret, self.link_id, self.timestamp
        signing.sign_outgoing = True

    def signed(self, message: Any) -> bytes:
        """A message of pymavlink as a signed frame."""
        frame: bytes = message.pack(self._mav)
        self._mav.seq = (self._mav.seq + 1) % 256
        return frame

    def heartbeat(self, custom_mode: int = 4) -> bytes:
        return self.signed(reference.MAVLink_heartbeat_message(2, 3, 81, custom_mode, 4, 3))

    def takes(self, frame: bytes) -> bool:
        """Whether pymavlink lets the frame in; anything wrong but the signature is an error of the test."""
        try:
            self._mav.decode(bytearray(frame))
        except reference.MAVError as refusal:
            if "signature" in str(refusal):
                return False
            raise
        return True
