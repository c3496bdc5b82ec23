"""Small helpers to write SDF: elements in one expression, numbers the same on every machine."""

from collections.abc import Iterable
from xml.etree import ElementTree

Element = ElementTree.Element
Child = Element | None


def node(tag: str, *children: Child, text: str | float | bool | None = None, **attributes: str) -> Element:
    """An element; None children are left out."""
    made = ElementTree.Element(tag, attributes)
    made.extend([child for child in children if child is not None])
    if text is not None:
        made.text = words(text)
    return made


def words(value: str | float | bool) -> str:
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else numbers([value])


def numbers(values: Iterable[float]) -> str:
    """Six significant digits after the point, as short as they go; a minus zero is a zero."""
    return " ".join(f"{value + 0.0:.6f}".rstrip("0").rstrip(".") if abs(value) > 5e-7 else "0" for value in values)


def fields(tag: str, values: dict[str, str | float | bool], *children: Child, **attributes: str) -> Element:
    """An element whose children are plain values."""
    return node(tag, *(node(name, text=value) for name, value in values.items()), *children, **attributes)


def document(root: Element) -> bytes:
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
