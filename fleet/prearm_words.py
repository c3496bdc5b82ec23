"""One row of the tables that put pre-arm texts into plain words."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`pattern` fits the whole text, any case; its named groups may be used as {name} in the sentences."""

    pattern: re.Pattern[str]
    plain: str
    remedy: str
    plain_zh: str
    remedy_zh: str


def words(pattern: str, plain: str, remedy: str, plain_zh: str, remedy_zh: str) -> Words:
    """A row from plain strings; texts may be cut to 50 bytes on the wire, so patterns end loosely."""
    compiled = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    return Words(pattern=compiled, plain=plain, remedy=remedy, plain_zh=plain_zh, remedy_zh=remedy_zh)
