"""What can go wrong with time, one class per situation; every message says who, where and up to when."""


class TimingError(Exception):
    """Simulated time cannot go on."""


class Stopped(TimingError):
    """The time owner ended the run: not a fault, it unwinds the event loop."""


class OwnerLost(TimingError):
    """The time owner's socket closed without a stop: its process died."""


class ParticipantLost(TimingError):
    """A participant's process left and nobody undertook to restart it."""


class NoAnswer(TimingError):
    """A participant was granted time and did not answer in time."""


class NotJoined(TimingError):
    """A participant that the channel table names did not come, or did not come back."""


class StrangeParticipant(TimingError):
    """A participant joined under a name the channel table does not have, or under one already taken."""


class JournalMismatch(TimingError):
    """A restarted participant's journal is missing, or belongs to another run."""


class DatagramLost(TimingError):
    """Messages that their sender declared never came: a receive buffer overflowed, or a transport dropped them."""


class ReceiveBufferTooSmall(TimingError):
    """The kernel gave a smaller receive buffer than the link needs."""


class WrongChannel(TimingError):
    """A participant used a channel that is not its own, or that no link carries."""


class FrameTooLong(TimingError):
    """A peer announced a frame longer than any frame may be: the stream is not what it should be."""
