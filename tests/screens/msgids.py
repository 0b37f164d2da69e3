"""Finds every text of the screens that needs a translation, by reading the code (also inside f-strings)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import screens

ROOT = Path(screens.__file__).parent
_ONE = {"_", "N_"}


def msgids() -> Iterator[tuple[str, str, str | None]]:
    """File name, msgid, and its plural msgid (None for a text without one)."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if name in _ONE and len(texts) == 1:
                yield path.name, texts[0], None
            elif name == "plural" and len(texts) == 2:
                yield path.name, texts[0], texts[1]
