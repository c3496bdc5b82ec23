"""Warming up really compiles every loop, and importing compiles nothing."""

import subprocess
import sys

PROGRAM = """
import sys
from fleet.wire import batch, bulk, kernels, warm_up
assert "numba" not in sys.modules, "numba was imported with the wire"
warm_up.compile_loops()
for loop in (kernels.pack_rows, kernels.scan_run, kernels.gather):
    assert len(kernels.compiled(loop).signatures) == 1, loop.__name__
"""


def test_importing_compiles_nothing_and_warming_up_everything() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
