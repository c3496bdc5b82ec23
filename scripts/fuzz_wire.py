"""Fuzzes every reader of the wire for a while, guided by coverage where atheris runs, else by chance; says what it did.

Prints a faulty input as hex and ends with 1; `--replay HEX` judges it again.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MOST_GROWTH_BYTES = 96 << 20
"""Of the process, from the thousandth input on; the fuzzer's own corpus included."""
WARM_UP_INPUTS = 1000
SAY_EVERY_S = 2.0
CHATTER = ("INFO:", "WARNING: Failed to find", "#", '"', "so far", "stat::", "Done", "\n")
"""What libFuzzer says while all is well."""


class Watch:
    """Judges inputs and says now and then how far it is; memory is measured, not guessed."""

    def __init__(self, oracle: Any) -> None:
        self._oracle = oracle
        self._first_bytes = 0
        self._said_s = 0.0

    def __call__(self, data: bytes) -> None:
        try:
            self._oracle.judge(data)
        except BaseException:
            print(f"faulty input: {data.hex()}", flush=True)
            raise
        inputs = self._oracle.totals.inputs
        if inputs == WARM_UP_INPUTS:
            self._first_bytes = resident_bytes()
        if not inputs % 100 and time.monotonic() - self._said_s > SAY_EVERY_S:
            self.say()

    def say(self) -> None:
        self._said_s = time.monotonic()
        totals = self._oracle.totals
        growth = resident_bytes() - self._first_bytes if self._first_bytes else 0
        rate = totals.octets / totals.cpu_s if totals.cpu_s else 0.0
        print("so far: " + json.dumps({
            "inputs": totals.inputs, "frames": totals.frames, "verified": totals.verified, "bytes": totals.octets,
            "bytes_per_cpu_s": round(rate), "slowest_s": round(totals.slowest_s, 3), "growth_mib": growth >> 20,
        }), flush=True)
        if growth > MOST_GROWTH_BYTES:
            raise MemoryError(f"the process grew by {growth >> 20} MiB over {totals.inputs} inputs")


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def guided(until_s: float, arguments: list[str]) -> None:
    """The child: libFuzzer takes over this process and ends it at `until_s` of the monotonic clock."""
    import atheris

    # not the loops that numba compiles: it cannot read instrumented code
    with atheris.instrument_imports(include=["fleet"], exclude=["fleet.wire.kernels"]):
        from tests.support.wire_corpus import mutated
        from tests.support.wire_oracle import Oracle

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            data = atheris.Mutate(data, len(data))
        return mutated(chance, data)[:most]

    watch = Watch(Oracle())
    seconds = max(1, round(until_s - time.monotonic()))
    atheris.Setup([sys.argv[0], *arguments, f"-max_total_time={seconds}"], watch, custom_mutator=mutate)
    atheris.Fuzz()


def by_chance(seconds: float, seed: int) -> int:
    """The same inputs and checks without guidance."""
    from tests.support.wire_corpus import mutated, seeds
    from tests.support.wire_oracle import Oracle

    chance, started_s = random.Random(seed), time.monotonic()
    watch, pool = Watch(Oracle()), list(seeds(chance))
    while time.monotonic() - started_s < seconds:
        data = mutated(chance, chance.choice(pool))
        if chance.random() < 0.1:
            pool[chance.randrange(len(pool))] = data
        watch(data)
    watch.say()
    return 0


def run_guided(seconds: float, seed: int) -> int:
    """Parent of the guided child: prepares its corpus, passes its words on, and sums up."""
    from tests.support.wire_corpus import LONGEST, seeds

    started_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for number, data in enumerate(seeds(random.Random(seed))):
            (corpus / f"{number:04}").write_bytes(data)
        command = [
            sys.executable, __file__, "--guided", str(started_s + seconds), str(corpus), f"-max_len={LONGEST}",
            f"-seed={seed}", "-timeout=20", "-rss_limit_mb=2048", f"-artifact_prefix={folder}/",
        ]
        lines = []
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
            for line in child.stdout or ():
                lines.append(line.rstrip())
                if not line.startswith(CHATTER):
                    print(line, end="", flush=True)
    print(summary(lines, time.monotonic() - started_s))
    return 1 if child.returncode else 0


def summary(lines: list[str], wall_s: float) -> str:
    """What libFuzzer and the watch said last: coverage by the start corpus and at the end, and the totals."""
    covered = [int(found[1]) for line in lines if (found := re.search(r"cov: (\d+)", line))]
    start = next((int(found[1]) for line in lines if (found := re.search(r"INITED cov: (\d+)", line))), 0)
    said = next((line.removeprefix("so far: ") for line in reversed(lines) if line.startswith("so far: ")), "{}")
    return f"fuzz: {wall_s:.0f} s, coverage {start} -> {max(covered, default=0)}, last {said}"


def main() -> int:
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:2] == ["--guided"]:
        guided(float(sys.argv[2]), sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=20260912)
    parser.add_argument("--replay", metavar="HEX", help="judge this one input")
    options = parser.parse_args()
    if options.replay is not None:
        from tests.support.wire_oracle import Oracle

        Oracle().judge(bytes.fromhex(options.replay))
        return 0
    if obstacle := why_unguided():
        print(f"skipped: coverage guidance of the wire's fuzzing ({obstacle}); by chance instead", flush=True)
        return by_chance(options.seconds, options.seed)
    return run_guided(options.seconds, options.seed)


def why_unguided() -> str:
    """Why atheris cannot run here; empty when it can."""
    try:
        import atheris  # noqa: F401
    except ImportError as reason:
        return str(reason)
    return ""


if __name__ == "__main__":
    sys.exit(main())
