"""Where in a TOML source a field stands, and the one error that every scenario mistake becomes."""

import re
from dataclasses import dataclass
from pathlib import Path

_TABLE = re.compile(r"^\s*\[([A-Za-z0-9_.\-]+)\]\s*(?:#.*)?$")
_ARRAY = re.compile(r"^\s*\[\[([A-Za-z0-9_.\-]+)\]\]\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*=")


class ScenarioError(ValueError):
    """A scenario file that cannot be used: says file, line, field and remedy in one sentence."""

    def __init__(self, *, file: Path, line: int, field: str, remedy: str) -> None:
        where = f"{file}, line {line}"
        super().__init__(f"{where}, {field}: {remedy}" if field else f"{where}: {remedy}")
        self.file, self.line, self.field, self.remedy = file, line, field, remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A scenario's text with the line of every table and key; `lines` maps `vehicles[2].home_m` to its line."""

    file: Path
    lines: dict[str, int]

    def line_of(self, field: str) -> int:
        """Line of a field, or of the nearest enclosing one that is written in the file; 1 when none is."""
        path = field
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return 1

    def error(self, field: str, remedy: str) -> ScenarioError:
        return ScenarioError(file=self.file, line=self.line_of(field), field=field, remedy=remedy)


def index_lines(file: Path, text: str) -> Source:
    """Scan the text once: tomllib keeps no line numbers. Inline tables count as their key's line."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _ARRAY.match(line):
            name = match[1]
            counts[name] = counts.get(name, -1) + 1
            table = f"{name}[{counts[name]}]"
            lines.setdefault(name, number)
            lines[table] = number
        elif match := _TABLE.match(line):
            table = match[1]
            lines.setdefault(table, number)
        elif match := _KEY.match(line):
            lines.setdefault(f"{table}.{match[1]}" if table else match[1], number)
    return Source(file=file, lines=lines)
