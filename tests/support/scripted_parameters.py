"""A scripted vehicle's parameter side, honest or odd: PX4's bytewise numbers, lists that change, values not taken."""

import struct
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from fleet.commands import AckResult
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Outgoing, Run, Step, Talk
from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.enums import Capability, ParamType
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from tests.fleet.drivers.test_fold import NOW, known

_FORMS = {ParamType.INT8: "<b", ParamType.INT32: "<i", ParamType.UINT32: "<I"}


@dataclass(slots=True, kw_only=True)
class Board:
    """Answers at once. `values` are (value, type) by name."""

    values: dict[str, tuple[float, ParamType]]
    is_px4: bool = False
    keeps: frozenset[str] = frozenset()
    """Names whose value it will not change."""
    mute: frozenset[str] = frozenset()
    """Names it does not answer for once they are being set."""
    grows_after: int | None = None
    """After so many listed values a parameter more is there, before the others."""
    errors: bool = False
    """Answers unknown names by PARAM_ERROR."""
    set_order: list[str] = field(default_factory=list)
    _encoder: Encoder = field(default_factory=lambda: Encoder(1, 1))
    _decoder: Decoder = field(default_factory=Decoder)

    def answer(self, outgoing: Outgoing) -> list[Message]:
        """What comes back for one message."""
        heard = self._through(outgoing)
        name = heard.SPEC.name
        if name == "COMMAND_LONG" and heard.param1 == 148:
            return [self._version()]
        if name == "PARAM_REQUEST_LIST":
            return self._list()
        if name == "PARAM_REQUEST_READ":
            return self._read(heard)
        if name == "PARAM_SET":
            return self._set(heard)
        return []

    def _list(self) -> list[Message]:
        said: list[Message] = []
        for index in range(len(self.values)):
            if self.grows_after is not None and index == self.grows_after:
                self.values = {"AAA_NEW": (1.0, ParamType.INT8)} | self.values
                self.grows_after = None
                return said
            said.append(self._value(list(self.values)[index], index))
        return said

    def _read(self, heard: Message) -> list[Message]:
        if heard.param_index >= 0:
            names = list(self.values)
            return [self._value(names[heard.param_index], heard.param_index)] if heard.param_index < len(names) else []
        if heard.param_id in self.values:
            return [self._value(heard.param_id, 65535)]
        error = {"param_id": heard.param_id, "param_index": -1, "error": 1, "target_system": 255,
                 "target_component": 190}
        return [self._message("PARAM_ERROR", **error)] if self.errors else []

    def _set(self, heard: Message) -> list[Message]:
        name, kind = heard.param_id, self.values[heard.param_id][1]
        if name in self.mute:
            return []
        if name not in self.keeps:
            value = heard.param_value
            if self.is_px4 and kind in _FORMS:
                value = struct.unpack_from(_FORMS[kind], struct.pack("<f", value))[0]
            self.values[name] = (value, kind)
            self.set_order.append(name)
        return [self._value(name, 65535)]

    def _value(self, name: str, index: int) -> Message:
        value, kind = self.values[name]
        carried = value
        if self.is_px4 and kind in _FORMS:
            octets = struct.pack(_FORMS[kind], int(value)).ljust(4, b"\0")
            carried = struct.unpack("<f", octets)[0]
        return self._message(
            "PARAM_VALUE", param_id=name, param_value=carried, param_type=int(kind), param_count=len(self.values),
            param_index=index,
        )

    def _version(self) -> Message:
        offers = Capability.PARAM_ENCODE_BYTEWISE if self.is_px4 else Capability.PARAM_FLOAT
        zeros = dict.fromkeys(
            ("middleware_sw_version", "os_sw_version", "board_version", "vendor_id", "product_id"), 0
        )
        empty = dict.fromkeys(("flight_custom_version", "middleware_custom_version", "os_custom_version"), b"")
        return self._message(
            "AUTOPILOT_VERSION", capabilities=int(offers), flight_sw_version=0x01020304, uid=0xABC, **zeros, **empty
        )

    def _message(self, name: str, **fields: Any) -> Message:
        return self._through(Outgoing(name=name, fields=fields))

    def _through(self, outgoing: Outgoing) -> Message:
        (frame,) = parse_datagram(self._encoder.encode(outgoing.name, **outgoing.fields))
        message = self._decoder.decode(frame)
        assert message is not None
        return message


@dataclass(slots=True, kw_only=True)
class Finished:
    result: AckResult | None
    reason: str
    value: Any
    sent: list[Outgoing]


def converse(board: Board, make: Any, *, at_known: Known | None = None, within_s: float = 400.0) -> Finished:
    """A programme against a board, ten ticks a second."""
    held = at_known or known()
    kept: list[Any] = []
    sent: list[Outgoing] = []
    talk = Talk(sysid=1, known=lambda: held, on_mission=lambda mission: None)

    def programme() -> Generator[Step[Any], Any, None]:
        kept.append((yield from make(talk)))

    run, now = Run(programme()), NOW
    pending = run.begin(held, now)
    for tick in range(round(within_s * 10)):
        while pending:
            outgoing = pending.pop(0)
            sent.append(outgoing)
            for message in board.answer(outgoing):
                pending += run.hear(message, held, now)
        if run.result is not None:
            return Finished(result=run.result, reason=run.reason, value=kept[0] if kept else None, sent=sent)
        now = NOW.plus_s((tick + 1) * 0.1)
        pending += run.tick(held, now)
    raise AssertionError("it does not end")
