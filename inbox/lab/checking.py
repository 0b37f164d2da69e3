"""Reading what somebody types as a query: what is wrong and where, and how its parts are marked meanwhile. Pure."""

from __future__ import annotations

import re

from inbox.errors import BadSearch
from inbox.lab.views import Checked, Part
from inbox.searching import sentence_of
from inbox.sentences import Sentence
from understanding.query import Node, Place, QueryError, hints, needs_something, parse_query

MOST_PARTS = 2_000
"""Beyond that nothing is marked: nobody reads it, and every mark is a node in the browser."""

_ONLY_EXCLUDES = Sentence("This query only excludes, so it would match nearly everything. Add a word to find.")
_PIECE = re.compile(r'"[^"]*"?|[()]|[^\s()"]+')
_NEAR = re.compile(r"NEAR(?:/\d+)?")
_FIELD = re.compile(r"[a-z_]+(?:[:=]|[<>]=?)")


def check(text: str) -> Checked:
    """What a text says as a query of a brand."""
    try:
        node = parse_query(text, Place.BRAND)
    except QueryError as error:
        position = max(0, min(error.position, len(text)))
        end = _end_of(text, position)
        return Checked(
            sentence_of(error),
            position,
            end,
            mended=mended(text, error),
            suggestion=error.suggestion,
            parts=parts(text),
        )
    if not needs_something(node):
        return Checked(_ONLY_EXCLUDES, 0, len(text), parts=parts(text))
    hint = next(iter(hints(text)), None)
    if hint is None:
        return Checked(parts=parts(text))
    meant = hint.suggestion if _reads(hint.suggestion) else None
    return Checked(mended=meant, parts=parts(text), hint=sentence_of(hint))


def read(text: str) -> Node:
    """A text as a query of a brand.

    Raises:
        BadSearch: it cannot be read, or only excludes; says where.
    """
    checked = check(text)
    if checked.problem is not None:
        raise BadSearch(checked.problem, checked.start, checked.mended or checked.suggestion or None)
    return parse_query(text, Place.BRAND)


def parts(text: str) -> tuple[Part, ...]:
    """How a text is marked while it is written; plain words are left as they are."""
    found: list[Part] = []
    for match in _PIECE.finditer(text):
        if kind := _kind(match[0]):
            found.append(Part(match.start(), match.end() if kind != "minus" else match.start() + 1, kind))
        if len(found) > MOST_PARTS:
            return ()
    return tuple(found)


def _kind(piece: str) -> str:
    if piece in {"(", ")"}:
        return "bracket"
    if piece[0] == '"':
        return "phrase"
    if piece in {"AND", "OR", "NOT"} or _NEAR.fullmatch(piece):
        return "operator"
    if piece[0] == "-" and len(piece) > 1:
        return "minus"
    if _FIELD.match(piece):
        return "field"
    return "prefix" if piece[-1] == "*" and len(piece) > 1 else ""


def mended(text: str, error: QueryError) -> str | None:
    """The whole text with the suggestion in its place, when that makes a query; None when there is no sure way."""
    if not error.suggestion:
        return None
    end = _end_of(text, error.position)
    start = error.position
    while start > 0 and not text[start - 1].isspace() and text[start - 1] not in '()"':
        start -= 1
    for tried in (error.suggestion, text[:start] + error.suggestion + text[end:]):
        if tried != text and tried.startswith(text[:start]) and _reads(tried):
            return tried
    return None


def _end_of(text: str, position: int) -> int:
    """Where the word at a position ends; one further when there is none, so that something is marked."""
    found = re.compile(r'"[^"]*"?|[^\s()"]+|.', re.DOTALL).match(text, position)
    return found.end() if found else min(len(text), position + 1)


def _reads(text: str) -> bool:
    try:
        parse_query(text, Place.BRAND)
    except QueryError:
        return False
    return True
