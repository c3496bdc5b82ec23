"""Time has one owner: grants of simulated time, transports that are counted, journals that survive kill -9.

The owner's process builds a TimeOwner before it starts the others; each other process builds a Participant.
"""

from command.timing.channel import TICK_NS, TICK_S, Channel
from command.timing.door import Door, Outside, Visit
from command.timing.links import Links
from command.timing.one_process import OneProcess
from command.timing.owner import TimeOwner, WhenLost
from command.timing.participant import Participant

__all__ = [
    "TICK_NS",
    "TICK_S",
    "Channel",
    "Door",
    "Links",
    "OneProcess",
    "Outside",
    "Participant",
    "TimeOwner",
    "Visit",
    "WhenLost",
]
