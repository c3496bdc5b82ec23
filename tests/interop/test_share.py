"""Unchanged programs of other people fly one vehicle of a running fleet through a share, and only within its bounds."""

import asyncio
import importlib.util
import json
import os
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path

import pytest

from fleet.commands import Lease
from fleet.wire.encode import Encoder
from tests.interop.shared import ANNA, CHIEF, COPTER, HOME, ROOT, Shared, shared_copter

HERE = Path(__file__).parent


def needs(module: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(importlib.util.find_spec(module) is None, reason=f"{module} is not installed")


async def client(*arguments: str, within_s: float = 60.0) -> str:
    """Runs a script to its end; its last line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=ROOT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), within_s)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    assert process.returncode == 0, said.decode()
    return said.decode().splitlines()[-1]


def flown(main: Coroutine[None, None, None]) -> None:
    asyncio.run(main)


@needs("dronekit")
def test_an_unchanged_dronekit_script_flies() -> None:
    async def main() -> None:
        async with shared_copter() as shared:
            port = (await shared.open()).tcp_port
            script = str(HERE / "scripts" / "dronekit_flight.py")
            outcome = json.loads(await client(script, f"tcp:127.0.0.1:{port}"))
            assert 0.00045 < outcome["away_deg"] < 0.00055
            assert outcome["end_deg"] < 3e-5
            assert abs(outcome["end_m"]) < 1.0
            assert shared.held_back() == ""

    flown(main())


@needs("mavsdk")
def test_a_mavsdk_script_arms_takes_off_goes_and_lands() -> None:
    async def main() -> None:
        async with shared_copter() as shared:
            port = (await shared.open()).udp_port
            outcome = json.loads(await client("-m", "tests.interop.scripts.mavsdk_goto", f"udpout://127.0.0.1:{port}"))
            assert 0.00045 < outcome["away_deg"] < 0.00055
            assert abs(outcome["end_m"]) < 1.5

    flown(main())


@needs("mavsdk")
def test_an_unchanged_mavsdk_script_flies_its_mission() -> None:
    async def main() -> None:
        async with shared_copter() as shared:
            port = (await shared.open()).tcp_port
            script = str(HERE / "scripts" / "mavsdk_mission.py")
            outcome = json.loads(await client(script, f"tcpout://127.0.0.1:{port}"))
            assert 0.00035 < outcome["farthest_deg"] < 0.0006
            assert outcome["read_back"] == 6
            assert outcome["end_offset_deg"] < 3e-5

    flown(main())


class MavProxy:
    """MAVProxy in a process of its own, typed to as at its prompt."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said = ""

    async def listen(self) -> None:
        assert self._process.stdout is not None
        while piece := await self._process.stdout.read(4096):
            self.said += piece.decode(errors="replace")

    def type(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")


@pytest.mark.skipif(
    importlib.util.find_spec("MAVProxy") is None and "MAVPROXY_PYTHON" not in os.environ,
    reason="MAVProxy is not installed",
)
def test_mavproxy_flies_by_what_is_typed(tmp_path: Path) -> None:
    async def fly(shared: Shared, proxy: MavProxy) -> None:
        await shared.until(lambda: "parameters" in proxy.said, 60.0)
        proxy.type("mode guided")
        await shared.until(lambda: shared.state().raw_mode == 4)
        proxy.type("arm throttle")
        await shared.until(lambda: shared.state().is_armed is True)
        proxy.type("takeoff 20")
        await shared.until(lambda: (shared.state().height_above_home_m or 0.0) > 19.0)
        proxy.type("mode rtl")
        await shared.until(lambda: shared.state().is_armed is False)
        place = shared.state().position
        assert place is not None
        assert max(abs(place.lat_deg - HOME.lat_deg), abs(place.lon_deg - HOME.lon_deg)) < 3e-5

    async def main() -> None:
        async with shared_copter() as shared:
            port = (await shared.open()).udp_port
            python = os.environ.get("MAVPROXY_PYTHON", sys.executable)
            process = await asyncio.create_subprocess_exec(
                python, "-m", "MAVProxy.mavproxy", f"--master=udpout:127.0.0.1:{port}", f"--state-basedir={tmp_path}",
                cwd=tmp_path, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            proxy = MavProxy(process)
            listening = asyncio.ensure_future(proxy.listen())
            try:
                await fly(shared, proxy)
            finally:
                process.kill()
                await process.wait()
                await listening

    flown(main())


def test_a_guest_is_held_to_the_fence_and_to_his_lease_in_flight() -> None:
    async def main() -> None:
        async with shared_copter() as shared:
            opened = await shared.open()
            assert opened.tcp_port is not None
            reader, writer = await asyncio.open_connection("127.0.0.1", opened.tcp_port)
            encoder = Encoder(254, 1)

            def order(number: int, **given: float) -> None:
                params = {f"param{k}": 0.0 for k in range(1, 8)} | given
                writer.write(encoder.encode(
                    "COMMAND_LONG", command=number, confirmation=0, target_system=1, target_component=1, **params
                ))

            def target(north_deg: float) -> None:
                zeros = dict.fromkeys(("vx", "vy", "vz", "afx", "afy", "afz", "yaw", "yaw_rate", "time_boot_ms"), 0)
                writer.write(encoder.encode(
                    "SET_POSITION_TARGET_GLOBAL_INT", target_system=1, target_component=1, coordinate_frame=6,
                    type_mask=0xDF8, lat_int=round((HOME.lat_deg + north_deg) * 1e7), lon_int=round(HOME.lon_deg * 1e7),
                    alt=20.0, **zeros,
                ))

            order(176, param1=1.0, param2=4.0)
            order(400, param1=1.0)
            await shared.until(lambda: shared.state().is_armed is True)
            order(22, param7=20.0)
            await shared.until(lambda: (shared.state().height_above_home_m or 0.0) > 18.0)
            target(0.01)
            await shared.until(lambda: "fence" in shared.held_back())
            shared.lease(CHIEF)
            order(20)
            await shared.until(lambda: "anna does not hold the lease of U01; chief does" in shared.held_back())
            await shared.clock.sleep(0.5)
            assert shared.state().raw_mode == 4
            shared.authority.grant(Lease(vehicle=COPTER, holder=CHIEF, expires=shared.clock.now()), shared.clock.now())
            shared.lease(ANNA)
            order(20)
            await shared.until(lambda: shared.state().is_armed is False)
            said = b""
            while b"anna does not hold the lease" not in said:
                said += await asyncio.wait_for(reader.read(65536), 5.0)
            writer.close()

    flown(main())
