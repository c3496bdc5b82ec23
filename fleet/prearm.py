"""Why a vehicle will not arm, in plain words with a remedy, English and Chinese; what is in no table is as said."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fleet.prearm_ardupilot import ARDUPILOT
from fleet.prearm_px4 import PX4
from fleet.prearm_words import Words

LONGEST = 250
"""Letters that are compared: no reason is longer."""
_PREFIXES = ("PreArm: ", "Arm: ", "Preflight Fail: ", "Preflight: ", "Arming denied: ", "Arming denied! ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """`reason` as the vehicle said it. Not known: the plain words are the vehicle's own, named as untranslated."""

    reason: str
    plain: str
    remedy: str
    plain_zh: str
    remedy_zh: str
    is_known: bool


def explain(reason: str) -> Explained:
    """Pure: the first row whose pattern fits. Prefixes such as "PreArm: " do not matter."""
    said = _bare(reason)
    for words in (*ARDUPILOT, *PX4):
        match = words.pattern.fullmatch(said[:LONGEST])
        if match is not None:
            found = {name: text.strip() for name, text in match.groupdict(default="").items()}
            return Explained(
                reason=reason, plain=_filled(words.plain, found), remedy=_filled(words.remedy, found),
                plain_zh=_filled(words.plain_zh, found), remedy_zh=_filled(words.remedy_zh, found), is_known=True,
            )
    return Explained(
        reason=reason,
        plain=f"{said or 'no reason given'} (untranslated)",
        remedy="Look it up in the autopilot's manual.",
        plain_zh=f"{said or '未说明原因'}（未翻译）", remedy_zh="请查阅飞控手册。", is_known=False,
    )


def _filled(sentence: str, found: Mapping[str, str]) -> str:
    """With what was found; a number that the vehicle did not say leaves no gap."""
    for name, text in found.items():
        sentence = sentence.replace(f"{{{name}}}", text) if text else re.sub(rf" ?{{{name}}}( 号)?", "", sentence)
    return sentence


def table() -> tuple[Words, ...]:
    """All rows, in the order they are tried."""
    return (*ARDUPILOT, *PX4)


def _bare(reason: str) -> str:
    said = reason.replace("\t", " ").strip()
    for prefix in _PREFIXES:
        said = said.removeprefix(prefix)
    return said.strip()
