"""The field tables: complete, laid out as pymavlink lays them out, extensions told apart."""

import pytest
from fastcrc.crc16 import mcrf4xx
from pymavlink.dialects.v20 import ardupilotmega as reference

from fleet.wire.dialect import MessageSpec, UnknownField, UnknownMessage, WireType, ardupilotmega
from fleet.wire.message import payload_struct

DIALECT = ardupilotmega()


def seed_byte(spec: MessageSpec) -> int:
    """CRC_EXTRA from the definition (MAVLink serialisation guide): base fields only, in wire order."""
    crc = mcrf4xx(f"{spec.name} ".encode())
    for field in spec.fields:
        if field.is_extension:
            continue
        crc = mcrf4xx(f"{field.type.value} {field.name} ".encode(), crc)
        if field.array_length:
            crc = mcrf4xx(bytes([field.array_length]), crc)
    return (crc & 0xFF) ^ (crc >> 8)


def test_the_seed_byte_of_every_message_follows_from_our_table() -> None:
    wrong = [spec.name for spec in DIALECT.by_id.values() if seed_byte(spec) != spec.crc_extra]
    assert wrong == []


def test_layouts_are_those_of_pymavlink() -> None:
    for msgid, spec in DIALECT.by_id.items():
        theirs = reference.mavlink_map[msgid]
        assert payload_struct(msgid).size == theirs.unpacker.size == spec.max_length
        assert [field.name for field in spec.fields] == theirs.ordered_fieldnames
        assert spec.min_length <= spec.max_length <= 255


def test_extensions_come_last_and_are_not_part_of_the_shortest_payload() -> None:
    spec = DIALECT.spec("STATUSTEXT")
    assert [field.is_extension for field in spec.fields] == [False, False, True, True]
    assert (spec.min_length, spec.max_length) == (51, 54)


def test_where_a_message_is_addressed() -> None:
    spec = DIALECT.spec("COMMAND_LONG")
    assert (spec.target_system_offset, spec.target_component_offset) == (30, 31)
    assert DIALECT.spec("HEARTBEAT").target_system_offset is None


def test_units_and_enums_are_kept() -> None:
    field = DIALECT.spec("GLOBAL_POSITION_INT").field("lat")
    assert (field.unit, field.type, field.offset) == ("degE7", WireType.INT32, 4)
    assert DIALECT.spec("HEARTBEAT").field("type").enum == "MAV_TYPE"


@pytest.mark.parametrize("foreign", ["NO_SUCH_MESSAGE", 65_000])
def test_a_foreign_message_is_named(foreign: str | int) -> None:
    with pytest.raises(UnknownMessage, match=str(foreign)):
        DIALECT.spec(foreign)


def test_a_foreign_field_is_named() -> None:
    with pytest.raises(UnknownField, match="altitude"):
        DIALECT.spec("ATTITUDE").field("altitude")
