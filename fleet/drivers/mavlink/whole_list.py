"""All parameters of a vehicle by the best way it has: its packed file, else the list message by message."""

from collections.abc import Generator
from typing import Any

from fleet.drivers.mavlink.allowance import Allowance
from fleet.drivers.mavlink.answers import Part
from fleet.drivers.mavlink.ftp_read import read_file
from fleet.drivers.mavlink.offers import AskOffers, Offers
from fleet.drivers.mavlink.packed_parameters import PATH, BadParameterFile, unpack_parameters
from fleet.drivers.mavlink.parameter import Parameter
from fleet.drivers.mavlink.parameters import ListParameters, OnShare
from fleet.drivers.mavlink.step import Step, StepFailed, Talk, perform

FILE_TRIES = 2
"""The file is made while it is read: a parameter that appears meanwhile spoils it."""

Read = Generator[Step[Any], Any, list[Parameter]]


def read_all(
    talk: Talk, offers: Offers, *, on_share: OnShare = lambda share: None, allowance: Allowance | None = None
) -> Read:
    """Every parameter once; StepFailed says why not."""
    may_have_file = offers.has_files and offers.counts_bytewise is False
    for _ in range(FILE_TRIES if may_have_file else 0):
        try:
            file = yield from read_file(talk, PATH, on_part=_shares(on_share), allowance=allowance)
            return unpack_parameters(file.data)
        except BadParameterFile:
            continue
        except StepFailed:
            break
    bytewise = yield from is_bytewise(talk, offers)
    return (yield from perform(
        ListParameters(talk, is_bytewise=bytewise, allowance=allowance, on_share=on_share)
    ))


def is_bytewise(talk: Talk, offers: Offers) -> Generator[Step[Any], Any, bool]:
    """How whole numbers travel; asked for once more where the first answer did not say."""
    for known in (offers, None):
        said = known if known is not None else (yield from perform(AskOffers(talk)))
        if said.counts_bytewise is not None:
            return said.counts_bytewise
    raise StepFailed("the vehicle does not say whether its parameters travel bytewise or as floats")


def _shares(on_share: OnShare) -> Any:
    def tell(part: Part) -> None:
        if part.progress is not None:
            on_share(part.progress)

    return tell
