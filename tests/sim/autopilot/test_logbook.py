"""The log a simulated vehicle keeps: pymavlink reads it as ArduPilot's, it stays small, and it is true."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pymavlink.DFReader import DFReader_binary

from sim.autopilot.logbook import LONGEST_LOG, MOST_BYTES
from sim.vehicles.spec import Kind
from tests.sim.support import Place, Station, fly_off, spec
from tests.support.flown import log_data, stand_armed


def one(kind: Kind = Kind.COPTER) -> Station:
    (station,) = Place([spec(kind)]).stations.values()
    return station


@contextmanager
def read(tmp_path: Path, data: bytes) -> Iterator[DFReader_binary]:
    path = tmp_path / "log.bin"
    path.write_bytes(data)
    reader = DFReader_binary(str(path))
    yield reader
    reader.data_map.close()
    reader.filehandle.close()


def messages(reader: DFReader_binary, kind: str) -> list[Any]:
    reader.rewind()
    found = []
    while (message := reader.recv_match(type=kind)) is not None:
        found.append(message)
    return found


def test_pymavlink_reads_a_flight(tmp_path: Path) -> None:
    station = one()
    station.say("PARAM_SET", target_system=1, target_component=1, param_id="WPNAV_SPEED", param_value=900.0,
                param_type=9)
    fly_off(station, 20.0)
    assert station.mode(9) == 0
    station.place.wait(lambda: not station.is_armed(), 90)
    (log,) = station.place.service.machines[0].logs
    with read(tmp_path, bytes(log.data)) as reader:
        check(reader)


def check(reader: DFReader_binary) -> None:
    gps, modes = messages(reader, "GPS"), messages(reader, "MODE")
    heights = [message.Alt for message in gps]
    assert max(heights) - heights[0] == pytest.approx(20.0, abs=2.0)
    assert abs(gps[0].Lat - 35.49) < 0.01
    assert [message.ModeNum for message in modes] == [4, 9]
    assert messages(reader, "MSG")[0].Message.startswith("ArduCopter V4.5.7")
    assert reader.params["WPNAV_SPEED"] == 900.0
    seconds = (gps[-1].TimeUS - gps[0].TimeUS) / 1e6
    assert len(gps) == pytest.approx(seconds + 1, abs=1)
    assert len(messages(reader, "ATT")) == len(gps)
    assert gps[0]._timestamp == pytest.approx(1_800_000_000, abs=600)


def test_nothing_is_written_while_disarmed() -> None:
    station = one(Kind.ROVER)
    station.place.pass_time(30)
    assert station.place.service.machines[0].logs == []


def test_logs_stay_within_their_bounds() -> None:
    station = one()
    (machine,) = station.place.service.machines
    for _ in range(3):
        stand_armed(station, 5)
    for log in machine.logs:
        log.data.extend(bytes(LONGEST_LOG - len(log.data) - 1))
    stand_armed(station, 5)
    assert [log.number for log in machine.logs] == [3, 4]
    assert sum(len(log.data) for log in machine.logs) <= MOST_BYTES
    full = machine.logs[-1]
    full.data.extend(bytes(LONGEST_LOG - len(full.data) - 10))
    stand_armed(station, 5)
    assert all(len(log.data) <= LONGEST_LOG for log in machine.logs)


def test_a_log_is_the_same_each_time() -> None:
    first = log_data()
    log_data.cache_clear()
    assert log_data() == first
