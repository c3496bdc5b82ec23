"""Long status texts survive being cut, mixed, repeated and losing a piece."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from fleet.wire.statustext import StatusText, StatusTextAssembler, chunked

reproducible = settings(derandomize=True, deadline=None)
LONG = "PreArm: 加速度计未校准, compass not healthy, fence breach, battery below minimum arming voltage, 罗盘偏差过大"


def messages(text: str, text_id: int = 3) -> list[Message]:
    encoder, decoder = Encoder(1, 1), Decoder()
    frames = [encoder.encode("STATUSTEXT", **fields) for fields in chunked(4, text, text_id)]
    decoded = [decoder.decode(parse_datagram(frame)[0]) for frame in frames]
    return [message for message in decoded if message is not None]


def joined(assembler: StatusTextAssembler, pieces: list[Message]) -> list[StatusText]:
    texts = [assembler.add(1, 1, piece, mono_ns=0) for piece in pieces]
    return [text for text in texts if text is not None]


def test_a_short_text_comes_at_once() -> None:
    (text,) = joined(StatusTextAssembler(), messages("Arm: Need Alt Estimate"))
    assert (text.severity, text.text, text.is_complete) == (4, "Arm: Need Alt Estimate", True)


def test_a_long_text_is_joined_whatever_the_order() -> None:
    pieces = messages(LONG)
    assert len(pieces) > 2
    assert [text.text for text in joined(StatusTextAssembler(), pieces)] == [LONG]
    assert [text.text for text in joined(StatusTextAssembler(), pieces[::-1])] == [LONG]
    assert [text.text for text in joined(StatusTextAssembler(), [pieces[0], *pieces])] == [LONG]


def test_a_lost_piece_is_shown_as_a_gap_after_the_patience() -> None:
    assembler = StatusTextAssembler(patience_ns=10)
    pieces = messages("a" * 50 + "b" * 50 + "c" * 20)
    assert joined(assembler, [pieces[0], pieces[2]]) == []
    assert assembler.expired(10) == []
    (text,) = assembler.expired(11)
    assert text.text == "a" * 50 + " … " + "c" * 20
    assert not text.is_complete
    assert assembler.expired(99) == []


def test_two_texts_of_one_component_do_not_mix() -> None:
    assembler = StatusTextAssembler()
    first, second = messages("x" * 80, text_id=1), messages("y" * 80, text_id=2)
    mixed = [piece for pair in zip(first, second, strict=True) for piece in pair]
    assert [text.text for text in joined(assembler, mixed)] == ["x" * 80, "y" * 80]


@reproducible
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=400))
def test_any_text_arrives_as_it_was_sent(text: str) -> None:
    assert [whole.text for whole in joined(StatusTextAssembler(), messages(text))] == [text]
