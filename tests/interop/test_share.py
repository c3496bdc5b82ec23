"""Unchanged programs of other people fly one vehicle of a running fleet through a share, and only within its bounds."""

import asyncio
import json
import sys
from pathlib import Path

from tests.interop.shared import shared_copter

HERE = Path(__file__).parent


async def client(script: str, url: str, within_s: float = 60.0) -> str:
    """Runs a script to its end; its last line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "scripts" / script), url, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), within_s)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()
    return said.decode().splitlines()[-1]


def test_an_unchanged_dronekit_script_flies() -> None:
    async def main() -> None:
        async with shared_copter() as shared:
            port = (await shared.open()).tcp_port
            outcome = json.loads(await client("dronekit_flight.py", f"tcp:127.0.0.1:{port}"))
            assert 0.00045 < outcome["away_deg"] < 0.00055
            assert outcome["end_deg"] < 3e-5
            assert abs(outcome["end_m"]) < 1.0

    asyncio.run(main())
