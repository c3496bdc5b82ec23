"""Numbers of MAVLink FTP: what the `payload` of FILE_TRANSFER_PROTOCOL orders and answers (MAV_FTP_OPCODE and _ERR)."""

from enum import IntEnum
from typing import Final

FTP_HEADER_LENGTH: Final = 12
"""Bytes before the data: seq u16, session, opcode, size, req_opcode, burst_complete, padding, offset u32."""
FTP_LONGEST_DATA: Final = 239


class FtpOpcode(IntEnum):
    """Orders, and from 128 on answers."""

    NONE = 0
    TERMINATE_SESSION = 1
    RESET_SESSION = 2
    LIST_DIRECTORY = 3
    OPEN_FILE_RO = 4
    READ_FILE = 5
    CREATE_FILE = 6
    WRITE_FILE = 7
    REMOVE_FILE = 8
    CREATE_DIRECTORY = 9
    REMOVE_DIRECTORY = 10
    OPEN_FILE_WO = 11
    TRUNCATE_FILE = 12
    RENAME = 13
    CALC_FILE_CRC = 14
    BURST_READ_FILE = 15
    ACK = 128
    NAK = 129


class FtpError(IntEnum):
    """First data byte of a NAK; after FAIL_ERRNO the second one is the errno of the vehicle."""

    NONE = 0
    FAIL = 1
    FAIL_ERRNO = 2
    INVALID_DATA_SIZE = 3
    INVALID_SESSION = 4
    NO_SESSIONS_AVAILABLE = 5
    EOF = 6
    UNKNOWN_COMMAND = 7
    FILE_EXISTS = 8
    FILE_PROTECTED = 9
    FILE_NOT_FOUND = 10
