"""docs/drivers.md tells the truth of payloads: its table is the drivers', and its worked example runs as it stands."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from fleet.drivers.payloads.registry import PAYLOADS
from fleet.drivers.payloads.shape import PayloadDriver, Setpoint
from fleet.guard.payloads import PAYLOADS as GUARDED

ROOT = Path(__file__).resolve().parents[3]
DOC = (ROOT / "docs" / "drivers.md").read_text(encoding="utf-8")
MOST_LINES = 100
HEADER = re.compile(r"    # (?P<path>\S+\.py)(?:: after (?P<anchor>.+))?")

TRIAL = '''
from sim.vehicles.spec import Kind
from tests.support.payload_bench import PayloadBench

bench = PayloadBench("sprayer", kind=Kind.COPTER)
bench.refused("its plan is not approved", "sprayer", "start", flow_l_min=2.0, digest=None)
bench.refused("0.5 to 4 is allowed", "sprayer", "start", flow_l_min=5.0)
bench.done("sprayer", "start", flow_l_min=2.0)
assert abs(bench.twin("sprayer").flow_l_min - 2.0) < 0.1
assert bench.states["sprayer", 0].tank_l > 9.0
bench.done("sprayer", "stop", digest=None)
assert bench.twin("sprayer").flow_l_min == 0.0
bench.twin("sprayer").tank_l = 0.05
bench.refused("the tank is empty; it sprays nothing", "sprayer", "start", flow_l_min=4.0, in_s=30.0)
assert bench.twin("sprayer").flow_l_min == 0.0
print("sprayed")
'''


def limits(name: str, driver: PayloadDriver[object]) -> str:
    seen: dict[str, Setpoint] = {row.name: row for action in driver.actions.values() for row in action.setpoints}
    bounds = {k: b for action in GUARDED[name].actions.values() for k, b in action.bounds.items()}
    cells = []
    for row in seen.values():
        own, guard = f"{row.low:g} to {row.high:g}", f"{bounds[row.name].low:g} to {bounds[row.name].high:g}"
        text = f"`{row.name}` {own}" if own == guard else f"`{row.name}` {own}, guard {guard}"
        cells.append(f"{text} {row.unit}".rstrip())
    return "; ".join(cells) or "-"


def table() -> str:
    head = "| payload | on vehicles | actions, beside `stop` and `safe` | setpoints | faults |"
    rows = [head, "|---|---|---|---|---|"]
    for name, driver in PAYLOADS.items():
        capabilities = driver.capabilities
        carriers = sorted(GUARDED[name].domains)
        where = "all" if len(carriers) > 2 else ", ".join(carriers)
        actions = []
        for action in driver.actions:
            row = GUARDED[name].actions[action]
            mark = "**" if row.needs_approval else "*" if row.needs_approval_aloft else ""
            if action not in ("stop", "safe"):
                actions.append(f"{mark}{action}{mark}")
        faults = "; ".join(fault.text for fault in capabilities.faults.values())
        cells = (f"`{name}` {capabilities.title_zh}", where, ", ".join(actions), limits(name, driver), faults)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def test_the_table_is_that_of_the_drivers() -> None:
    assert table() in DOC, f"put this into docs/drivers.md:\n{table()}"


def example() -> list[tuple[str, str | None, str]]:
    """Path, line to insert after (None: a new file), code."""
    start = DOC.index("### Worked example: a sprayer")
    blocks: list[tuple[str, str | None, str]] = []
    for line in DOC[start : DOC.index("\n## ", start)].splitlines():
        header = HEADER.fullmatch(line)
        if header is not None:
            blocks.append((header["path"], header["anchor"], ""))
        elif blocks and (line.startswith("    ") or not line):
            path, anchor, code = blocks[-1]
            blocks[-1] = (path, anchor, f"{code}{line[4:]}\n")
    return [(path, anchor, code.rstrip("\n") + "\n") for path, anchor, code in blocks]


def test_the_worked_example_takes_less_than_a_hundred_lines_and_runs(tmp_path: Path) -> None:
    blocks = example()
    assert {path.split("/")[0] for path, _, _ in blocks} == {"fleet", "sim"}
    assert sum(code.count("\n") for _, _, code in blocks) < MOST_LINES
    for room in ("world", "fleet", "sim", "tests"):
        ignored = shutil.ignore_patterns("node_modules", "golden", "browser", "data", "*.mp4")
        shutil.copytree(ROOT / room, tmp_path / room, ignore=ignored)
    for path, anchor, code in blocks:
        place(tmp_path / path, anchor, code)
    trial = [sys.executable, "-W", "error", "-c", TRIAL]
    done = subprocess.run(trial, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "sprayed\n"), done.stderr


def place(file: Path, anchor: str | None, code: str) -> None:
    if anchor is None:
        assert not file.exists(), f"{file} is there already"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code, encoding="utf-8")
        return
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    at = [n for n, line in enumerate(lines) if line.strip() == anchor]
    assert len(at) == 1, f"{file} has {len(at)} lines {anchor!r}"
    lines.insert(at[0] + 1, code)
    file.write_text("".join(lines), encoding="utf-8")
