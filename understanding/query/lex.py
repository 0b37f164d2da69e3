"""Cutting a query into its parts: operators, parentheses, words, phrases, and conditions on fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from understanding.fold import words
from understanding.query.conditions import DASHES, MOST_SHOWN, QUOTES, Reading, condition_at
from understanding.query.errors import QueryError
from understanding.query.nodes import Node, Phrase, Prefix, Term

MOST_APART = 100
"""Words that NEAR may look across."""

_LEXEME = re.compile(
    rf"\s+|(?P<open>\()|(?P<close>\))|(?P<minus>[{DASHES}](?=[\w{QUOTES}(@#]))"
    rf"|[{QUOTES}](?P<phrase>[^{QUOTES}]*)(?P<ended>[{QUOTES}]?)"
    rf"|(?P<near>NEAR(?:/(?P<apart>[^\s(){QUOTES}]*))?(?=[\s(){QUOTES}]|\Z))"
    rf"|(?P<word>[^\s(){QUOTES}]+)"
)
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_SIGNS = {"&": "AND", "&&": "AND", "|": "OR", "||": "OR", "!": "NOT"}


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One part of a query.

    Attributes:
        kind: AND, OR, NOT, NEAR, "(", ")" or "leaf".
        text: as it was written.
        position: where it starts, in code points.
        node: what a leaf looks for.
        within: of NEAR, most words apart.
        counted: words and values it counts for.
    """

    kind: str
    text: str
    position: int
    node: Node | None = None
    within: int = 0
    counted: int = 1


def lexemes(reading: Reading) -> Iterator[Lexeme]:
    """The parts of a query in order.

    Raises:
        QueryError: a part cannot be read.
    """
    text, at = reading.text, 0
    while at < len(text):
        found = condition_at(reading, at)
        if found is not None:
            node, end, counted = found
            yield Lexeme("leaf", text[at:end], at, node, counted=counted)
            at = end
            continue
        match = cast("re.Match[str]", _LEXEME.match(text, at))  # every character begins one of the alternatives
        if not match[0].isspace():
            yield _lexeme(reading, match)
        at = match.end()


def _lexeme(reading: Reading, match: re.Match[str]) -> Lexeme:
    start = match.start()
    if match["open"] or match["close"]:
        return Lexeme(match[0], match[0], start)
    if match["minus"]:
        return Lexeme("NOT", match[0], start)
    if match["near"]:
        return _near(reading, match)
    if match["phrase"] is not None:
        if not match["ended"]:
            msg = 'a quotation mark is opened but never closed; add " where the phrase ends'
            raise QueryError(msg, position=start, suggestion=reading.instead(len(reading.text), len(reading.text), '"'))
        return _leaf(reading, match["phrase"], start, match.end(), starred=False)
    if match["word"] in _OPERATORS:
        return Lexeme(match["word"], match["word"], start)
    word = match["word"]
    return _leaf(reading, word, start, match.end(), starred=word.endswith("*"))


def _near(reading: Reading, match: re.Match[str]) -> Lexeme:
    start, end, apart = match.start(), match.end(), match["apart"]
    if not apart or not (apart.isascii() and apart.isdecimal()):
        msg = "NEAR needs a number: how many words apart, such as NEAR/5"
        raise QueryError(msg, position=start, suggestion=reading.instead(start, end, "NEAR/5"))
    within = int(apart[:6])
    if not 1 <= within <= MOST_APART:
        msg = "NEAR looks across 1 to {most} words, not {n}"
        written = f"NEAR/{MOST_APART if within else 1}"
        suggestion = reading.instead(start, end, written)
        raise QueryError(msg, position=start, suggestion=suggestion, most=MOST_APART, n=within)
    return Lexeme("NEAR", match[0], start, within=within)


def _leaf(reading: Reading, text: str, start: int, end: int, *, starred: bool) -> Lexeme:
    if "*" in (text[:-1] if starred else text):
        where = reading.text.index("*", start)
        msg = "a * may only stand at the end of a single word, such as webshop*"
        suggestion = reading.instead(start, end, text.replace("*", "").strip() + "*")
        raise QueryError(msg, position=where, suggestion=suggestion)
    found = words(text)
    if not found:
        msg = "there is no letter or digit to look for in “{text}”"
        sign = _SIGNS.get(text, "")
        suggestion = reading.instead(start, end, sign) if sign else ""
        raise QueryError(msg, position=start, suggestion=suggestion, text=text[:MOST_SHOWN])
    if starred and len(found) > 1:
        msg = "a * needs a single word before it, and “{text}” is read as {n}"
        suggestion = reading.instead(start, end, found[-1] + "*")
        raise QueryError(msg, position=start, suggestion=suggestion, text=text[:MOST_SHOWN], n=len(found))
    if starred:
        return Lexeme("leaf", text, start, Prefix(found[0]))
    node = Term(found[0]) if len(found) == 1 else Phrase(tuple(found))
    return Lexeme("leaf", text, start, node, counted=len(found))
