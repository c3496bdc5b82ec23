"""MAVFTP against odd, hostile and late servers: an answer is whole and of the right file, or it is a refusal."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.commands import AckResult
from fleet.drivers.mavlink.ftp import list_folder
from fleet.drivers.mavlink.ftp_read import file_crc32, read_file
from fleet.drivers.mavlink.step import Outgoing, Run, Talk
from fleet.wire.ftp import FtpPacket, packet_of, payload_of
from fleet.wire.ftp_codes import FTP_LONGEST_DATA, FtpError, FtpOpcode
from fleet.wire.message import Message
from tests.fleet.drivers.test_fold import NOW, frame, known
from tests.support.flown import flown, log_data
from tests.support.reading_bench import read_from_afar
from tests.support.rough_channel import Roughness

CONTENT = bytes(k * 31 % 256 for k in range(3000))
Odd = Callable[[FtpPacket, FtpPacket], list[FtpPacket]]


def honest(request: FtpPacket, reply: FtpPacket) -> list[FtpPacket]:
    return [reply]


@dataclass(slots=True)
class Server:
    """Answers at once with CONTENT; `odd` may turn each (request, answer) into other answers."""

    odd: Odd = honest
    session: int = 0
    """0 keeps the client's, others are of the server's own choice, as PX4 does it."""
    knows_burst: bool = True
    asked: list[FtpPacket] = field(default_factory=list)

    def answer(self, outgoing: Outgoing) -> list[Message]:
        request = packet_of(message_of(outgoing.fields["payload"]))
        assert request is not None
        self.asked.append(request)
        replies = [odd for reply in self._replies(request) for odd in self.odd(request, reply)]
        return [message_of(payload_of(reply)) for reply in replies]

    def _replies(self, request: FtpPacket) -> list[FtpPacket]:
        session = self.session or request.session
        reply = FtpPacket(
            seq=(request.seq + 1) & 0xFFFF, opcode=FtpOpcode.ACK, session=session, asked=request.opcode,
            offset=request.offset,
        )
        match request.opcode:
            case FtpOpcode.OPEN_FILE_RO:
                return [replace(reply, size=4, data=struct.pack("<I", len(CONTENT)))]
            case FtpOpcode.READ_FILE:
                return [chunk(reply, request.size)]
            case FtpOpcode.BURST_READ_FILE if self.knows_burst:
                return burst(reply, request.size)
            case FtpOpcode.CALC_FILE_CRC:
                return [replace(reply, size=4, data=struct.pack("<I", file_crc32(CONTENT)))]
            case FtpOpcode.TERMINATE_SESSION | FtpOpcode.RESET_SESSION:
                return [reply]
        return [no(reply, FtpError.UNKNOWN_COMMAND)]


def message_of(payload: bytes) -> Message:
    return frame(
        "FILE_TRANSFER_PROTOCOL", target_network=0, target_system=255, target_component=190, payload=payload
    )


def no(reply: FtpPacket, error: int) -> FtpPacket:
    return replace(reply, opcode=FtpOpcode.NAK, size=1, data=bytes([error]))


def chunk(reply: FtpPacket, size: int) -> FtpPacket:
    data = CONTENT[reply.offset : reply.offset + size]
    return replace(reply, size=len(data), data=data) if data else no(reply, FtpError.EOF)


def burst(reply: FtpPacket, size: int) -> list[FtpPacket]:
    replies = []
    for number in range(2000):
        replies.append(chunk(replace(reply, seq=(reply.seq + number) & 0xFFFF,
                                     offset=reply.offset + number * size), size))
        if replies[-1].opcode == FtpOpcode.NAK:
            break
    return replies


def reading(server: Server, make: Any = None, within_s: float = 300.0) -> tuple[Run, Any]:
    held, kept, now = known(), [], NOW
    talk = Talk(sysid=1, known=lambda: held, on_mission=lambda mission: None)

    def programme() -> Any:
        kept.append((yield from (make or (lambda talk: read_file(talk, "/f")))(talk)))

    run = Run(programme())
    pending = run.begin(held, now)
    for tick in range(round(within_s * 10)):
        while pending:
            for message in server.answer(pending.pop(0)):
                pending += run.hear(message, held, now)
        if run.result is not None:
            return run, kept[0] if kept else None
        now = NOW.plus_s((tick + 1) * 0.1)
        pending += run.tick(held, now)
    raise AssertionError("it does not end")


@pytest.mark.parametrize("server", [Server(), Server(session=9), Server(knows_burst=False)])
def test_a_file_is_read_from_every_kind_of_server(server: Server) -> None:
    run, read = reading(server)
    assert run.result is AckResult.ACCEPTED, run.reason
    assert (read.data, read.crc32) == (CONTENT, file_crc32(CONTENT))
    assert server.asked[-2].opcode == FtpOpcode.TERMINATE_SESSION
    assert {each.opcode for each in server.asked} <= {1, 2, 4, 5, 14, 15}
    assert {each.size for each in server.asked if each.opcode in (5, 15)} == {FTP_LONGEST_DATA}


def test_a_server_without_checksums_is_believed() -> None:
    def odd(request: FtpPacket, reply: FtpPacket) -> list[FtpPacket]:
        return [no(reply, FtpError.UNKNOWN_COMMAND)] if request.opcode == FtpOpcode.CALC_FILE_CRC else [reply]

    run, read = reading(Server(odd))
    assert (run.result, read.crc32, read.data) == (AckResult.ACCEPTED, None, CONTENT)


def test_another_checksum_is_no_success() -> None:
    def odd(request: FtpPacket, reply: FtpPacket) -> list[FtpPacket]:
        is_sum = request.opcode == FtpOpcode.CALC_FILE_CRC
        return [replace(reply, data=b"\1\2\3\4")] if is_sum else [reply]

    run, _ = reading(Server(odd))
    assert run.reason == "/f was read with another checksum than the vehicle computes; it may be changing"


def test_a_file_without_end_is_given_up() -> None:
    def odd(request: FtpPacket, reply: FtpPacket) -> list[FtpPacket]:
        is_data = request.opcode in (FtpOpcode.READ_FILE, FtpOpcode.BURST_READ_FILE)
        far = replace(reply, opcode=FtpOpcode.ACK, offset=0xFFFF_FFF0, size=9, data=bytes(9))
        return [far] if is_data else [reply]

    run, _ = reading(Server(odd))
    assert "/f is longer than a vehicle's file may be" in run.reason


@pytest.mark.parametrize(("error", "words"), [
    (FtpError.FILE_NOT_FOUND, "there is no such file"), (FtpError.FILE_PROTECTED, "the file is protected"),
    (FtpError.NO_SESSIONS_AVAILABLE, "it has no session free"), (77, "error 77"), (0, "error 0"),
])
def test_a_refusal_is_said_in_words(error: int, words: str) -> None:
    def odd(request: FtpPacket, reply: FtpPacket) -> list[FtpPacket]:
        return [no(reply, error)] if request.opcode == FtpOpcode.OPEN_FILE_RO else [reply]

    run, _ = reading(Server(odd))
    assert run.reason == f"the vehicle does not open /f: {words}"


def test_a_busy_server_is_asked_again() -> None:
    busy = [3]

    def odd(request: FtpPacket, reply: FtpPacket) -> list[FtpPacket]:
        if request.opcode == FtpOpcode.OPEN_FILE_RO and busy[0]:
            busy[0] -= 1
            return [no(reply, FtpError.INVALID_SESSION)]
        return [reply]

    run, read = reading(Server(odd))
    assert run.result is AckResult.ACCEPTED
    assert read.data == CONTENT


def test_a_file_that_is_closed_meanwhile_is_opened_again() -> None:
    closings = [4]

    def odd(request: FtpPacket, reply: FtpPacket) -> list[FtpPacket]:
        is_read = request.opcode in (FtpOpcode.READ_FILE, FtpOpcode.BURST_READ_FILE)
        if is_read and closings[0] and reply.offset >= 239 * closings[0]:
            closings[0] -= 1
            return [no(reply, FtpError.FILE_NOT_FOUND)]
        return [reply]

    run, read = reading(Server(odd))
    assert (run.result, read.data) == (AckResult.ACCEPTED, CONTENT)


def test_a_file_that_is_always_closed_is_given_up() -> None:
    def odd(request: FtpPacket, reply: FtpPacket) -> list[FtpPacket]:
        is_read = request.opcode in (FtpOpcode.READ_FILE, FtpOpcode.BURST_READ_FILE)
        return [no(reply, FtpError.INVALID_SESSION)] if is_read else [reply]

    run, _ = reading(Server(odd))
    assert run.reason == "the vehicle does not read /f: another file is open"


def test_a_mute_server_ends_it() -> None:
    run, _ = reading(Server(lambda request, reply: []))
    assert (run.result, run.reason) == (
        AckResult.TIMED_OUT, "the vehicle does not answer when asked to open /f"
    )


def test_a_server_that_stops_midway_ends_it() -> None:
    def odd(request: FtpPacket, reply: FtpPacket) -> list[FtpPacket]:
        is_late = request.opcode in (FtpOpcode.READ_FILE, FtpOpcode.BURST_READ_FILE) and reply.offset >= 1000
        return [] if is_late else [reply]

    run, _ = reading(Server(odd))
    assert run.reason == "/f stopped at byte 1195: the vehicle sends no more of it"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 255), st.integers(0, 4000)), max_size=6))
def test_answers_to_other_reads_are_not_mixed_in(strays: list[tuple[int, int, int]]) -> None:
    """Late data of another file, with any sequence number and another session than the open one."""

    def odd(request: FtpPacket, reply: FtpPacket) -> list[FtpPacket]:
        foreign = [
            FtpPacket(
                seq=seq, opcode=FtpOpcode.ACK, session=session, size=50, asked=asked, offset=offset, data=b"?" * 50
            )
            for seq, session, offset in strays if session != request.session
            for asked in (FtpOpcode.READ_FILE, FtpOpcode.BURST_READ_FILE)
        ]
        return [*foreign, reply]

    run, read = reading(Server(odd))
    assert (run.result, read.data) == (AckResult.ACCEPTED, CONTENT)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=251, max_size=251), max_size=5))
def test_nonsense_changes_nothing(payloads: list[bytes]) -> None:
    class Noisy(Server):
        def answer(self, outgoing: Outgoing) -> list[Message]:
            return [*map(message_of, payloads), *super().answer(outgoing)]

    run, read = reading(Noisy())
    assert (run.result, read.data) == (AckResult.ACCEPTED, CONTENT)


def test_a_list_that_never_ends_is_given_up() -> None:
    def odd(request: FtpPacket, reply: FtpPacket) -> list[FtpPacket]:
        page = b"Fa\t1\0" * 40
        is_list = request.opcode == FtpOpcode.LIST_DIRECTORY
        return [replace(reply, opcode=FtpOpcode.ACK, size=len(page), data=page)] if is_list else [reply]

    run, _ = reading(Server(odd), lambda talk: list_folder(talk, "/"))
    assert run.reason.startswith("the vehicle's list of / makes no sense")


@pytest.mark.parametrize("path", ["", "x" * 239, "a\0b"])
def test_a_path_that_cannot_be_sent_is_said(path: str) -> None:
    run, _ = reading(Server(), lambda talk: list_folder(talk, path))
    assert "a path has 1 to 238 bytes" in run.reason


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**31), st.floats(0.0, 2.0))
def test_one_file_after_another_over_a_slow_link(seed: int, delay_s: float) -> None:
    def all_three(talk: Talk) -> Any:
        first = yield from read_file(talk, "/APM/LOGS/00000001.BIN")
        second = yield from read_file(talk, "@SYS/threads.txt")
        third = yield from read_file(talk, "/APM/LOGS/00000001.BIN")
        return first.data, second.data, third.data

    how = Roughness(seed=seed, lost=0.1, repeated=0.5, delay_s=delay_s)
    ended = read_from_afar(all_three, how, prepare=flown)
    assert ended.result is AckResult.ACCEPTED, ended.reason
    assert ended.value[0] == ended.value[2] == log_data()
    assert ended.value[1].startswith(b"ThreadsV1")
    assert len(ended.value[1]) < 100
