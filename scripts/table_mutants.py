"""Mutants of what stands outside functions, the guard's tables and bounds: mutmut changes function bodies only."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mutant import Mutant

ALLOW = ("lambda *_: None", "lambda *_: True")
"""In place of a rule: one of the two lets everything through, whatever that rule answers with."""
RULE = "for_verbs"
"""Makes a rule of verbs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """From the start of `first` to the end of `last`."""

    first: ast.expr
    last: ast.expr
    becomes: str


def table_mutants(file: str, text: str) -> list[Mutant]:
    """All mutants of a file's module and class level, in order of place."""
    data, starts = text.encode(), [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    made = []
    for change in _changes(ast.parse(text)):
        begin = starts[change.first.lineno - 1] + change.first.col_offset
        end = starts[(change.last.end_lineno or 1) - 1] + (change.last.end_col_offset or 0)
        follows = data[end:]
        if not change.becomes and follows.startswith(b","):
            follows = follows[1:]
        changed = data[:begin] + change.becomes.encode() + follows
        was = data[begin:end].decode()
        made.append(
            Mutant(file=file, line=change.first.lineno, was=was, becomes=change.becomes, text=changed.decode())
        )
    return sorted(made, key=lambda mutant: mutant.line)


def _changes(tree: ast.Module) -> Iterator[_Change]:
    for node in _outside_functions(tree.body):
        match node:
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if key is None:
                        continue  # another table, whose rows are seen by themselves
                    yield _Change(first=key, last=value, becomes="")
                    if isinstance(value, ast.Name | ast.Lambda) or _is_call_of(value, RULE):
                        yield from (_Change(first=value, last=value, becomes=rule) for rule in ALLOW)
            case ast.Set():
                yield from (_Change(first=element, last=element, becomes="") for element in node.elts)
            case ast.Call() if _is_call_of(node, RULE):
                yield from (_Change(first=verb, last=verb, becomes="") for verb in node.args)
            case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[ast.Tuple() as keys, *_]):
                yield from (_Change(first=key, last=key, becomes="") for key in keys.elts)
            case ast.Tuple() if all(isinstance(row, ast.Tuple) for row in node.elts):
                yield from (_Change(first=row, last=row, becomes="") for row in node.elts)
            case ast.Constant(value=bool() as is_so):
                yield _Change(first=node, last=node, becomes=str(not is_so))
            case ast.Constant(value=str() as pattern):
                yield from (_Change(first=node, last=node, becomes=f'r"{other}"') for other in _narrower(pattern))
            case ast.Constant(value=int() | float() as number):
                yield from (_Change(first=node, last=node, becomes=other) for other in _others(number))
            case _:
                pass


def _narrower(pattern: str) -> Iterator[str]:
    """A regular expression without one of its alternatives."""
    parts = re.split(r"\|(?![^(]*\))", pattern)
    if len(parts) > 1:
        yield from ("|".join(parts[:k] + parts[k + 1 :]) for k in range(len(parts)))


def _is_call_of(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _others(number: float) -> tuple[str, ...]:
    """A little more, a little less, and no bound at all."""
    if number == 0:
        return "1.0", "-1.0"
    if isinstance(number, int):
        return str(number + 1), str(number - 1)
    return f"{number * 1.1:.6g}", f"{number * 0.9:.6g}", "None"


def _outside_functions(nodes: Iterable[ast.AST], *, has_lambdas: bool = True) -> Iterator[ast.AST]:
    """What runs at import, and bodies of lambdas; types of names say nothing at run time."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom) or _is_text(node):
            continue
        if isinstance(node, ast.Lambda) and not has_lambdas:
            continue
        yield node
        inner: Iterable[ast.AST] = ast.iter_child_nodes(node)
        if isinstance(node, ast.AnnAssign):
            inner = [node.value] if node.value is not None else []
        elif isinstance(node, ast.ClassDef):
            inner = node.body
        yield from _outside_functions(inner, has_lambdas=has_lambdas)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def called_outside_functions(texts: Iterable[str]) -> frozenset[str]:
    """Names of functions that run at import, by themselves or from such: what they make is there before any test."""
    trees = [ast.parse(text) for text in texts]
    bodies = {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}
    found: set[str] = set()
    run = [node for tree in trees for node in _outside_functions(tree.body, has_lambdas=False)]
    due = [name for node in run for name in _called(node)]
    while due:
        name = due.pop()
        if name in bodies and name not in found:
            found.add(name)
            due += [inner for node in ast.walk(bodies[name]) for inner in _called(node)]
    return frozenset(found)


def _called(node: ast.AST) -> list[str]:
    return [node.func.id] if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else []
