"""pymavlink's own MAVFTP client against a simulated vehicle."""

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pymavlink import mavftp
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.autopilot.parameters.tables import table_of
from sim.vehicles.spec import Kind
from tests.sim.support import Place, spec
from tests.support.flown import flown, log_data


class Master:
    """What MAVFTP needs of a connection; waiting for a message is a step of simulated time."""

    source_system, source_component = 255, 190

    def __init__(self, place: Place) -> None:
        self._place = place
        (self._station,) = place.stations.values()
        self._parser = mavlink.MAVLink(None)
        self._heard: list[Any] = []
        self._read = 0
        self.mav = mavlink.MAVLink(SimpleNamespace(write=self._write), srcSystem=255, srcComponent=190)

    def _write(self, data: bytes) -> None:
        self._place.service.receive(self._station.spec.id, bytes(data))

    def recv_match(self, type: list[str], **rest: Any) -> Any:
        self._place.pass_time(0.02)
        fresh, self._read = bytes(self._station.raw[self._read :]), len(self._station.raw)
        self._heard += [m for m in self._parser.parse_buffer(fresh) or [] if m.get_type() in type]
        return self._heard.pop(0) if self._heard else None


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> mavftp.MAVFTP:
    ticks = itertools.count()
    monkeypatch.setattr(mavftp, "time", SimpleNamespace(time=lambda: next(ticks) * 0.002))
    place = Place([spec()])
    flown(place)
    return mavftp.MAVFTP(Master(place), 1, 1)


def test_it_lists_folders(client: mavftp.MAVFTP) -> None:
    assert client.cmd_list(["@SYS"]).error_code == mavftp.FtpError.Success
    assert {entry.name for entry in client.list_result} == {"tasks.txt", "threads.txt", "uarts.txt"}
    client.cmd_list(["/APM/LOGS"])
    assert {entry.name: entry.size_b for entry in client.list_result}["00000001.BIN"] == len(log_data())


def test_it_fetches_a_log(client: mavftp.MAVFTP, tmp_path: Path) -> None:
    local = tmp_path / "log.bin"
    assert client.cmd_get(["/APM/LOGS/00000001.BIN", str(local)]).error_code == mavftp.FtpError.Success
    client.process_ftp_reply("OpenFileRO", timeout=500)
    assert local.read_bytes() == log_data()


def test_it_fetches_all_parameters(client: mavftp.MAVFTP, tmp_path: Path) -> None:
    local, defaults = tmp_path / "all.param", tmp_path / "defaults.param"
    client.cmd_getparams([str(local), str(defaults)])
    client.process_ftp_reply("getparams", timeout=500)
    rows = dict(line.split(",")[:2] for line in local.read_text().splitlines() if "," in line)
    assert {name: float(value) for name, value in rows.items()} == pytest.approx(
        dict(table_of(Kind.COPTER).defaults), abs=1e-6
    )
