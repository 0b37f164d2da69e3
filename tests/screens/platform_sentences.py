"""Finds what connectors and the worker say of a platform, by reading their code: as samples with their holes filled.

Only what is written out where it is used, or under a name in the same module, can be found so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import connectors
import connectors.errors
import inbox
import pipeline
from pipeline import health

_CONNECTORS = Path(connectors.__file__).parent
_PIPELINE = Path(pipeline.__file__).parent
_INBOX = Path(inbox.__file__).parent
_ERRORS = {name for name, value in vars(connectors.errors).items() if isinstance(value, type)}
_OF_DELIVERY = ("deliver.py", "performing.py")
SAMPLE = "acme.example"


def why_not_reply() -> Iterator[str]:
    """Every reason that a connector keeps with a message that takes no answer."""
    for path in sorted(_CONNECTORS.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = _named(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "why_not_reply":
                yield from _texts(node.value, named)


def errors() -> Iterator[str]:
    """Every error that a connector raises of a platform."""
    for path in sorted(_CONNECTORS.rglob("*.py")):
        if "conformance" not in path.parts:
            yield from _errors_of(path)


def constants() -> frozenset[str]:
    """Every text that is written out somewhere in connectors, pipeline and inbox."""
    return frozenset(
        node.value
        for root in (_CONNECTORS, _PIPELINE, _INBOX)
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def of_acting() -> Iterator[str]:
    """What can stand under an answer that did not go out: of writing, of HTTP, and of the worker itself."""
    yield from (found for path in sorted(_CONNECTORS.rglob("acting.py")) for found in _errors_of(path))
    for name in ("bluesky/messaging.py", "meta/messages.py", "meta/refusals.py", "http_status.py"):
        yield from _errors_of(_CONNECTORS / name)
    for name in _OF_DELIVERY:
        path = _PIPELINE / name
        yield from _errors_of(path)
        yield from _of_outcomes(path)


def of_health() -> Iterator[str]:
    """What the collector says of a source."""
    values = {"set_aside": "3 answers", "seconds": "90", "period": "month", "until": "14:05", "hours": "5 h"}
    for template in health.TEMPLATES.values():
        if template:
            yield template.format_map({**dict.fromkeys(("platform", "text", "since", "limit"), SAMPLE), **values})


def _errors_of(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            named = {**_named(tree, deep=False), **_named(scope)}
            for node in ast.walk(scope):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _ERRORS and node.args:
                    yield from _texts(node.args[0], named)


def _of_outcomes(path: Path) -> Iterator[str]:
    """Texts that the worker writes under an answer itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Outcome" and len(node.args) > 3:
            yield from _texts(node.args[3], {})
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"unseen", "unclear"}:
            yield from _texts(node.args[0], {})


def _named(scope: ast.AST, *, deep: bool = True) -> Mapping[str, list[ast.expr]]:
    """What names stand for in a scope: all that is ever assigned to them."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(scope) if deep else ast.iter_child_nodes(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = (
                    zip(target.elts, node.value.elts, strict=False)
                    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                    else [(target, node.value)]
                )
                for one, value in pairs:
                    if isinstance(one, ast.Name):
                        found.setdefault(one.id, []).append(value)
    return found


def _texts(node: ast.expr, named: Mapping[str, list[ast.expr]], depth: int = 3) -> Iterator[str]:
    """What an expression can say."""
    if depth == 0:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else SAMPLE for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, named, depth)
        yield from _texts(node.orelse, named, depth)
    elif isinstance(node, ast.Name):
        for value in named.get(node.id, []):
            yield from _texts(value, named, depth - 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        yield from _texts(node.func.value, named, depth)
    elif isinstance(node, ast.Subscript):
        yield from _texts(node.value, named, depth)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _texts(value, named, depth)
