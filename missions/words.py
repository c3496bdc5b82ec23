"""A sentence for people, in both languages of the house."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Without the full stop, so that it may stand inside another sentence."""

    text: str
    text_zh: str


def joined(parts: list[Words], most: int = 3) -> Words:
    """The first few, and how many there are beyond them."""
    shown, left = parts[:most], len(parts) - most
    text = "; ".join(part.text for part in shown)
    text_zh = "；".join(part.text_zh for part in shown)
    if left <= 0:
        return Words(text=text, text_zh=text_zh)
    return Words(text=f"{text}; and {left} more", text_zh=f"{text_zh}；另有 {left} 项")
