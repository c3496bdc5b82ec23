"""MAVFTP of a simulated vehicle: its files, its sessions, its refusals, as ArduPilot 4.5 has them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.wire.ftp import FtpPacket, packet_of, payload_of
from fleet.wire.ftp_codes import FtpError, FtpOpcode
from sim.vehicles.spec import Kind
from tests.sim.support import Place, Station, spec
from tests.support.flown import flown, log_data


def one(kind: Kind = Kind.COPTER) -> Station:
    (station,) = Place([spec(kind)]).stations.values()
    return station


def ask(station: Station, opcode: int, *, seq: int = 1, session: int = 0, data: bytes = b"", size: int | None = None,
        offset: int = 0, wait_s: float = 0.2) -> list[FtpPacket]:
    """One request; all answers that come within the time."""
    before = len(station.all("FILE_TRANSFER_PROTOCOL"))
    packet = FtpPacket(
        seq=seq, opcode=opcode, session=session, size=len(data) if size is None else size, offset=offset, data=data
    )
    station.say(
        "FILE_TRANSFER_PROTOCOL", target_network=0, target_system=station.spec.sysid, target_component=1,
        payload=payload_of(packet),
    )
    station.place.pass_time(wait_s)
    answers = [packet_of(message) for message in station.all("FILE_TRANSFER_PROTOCOL")[before:]]
    return [answer for answer in answers if answer is not None]


def content(station: Station, path: bytes, *, size: int = 239) -> bytes:
    ask(station, FtpOpcode.OPEN_FILE_RO, data=path)
    answers = ask(station, FtpOpcode.BURST_READ_FILE, seq=3, size=size, wait_s=3.0)
    assert answers[-1].error() == FtpError.EOF
    assert [answer.seq for answer in answers] == list(range(4, 4 + len(answers)))
    ask(station, FtpOpcode.TERMINATE_SESSION, seq=5000)
    return b"".join(answer.data for answer in answers[:-1])


def test_folders_and_pages() -> None:
    station = one()
    flown(station.place)
    (page,) = ask(station, FtpOpcode.LIST_DIRECTORY, data=b"@SYS/")
    assert [line.partition(b"\t")[0] for line in page.data.split(b"\0")[:-1]] == [
        b"Ftasks.txt", b"Fthreads.txt", b"Fuarts.txt"
    ]
    (rest,) = ask(station, FtpOpcode.LIST_DIRECTORY, seq=3, data=b"@SYS", offset=2)
    assert rest.data.startswith(b"Fuarts.txt\t")
    (end,) = ask(station, FtpOpcode.LIST_DIRECTORY, seq=5, data=b"@SYS", offset=3)
    assert (end.opcode, end.error()) == (FtpOpcode.NAK, FtpError.EOF)
    (logs,) = ask(station, FtpOpcode.LIST_DIRECTORY, seq=7, data=b"/APM/LOGS")
    assert logs.data == b"F00000001.BIN\t%d\0FLASTLOG.TXT\t3\0" % len(log_data())
    (none,) = ask(station, FtpOpcode.LIST_DIRECTORY, seq=9, data=b"/nowhere")
    assert none.error() == FtpError.FILE_NOT_FOUND


def test_what_it_says_of_itself_is_true() -> None:
    station = one()
    station.stream(33, 5.0)
    station.place.pass_time(1)
    assert b"link0 GLOBAL_POSITION_INT 5 Hz" in content(station, b"@SYS/tasks.txt")
    heard = int(content(station, b"@SYS/uarts.txt").split(b"TX=")[1].split()[0])
    assert 0.5 * len(station.raw) < heard <= len(station.raw)


def test_a_checksum_is_that_of_the_bytes() -> None:
    station = one()
    flown(station.place)
    (answer,) = ask(station, FtpOpcode.CALC_FILE_CRC, data=b"/APM/LOGS/LASTLOG.TXT")
    # CRC-32 without inversion of "1\r\n", by the bitwise definition
    register = 0
    for octet in b"1\r\n":
        register ^= octet
        for _ in range(8):
            register = register >> 1 ^ (0xEDB88320 if register & 1 else 0)
    assert int.from_bytes(answer.data, "little") == register


def test_one_session_at_a_time() -> None:
    station = one()
    (opened,) = ask(station, FtpOpcode.OPEN_FILE_RO, session=7, data=b"@SYS/threads.txt")
    assert opened.opcode == FtpOpcode.ACK
    (other,) = ask(station, FtpOpcode.OPEN_FILE_RO, seq=3, session=8, data=b"@SYS/threads.txt")
    assert other.error() == FtpError.INVALID_SESSION
    (again,) = ask(station, FtpOpcode.OPEN_FILE_RO, seq=5, session=7, data=b"@SYS/threads.txt")
    assert again.error() == FtpError.FAIL
    station.place.pass_time(3.5)
    (late,) = ask(station, FtpOpcode.OPEN_FILE_RO, seq=7, session=8, data=b"@SYS/threads.txt")
    assert late.opcode == FtpOpcode.ACK
    (read,) = ask(station, FtpOpcode.READ_FILE, seq=9, session=8, size=20)
    assert len(read.data) == 20
    ask(station, FtpOpcode.TERMINATE_SESSION, seq=11, session=8)
    (closed,) = ask(station, FtpOpcode.READ_FILE, seq=13, session=8, size=20)
    assert closed.error() == FtpError.FILE_NOT_FOUND


def test_the_same_request_is_answered_alike_and_done_once() -> None:
    station = one()
    first = ask(station, FtpOpcode.OPEN_FILE_RO, session=7, data=b"@SYS/threads.txt")
    assert ask(station, FtpOpcode.OPEN_FILE_RO, session=7, data=b"@SYS/threads.txt") == first


def test_another_size_of_read_is_refused_for_the_parameters() -> None:
    station = one()
    ask(station, FtpOpcode.OPEN_FILE_RO, data=b"@PARAM/param.pck")
    assert len(ask(station, FtpOpcode.READ_FILE, seq=3, size=239)[0].data) == 239
    (other,) = ask(station, FtpOpcode.READ_FILE, seq=5, size=100)
    assert (other.error(), other.data[1]) == (FtpError.FAIL_ERRNO, 22)


@pytest.mark.parametrize("opcode", [6, 7, 8, 9, 10, 11, 12, 13, 99])
def test_nothing_is_ever_written(opcode: int) -> None:
    (answer,) = ask(one(), opcode, data=b"/APM/LOGS/x")
    assert answer.error() == FtpError.UNKNOWN_COMMAND


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(min_size=12, max_size=251), max_size=8))
def test_nonsense_harms_nobody(payloads: list[bytes]) -> None:
    station = NONSENSE
    for payload in payloads:
        station.say(
            "FILE_TRANSFER_PROTOCOL", target_network=0, target_system=1, target_component=1, payload=payload
        )
    station.place.pass_time(0.2)
    assert station.place.service.machines[0].is_alive


NONSENSE = one()
