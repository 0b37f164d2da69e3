"""What a full-text search says, and how it reads for SQLite's FTS5 and for PostgreSQL's tsquery.

Neither engine's query syntax is ever written by a user: words go in as one quoted string (FTS5) or as a bound
value (PostgreSQL), so no text can be an operator. Both engines cut these texts into words themselves, with the
same rule they used for the mentions.

FTS5 knows NOT only as "a but not b". Every tree is therefore brought into one of two shapes, *all mentions that
match P* or *all that do not*, with P free of a lone NOT:

    all(a, b, not c) = (a and b) but not c         any(a, not c) = not (c but not a)
    all(not b, not c) = not any(b, c)              any(not b, not c) = not all(b, c)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, func, literal, literal_column
from sqlalchemy.sql.operators import custom_op

MAX_LEAVES = 1000
MAX_DEPTH = 20
MAX_LEAF_LENGTH = 1000
"""Bounds of one search; FTS5's parser has a fixed stack. Code points for the length."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word. Text that the engine cuts into several words must stand as that phrase."""

    text: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins so."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """These words next to each other, in this order."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Mentions that match every part."""

    parts: tuple[SearchNode, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Mentions that match at least one part."""

    parts: tuple[SearchNode, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Mentions that do not match."""

    part: SearchNode


SearchNode = Term | Prefix | Phrase | AllOf | AnyOf | Not


class SearchTooLargeError(ValueError):
    """More words, or parentheses deeper inside each other, than one search may have."""


@dataclass(frozen=True, slots=True)
class Words:
    """A leaf that holds at least one letter or digit: a phrase, or a phrase whose last word is a beginning."""

    text: str
    prefix: bool


@dataclass(frozen=True, slots=True)
class Both:
    """Every one of these."""

    parts: tuple[Positive, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these."""

    parts: tuple[Positive, ...]


@dataclass(frozen=True, slots=True)
class ButNot:
    """The first, but not the second."""

    wanted: Positive
    unwanted: Positive


Positive = Words | Both | Either | ButNot


@dataclass(frozen=True, slots=True)
class Search:
    """All mentions that match `positive`; with `negated` all that do not."""

    positive: Positive
    negated: bool = False


def settle(node: SearchNode) -> Search | None:
    """Bring a tree into the shape that both engines can answer.

    A leaf without any letter or digit says nothing and is left out.

    Returns:
        None when nothing is left: such a search matches nothing.

    Raises:
        SearchTooLargeError: the search is too large to run.
    """
    budget = [MAX_LEAVES]
    return _settle(node, budget, MAX_DEPTH)


def is_plain(positive: Positive) -> bool:
    """Whether SQLite can cheaply be asked about one mention: only single words, no beginnings and no phrases.

    For a beginning FTS5 joins the lists of all words that begin so, anew for every mention it is asked about.
    """
    match positive:
        case Words(text, prefix):
            return not prefix and text.isalnum()
        case Both(parts) | Either(parts):
            return all(is_plain(part) for part in parts)
        case ButNot(wanted, unwanted):
            return is_plain(wanted) and is_plain(unwanted)


def fts5_match(positive: Positive) -> str:
    """The right side of `mention_fts MATCH ?`."""
    match positive:
        case Words(text, prefix):
            return '"' + text.replace('"', '""') + ('" *' if prefix else '"')
        case Both(parts):
            return "(" + " AND ".join(fts5_match(part) for part in parts) + ")"
        case Either(parts):
            return "(" + " OR ".join(fts5_match(part) for part in parts) + ")"
        case ButNot(wanted, unwanted):
            return f"({fts5_match(wanted)} NOT {fts5_match(unwanted)})"


def tsquery(positive: Positive) -> ColumnElement[Any]:
    """The right side of `tsv @@ ...`; words are bound values, folded by the database as the mentions were."""
    match positive:
        case Words(text, prefix):
            folded = func.klankbord_fold(literal(text))
            if not prefix:
                return func.phraseto_tsquery(literal_column("'simple'"), folded)
            quoted = literal_column("''''").op("||")(func.nullif(folded, "")).op("||")(literal_column("''':*'"))
            asked = func.to_tsquery(literal_column("'simple'"), quoted)
            return func.coalesce(asked, literal_column("''::tsquery"))
        case Both(parts):
            return _joined(parts, "&&")
        case Either(parts):
            return _joined(parts, "||")
        case ButNot(wanted, unwanted):
            return tsquery(wanted).op("&&")(_not(tsquery(unwanted))).self_group()


def _not(asked: ColumnElement[Any]) -> ColumnElement[Any]:
    return UnaryExpression(asked.self_group(), operator=custom_op("!!"))


def _joined(parts: Sequence[Positive], operator: str) -> ColumnElement[Any]:
    """Join in halves: a thousand words in one chain would be a thousand parentheses deep."""
    if len(parts) == 1:
        return tsquery(parts[0])
    half = len(parts) // 2
    return _joined(parts[:half], operator).op(operator)(_joined(parts[half:], operator)).self_group()


def _settle(node: SearchNode, budget: list[int], depth: int) -> Search | None:
    if depth == 0:
        msg = f"the search has parentheses more than {MAX_DEPTH} deep inside each other; write it flatter"
        raise SearchTooLargeError(msg)
    match node:
        case Not(part):
            inner = _settle(part, budget, depth - 1)
            return None if inner is None else Search(inner.positive, not inner.negated)
        case AllOf(parts):
            return _all([_settle(part, budget, depth - 1) for part in parts])
        case AnyOf(parts):
            return _any([_settle(part, budget, depth - 1) for part in parts])
        case Phrase(words):
            return _leaf(" ".join(words), prefix=False, budget=budget)
        case Prefix(text):
            return _leaf(text, prefix=True, budget=budget)
        case Term(text):
            return _leaf(text, prefix=False, budget=budget)


def _all(found: Sequence[Search | None]) -> Search | None:
    wanted, unwanted = _split(found)
    if not wanted:
        return Search(_either(unwanted), negated=True) if unwanted else None
    return Search(ButNot(_both(wanted), _either(unwanted)) if unwanted else _both(wanted))


def _any(found: Sequence[Search | None]) -> Search | None:
    wanted, unwanted = _split(found)
    if not unwanted:
        return Search(_either(wanted)) if wanted else None
    return Search(ButNot(_both(unwanted), _either(wanted)) if wanted else _both(unwanted), negated=True)


def _split(found: Sequence[Search | None]) -> tuple[tuple[Positive, ...], tuple[Positive, ...]]:
    present = [part for part in found if part is not None]
    wanted = tuple(part.positive for part in present if not part.negated)
    return wanted, tuple(part.positive for part in present if part.negated)


def _both(parts: tuple[Positive, ...]) -> Positive:
    return parts[0] if len(parts) == 1 else Both(parts)


def _either(parts: tuple[Positive, ...]) -> Positive:
    return parts[0] if len(parts) == 1 else Either(parts)


def _leaf(text: str, *, prefix: bool, budget: list[int]) -> Search | None:
    budget[0] -= 1
    if budget[0] < 0:
        msg = f"the search has more than {MAX_LEAVES} words; split it"
        raise SearchTooLargeError(msg)
    clean = "".join(char if _storable(char) else " " for char in text[:MAX_LEAF_LENGTH])
    if not any(_in_word(char) for char in clean):
        return None
    return Search(Words(clean, prefix))


def _storable(char: str) -> bool:
    # NUL ends a string in both engines, and a lone surrogate cannot be sent to either.
    return char != "\0" and not "\ud800" <= char <= "\udfff"


def _in_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LN"
