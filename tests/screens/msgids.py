"""Finds every text of the screens that needs a translation, by reading the code (also inside f-strings)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import inbox
import screens
from inbox.kpis.catalogue import KPIS
from inbox.searching import whole
from understanding import query

ROOT = Path(screens.__file__).parent
INBOX = Path(inbox.__file__).parent
_ONE = {"_", "N_"}


@dataclass(frozen=True, slots=True)
class Template:
    """A template of `inbox.sentences.Sentence` where it is written: its text and the names of its values.

    `text` is None when it is not written out there, so that no test can know it.
    """

    file: str
    line: int
    text: str | None
    names: frozenset[str]


def msgids() -> Iterator[tuple[str, str, str | None]]:
    """File name, msgid, and its plural msgid (None for a text without one)."""
    for path, node in _calls(ROOT):
        name = _name(node)
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if name in _ONE and len(texts) == 1:
            yield path.name, texts[0], None
        elif name == "plural" and len(texts) == 2:
            yield path.name, texts[0], texts[1]
    for found in (*templates(), *of_queries()):
        if found.text is not None:
            yield found.file, found.text, None
    for kpi in KPIS:
        yield "inbox/kpis/catalogue.py", kpi.name, None
        yield "inbox/kpis/catalogue.py", kpi.definition, None


def templates() -> Iterator[Template]:
    """Every sentence that the inbox and the screens make for people."""
    for root in (INBOX, ROOT):
        for path, node in _calls(root):
            if _name(node) == "Sentence":
                yield _template(path, node, node.args[0], root)


def of_queries() -> Iterator[Template]:
    """What can be wrong with a search, as the inbox says it: `understanding` writes it for the middle of a line."""
    for path in sorted(Path(query.__file__).parent.glob("*.py")):
        for scope in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(scope, ast.FunctionDef):
                yield from _of_a_function(path, scope)


def _of_a_function(path: Path, scope: ast.FunctionDef) -> Iterator[Template]:
    texts: list[str] = []
    for node in _in_order(scope):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "msg":
            texts = [*texts, *_either(node.value)]
        elif isinstance(node, ast.Call) and _name(node) in {"QueryError", "Hint"}:
            names = frozenset(one.arg or "" for one in node.keywords) - {"position", "suggestion"}
            yield from (Template(path.name, node.lineno, whole(text), names) for text in texts or [""])
            texts = []


def _template(path: Path, node: ast.Call, first: ast.expr, root: Path) -> Template:
    text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
    return Template(
        str(path.relative_to(root.parent)), node.lineno, text, frozenset(one.arg or "" for one in node.keywords)
    )


def _calls(root: Path) -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path, node


def _name(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes in the order of the lines."""
    for child in ast.iter_child_nodes(node):
        yield child
        yield from _in_order(child)


def _either(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _either(node.body)
        yield from _either(node.orelse)
