"""Long status texts survive being cut, mixed, repeated and losing a piece."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.wire.decode import Decoder
from fleet.wire.encode import Encoder
from fleet.wire.frame import parse_datagram
from fleet.wire.message import Message
from fleet.wire.statustext import StatusText, TextJoiner, chunked

reproducible = settings(derandomize=True, deadline=None)
LONG = "PreArm: 加速度计未校准, compass not healthy, fence breach, battery below minimum arming voltage, 罗盘偏差过大"


def messages(text: str, text_id: int = 3) -> list[Message]:
    encoder, decoder = Encoder(1, 1), Decoder()
    frames = [encoder.encode("STATUSTEXT", **fields) for fields in chunked(4, text, text_id)]
    decoded = [decoder.decode(parse_datagram(frame)[0]) for frame in frames]
    return [message for message in decoded if message is not None]


def grown(joiner: TextJoiner, pieces: list[Message]) -> tuple[TextJoiner, list[StatusText]]:
    texts = []
    for piece in pieces:
        joiner, text = joiner.add(1, 1, piece, mono_ns=0)
        texts += [] if text is None else [text]
    return joiner, texts


def joined(pieces: list[Message]) -> list[StatusText]:
    return grown(TextJoiner(), pieces)[1]


def test_a_short_text_comes_at_once() -> None:
    (text,) = joined(messages("Arm: Need Alt Estimate"))
    assert (text.severity, text.text, text.is_complete) == (4, "Arm: Need Alt Estimate", True)


def test_a_long_text_is_joined_whatever_the_order() -> None:
    pieces = messages(LONG)
    assert len(pieces) > 2
    assert [text.text for text in joined(pieces)] == [LONG]
    assert [text.text for text in joined(pieces[::-1])] == [LONG]
    assert [text.text for text in joined([pieces[0], *pieces])] == [LONG]


def test_a_lost_piece_is_shown_as_a_gap_after_the_patience() -> None:
    pieces = messages("a" * 50 + "b" * 50 + "c" * 20)
    joiner, texts = grown(TextJoiner(patience_ns=10), [pieces[0], pieces[2]])
    assert texts == []
    assert joiner.expired(10)[1] == ()
    joiner, (text,) = joiner.expired(11)
    assert text.text == "a" * 50 + " … " + "c" * 20
    assert not text.is_complete
    assert joiner.expired(99)[1] == ()


def test_chunks_that_come_twice_make_no_second_text() -> None:
    pieces = messages(LONG)
    joiner, texts = grown(TextJoiner(), [*pieces, *pieces, pieces[-1]])
    assert [text.text for text in texts] == [LONG]
    assert joiner.expired(10**12)[1] == ()
    _, again = joiner.add(1, 1, pieces[0], mono_ns=10**12)
    assert again is None


def test_beginnings_without_an_end_do_not_pile_up() -> None:
    joiner = TextJoiner()
    for number in range(1, 200):
        joiner, _ = joiner.add(1, 1, messages("z" * 90, text_id=number)[0], mono_ns=number)
    assert len(joiner.open) == 8


def test_two_texts_of_one_component_do_not_mix() -> None:
    first, second = messages("x" * 80, text_id=1), messages("y" * 80, text_id=2)
    mixed = [piece for pair in zip(first, second, strict=True) for piece in pair]
    assert [text.text for text in joined(mixed)] == ["x" * 80, "y" * 80]


@reproducible
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=400))
def test_any_text_arrives_as_it_was_sent(text: str) -> None:
    assert [whole.text for whole in joined(messages(text))] == [text]
