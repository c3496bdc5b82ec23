"""What is sent is kept until it is safe, and goes out once, in order, or again on demand."""

from command.timing.outgoing import Outgoing


class Wire:
    """A transport that may be down."""

    def __init__(self) -> None:
        self.out: list[bytes] = []
        self.is_up = True

    def transmit(self, data: bytes) -> bool:
        if self.is_up:
            self.out.append(data)
        return self.is_up


def open_channel(wire: Wire) -> Outgoing:
    outgoing = Outgoing(wire.transmit)
    outgoing.is_held = False
    return outgoing


def test_nothing_goes_out_while_held() -> None:
    wire = Wire()
    outgoing = Outgoing(wire.transmit)
    outgoing.send(b"a")
    assert wire.out == []
    outgoing.is_held = False
    outgoing.resume()
    assert wire.out == [b"a"]


def test_order_survives_an_unconnected_transport() -> None:
    wire = Wire()
    outgoing = open_channel(wire)
    wire.is_up = False
    outgoing.send(b"a")
    wire.is_up = True
    outgoing.send(b"b")
    outgoing.resume()
    assert wire.out == [b"a", b"b"]


def test_it_repeats_from_a_number_and_forgets_what_is_safe() -> None:
    wire = Wire()
    outgoing = open_channel(wire)
    for data in (b"a", b"b", b"c", b"d"):
        outgoing.send(data)
    outgoing.trim(2)
    assert outgoing.kept == 2
    outgoing.repeat_from(3)
    outgoing.resume()
    assert wire.out == [b"a", b"b", b"c", b"d", b"d"]
