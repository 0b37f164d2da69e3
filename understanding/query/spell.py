"""Writing a tree as a query again: reading the text gives the same tree."""

from __future__ import annotations

import re
from decimal import Decimal

from understanding.query.conditions import QUOTES
from understanding.query.nodes import And, Compare, Day, Field, Near, Node, Not, Or, Phrase, Prefix, Term

_BARE = re.compile(rf"[^\s(),{QUOTES}]+")


def spell(node: Node) -> str:
    """The query that says this. Keeps its own stack: trees may be deep."""
    written: list[str] = []
    waiting: list[Node | str] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            written.append(one)
        elif isinstance(one, Or):
            waiting.extend(reversed(_joined(one.parts, " OR ", (Or,))))
        elif isinstance(one, And):
            waiting.extend(reversed(_joined(one.parts, " ", (And, Or))))
        elif isinstance(one, Not):
            waiting.extend(reversed(["NOT ", *_joined((one.part,), "", (And, Or))]))
        else:
            written.append(_leaf(one))
    return "".join(written)


def _joined(parts: tuple[Node, ...], between: str, loose: tuple[type[And | Or], ...]) -> list[Node | str]:
    """The parts, in parentheses where they bind less tightly than what joins them."""
    pieces: list[Node | str] = []
    for part in parts:
        pieces += [between] if pieces else []
        pieces += ["(", part, ")"] if isinstance(part, loose) else [part]
    return pieces


def _leaf(node: Term | Prefix | Phrase | Near | Field | Compare | Day) -> str:
    match node:
        case Near(left, right, within):
            written = f"{_leaf(left)} NEAR/{within} {_leaf(right)}"
        case Term(word):
            written = word
        case Prefix(start):
            written = f"{start}*"
        case Phrase(words):
            written = f'"{" ".join(words)}"'
        case Field(name, values):
            listed = [value if _BARE.fullmatch(value) else f'"{value}"' for value in values]
            written = f"{name}:{','.join(listed)}"
        case Compare(name, sign, bound):
            written = f"{name}{sign}{int(bound) if bound == int(bound) else format(Decimal(repr(bound)), 'f')}"
        case Day(name, day):
            written = f"{name}:{day.isoformat()}"
    return written
