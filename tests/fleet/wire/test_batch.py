"""Columns of a fleet become the frames that single encoders would have made, by both engines."""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from fleet.wire.batch import BatchPacker, Engine
from fleet.wire.dialect import UnknownField
from fleet.wire.encode import Encoder, MissingField, ValueOutOfRange
from fleet.wire.kernels import CRC_TABLES, pack_rows

N = 5
NOT_GIVEN = b"not given"
SYSIDS = np.arange(1, N + 1, dtype=np.uint8)


def position_columns() -> dict[str, ArrayLike]:
    return {
        "time_boot_ms": 1000,
        "lat": np.arange(N) + 354_900_000,
        "lon": np.full(N, 1_128_500_000),
        "alt": np.linspace(-5, 5, N).astype(np.int32),
        "relative_alt": np.zeros(N, dtype=np.int32),
        "vx": np.arange(N) - 2,
        "vy": np.zeros(N, dtype=np.int16),
        "vz": np.zeros(N, dtype=np.int16),
        "hdg": np.zeros(N, dtype=np.uint16),
    }


def single(columns: dict[str, ArrayLike], row: int, seq: int) -> bytes:
    values = {name: int(np.broadcast_to(np.asarray(column), N)[row]) for name, column in columns.items()}
    return Encoder(row + 1, 1, seq).encode("GLOBAL_POSITION_INT", **values)


@pytest.mark.parametrize("engine", list(Engine))
def test_a_batch_equals_single_encoders_and_counts_each_sequence(engine: Engine) -> None:
    packer = BatchPacker("GLOBAL_POSITION_INT", N, engine=engine)
    seqs = np.array([0, 1, 254, 255, 7], dtype=np.uint8)
    for _ in range(2):
        expected = [single(position_columns(), row, int(seqs[row])) for row in range(N)]
        packed = packer.pack(position_columns(), sysids=SYSIDS, compid=1, seqs=seqs)
        assert packed.frames() == expected
        assert packed.data == b"".join(expected)
        assert len(packed) == N
    assert seqs.tolist() == [2, 3, 0, 1, 9]


@pytest.mark.parametrize("engine", list(Engine))
def test_only_chosen_vehicles_speak(engine: Engine) -> None:
    packer = BatchPacker("GLOBAL_POSITION_INT", N, engine=engine)
    seqs = np.zeros(N, dtype=np.uint8)
    packed = packer.pack(position_columns(), sysids=SYSIDS, compid=1, seqs=seqs, rows=np.array([3, 1]))
    assert packed.frames() == [single(position_columns(), 3, 0), single(position_columns(), 1, 0)]
    assert packed.rows.tolist() == [3, 1]
    assert seqs.tolist() == [0, 1, 0, 1, 0]
    nobody = packer.pack(position_columns(), sysids=SYSIDS, compid=1, seqs=seqs, rows=np.array([], dtype=np.int64))
    assert nobody.frames() == []


def test_the_loop_gives_the_same_bytes_uncompiled() -> None:
    packed = BatchPacker("GLOBAL_POSITION_INT", N).pack(
        position_columns(), sysids=SYSIDS, compid=1, seqs=np.zeros(N, dtype=np.uint8)
    )
    raw = np.zeros((N, 28), dtype=np.uint8)
    for row, frame in enumerate(packed.frames()):
        payload = np.frombuffer(frame[10:-2], dtype=np.uint8)
        raw[row, : len(payload)] = payload
    out, ends = np.zeros(N * 40, dtype=np.uint8), np.zeros(N, dtype=np.int64)
    head = np.array([1, 33, 0, 0, 104], dtype=np.uint8)
    used = pack_rows(raw, np.arange(N), head, SYSIDS, np.zeros(N, dtype=np.uint8), CRC_TABLES, out, ends)
    assert out[:used].tobytes() == packed.data


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"lat": NOT_GIVEN}, MissingField, "needs lat"),
        ({"latitude": 1}, UnknownField, "latitude"),
        ({"vx": np.full(N, 40_000)}, ValueOutOfRange, "vx: 40000..40000 is no int16_t"),
        ({"lat": np.full(N, 35.49e7)}, ValueOutOfRange, "round them first"),
    ],
)
def test_a_column_that_does_not_fit_is_named(
    change: dict[str, ArrayLike], error: type[Exception], words: str
) -> None:
    packer = BatchPacker("GLOBAL_POSITION_INT", N)
    columns = {name: value for name, value in (position_columns() | change).items() if value is not NOT_GIVEN}
    with pytest.raises(error, match=words):
        packer.pack(columns, sysids=SYSIDS, compid=1, seqs=np.zeros(N, dtype=np.uint8))


def test_a_text_longer_than_its_field_is_refused() -> None:
    packer = BatchPacker("STATUSTEXT", 2)
    texts = np.array([b"short", b"x" * 51])
    with pytest.raises(ValueOutOfRange, match="holds 50 bytes"):
        packer.pack({"severity": 4, "text": texts}, sysids=SYSIDS[:2], compid=1, seqs=np.zeros(2, dtype=np.uint8))


def test_an_extension_left_out_is_zero_again() -> None:
    packer = BatchPacker("MISSION_COUNT", 1)
    columns: dict[str, ArrayLike] = {"target_system": 1, "target_component": 1, "count": 7}

    def payload(more: dict[str, ArrayLike]) -> bytes:
        packed = packer.pack(columns | more, sysids=SYSIDS[:1], compid=1, seqs=np.zeros(1, dtype=np.uint8))
        return packed.data[10:-2]

    assert payload({"mission_type": 2}) == bytes([7, 0, 1, 1, 2])
    assert payload({}) == bytes([7, 0, 1, 1])


def test_a_scalar_and_what_the_sender_implies_are_filled_in() -> None:
    columns: dict[str, ArrayLike] = {
        "type": 2, "autopilot": 3, "base_mode": 81, "custom_mode": np.arange(2), "system_status": 4,
    }
    packed = BatchPacker("HEARTBEAT", 2).pack(columns, sysids=SYSIDS[:2], compid=1, seqs=np.zeros(2, dtype=np.uint8))
    values = {"type": 2, "autopilot": 3, "base_mode": 81, "custom_mode": 1, "system_status": 4}
    assert packed.frames()[1] == Encoder(2, 1).encode("HEARTBEAT", **values)
