"""Messages are matched with what was declared, whatever order and number the sockets gave."""

from command.timing.inbox import Inbox


def test_only_what_was_declared_is_taken() -> None:
    inbox = Inbox([1, 2])
    for data in (b"a", b"b", b"c"):
        inbox.arrive(1, data)
    inbox.expect([(1, 10, 1), (1, 12, 1)])
    assert inbox.missing() == {}
    assert inbox.take() == [(1, 10, b"a"), (1, 12, b"b")]
    assert inbox.counts == {1: 3, 2: 0}


def test_what_is_missing_is_named() -> None:
    inbox = Inbox([1, 2])
    inbox.arrive(2, b"a")
    inbox.expect([(2, 10, 3), (1, 10, 1)])
    assert inbox.missing() == {1: 1, 2: 2}


def test_outside_messages_need_no_declaration() -> None:
    inbox = Inbox([1])
    inbox.arrive(99, b"click")
    assert inbox.take() == [(99, None, b"click")]
    assert inbox.take() == []


def test_a_newcomer_forgets_what_its_sockets_caught_early() -> None:
    inbox = Inbox([1])
    inbox.replay([(1, 3, b"old")])
    inbox.arrive(1, b"early")
    inbox.forget_untaken()
    assert inbox.counts == {1: 1}


def test_what_a_lost_sender_declared_and_did_not_finish_is_not_waited_for() -> None:
    inbox = Inbox([1])
    inbox.arrive(1, b"a")
    inbox.expect([(1, 5, 2)])
    inbox.forget_undeclared([1])
    assert inbox.missing() == {}
    assert inbox.take() == [(1, 5, b"a")]
    assert inbox.counts == {1: 2}


def test_what_a_lost_sender_did_not_declare_never_happened() -> None:
    inbox = Inbox([1])
    for data in (b"a", b"b"):
        inbox.arrive(1, data)
    inbox.expect([(1, 5, 1)])
    inbox.forget_undeclared([1])
    assert inbox.take() == [(1, 5, b"a")]
    assert inbox.counts == {1: 1}
