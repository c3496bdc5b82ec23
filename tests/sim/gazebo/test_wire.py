"""The bytes between Gazebo and us: golden, equal to those of the plugin's header, deaf to foreign ones."""

import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim.adapters.gazebo.wire as wire

HEADER_FILE = Path(wire.__file__).parent / "plugin" / "wire.h"
GOLDEN_STATE = (
    "54475a4c" "0100" "0100" "0700000000000000" "00e1f50500000000" "01000000" "00000000"
    "000000000000f03f" "0000000000000040" "0000000000000840"
    "000000000000f03f" "0000000000000000" "0000000000000000" "0000000000000000"
    "0000000000001040" "0000000000001440" "0000000000001840"
    "0000000000001c40" "0000000000002040" "0000000000002240" "03000000" "00000000"
)
PROGRAM = """
#include <cstdio>
#include "wire.h"
template <class T> void print(const T &t) {
  for (std::size_t k = 0; k < sizeof t; ++k) std::printf("%02x", reinterpret_cast<const unsigned char *>(&t)[k]);
}
int main() {
  print(taihang::Header{taihang::kLinkMagic, taihang::kVersion, taihang::kState, 7, 100000000, 1, 0});
  print(taihang::State{{1, 2, 3}, {1, 0, 0, 0}, {4, 5, 6}, {7, 8, 9}, 3, 0});
  std::printf("\\n");
  print(taihang::Header{taihang::kLinkMagic, taihang::kVersion, taihang::kCommand, 7, 100000000, 1, 0});
  print(taihang::Command{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
  std::printf("\\n");
  print(taihang::Image{
      taihang::kImageMagic, taihang::kVersion, taihang::kRgb8, 2, 4, 3, 36, 5, {1, 2, 3}, {1, 0, 0, 0}});
  std::printf("\\n%zu\\n", taihang::kMostVehicles);
}
"""


def state() -> wire.Step:
    step = wire.decode_step(bytes.fromhex(GOLDEN_STATE))
    assert step is not None
    return step


def commands() -> wire.Commands:
    rows = np.zeros(1, wire.COMMAND_ROW)
    rows["force_n"], rows["torque_nm"], rows["push_n"] = (1, 2, 3), (4, 5, 6), (7, 8, 9)
    return rows


def test_a_golden_state_is_read() -> None:
    step = state()
    assert (step.seq, step.t_ns, len(step.states)) == (7, 100_000_000, 1)
    assert step.states["position_m"].tolist() == [[1, 2, 3]]
    assert step.states["attitude"].tolist() == [[1, 0, 0, 0]]
    assert step.states["velocity_m_s"].tolist() == [[4, 5, 6]]
    assert step.states["rate_rad_s"].tolist() == [[7, 8, 9]]
    assert step.states["touches"].tolist() == [3]


def test_the_plugin_means_the_same_bytes(tmp_path: Path) -> None:
    compiler = shutil.which("c++") or shutil.which("g++")
    if compiler is None:
        pytest.skip("no C++ compiler here: the plugin's header is not compared")
    (tmp_path / "twin.cc").write_text(PROGRAM)
    made = tmp_path / "twin"
    subprocess.run(
        [compiler, "-std=c++17", f"-I{HEADER_FILE.parent}", "-o", str(made), str(tmp_path / "twin.cc")], check=True
    )
    told = subprocess.run([str(made)], capture_output=True, text=True, check=True).stdout.split()
    assert told[0] == GOLDEN_STATE
    assert told[1] == wire.encode_commands(state(), commands()).hex()
    header = wire.decode_image(bytes.fromhex(told[2]))
    assert header is not None
    assert (header.camera, header.width_px, header.height_px, header.t_ns) == (2, 4, 3, 5)
    assert (header.position_m, header.attitude) == ((1, 2, 3), (1, 0, 0, 0))
    assert int(told[3]) == wire.MOST_VEHICLES


@given(st.binary(max_size=200))
def test_foreign_bytes_are_no_state(data: bytes) -> None:
    step = wire.decode_step(data)
    assert step is None or data.startswith(struct.pack("<I", wire.LINK_MAGIC))


@given(st.integers(0, 143), st.integers(0, 255))
def test_a_damaged_state_never_raises(at: int, value: int) -> None:
    data = bytearray.fromhex(GOLDEN_STATE)
    data[at] = value
    wire.decode_step(bytes(data))
    assert wire.decode_step(bytes(data[:at])) is None


@given(st.binary(min_size=wire.IMAGE.size, max_size=wire.IMAGE.size))
def test_foreign_bytes_are_no_picture(data: bytes) -> None:
    header = wire.decode_image(data)
    assert header is None or header.size_bytes == 3 * header.width_px * header.height_px
