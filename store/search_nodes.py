"""What a search surely asks for, and how it reads for SQLite's FTS5, PostgreSQL's tsquery and SQL.

A search is answered in two steps: the database gives every mention that may match, and whoever asks keeps those that
do (`TextSearch.keep`). So a tree may say less than the query it was made from, never more: what an index cannot say is
`Anything`, and there is no NOT. Bounds follow from that as well: what is too deep or too long for an engine is left to
the second step.

Neither engine's query syntax is ever written by a user: words go in as one quoted string (FTS5) or as a bound value
(PostgreSQL), so no text can be an operator. Both engines cut these texts into words themselves, with the same rule they
used for the mentions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, literal_column, not_, or_, select

from store.clock_columns import found_late, said_in
from store.schema import conversation, mention, mention_brand

MAX_DEPTH = 20
"""ANDs and ORs inside each other; FTS5's parser has a fixed stack."""
MAX_REQUIRED = 24
"""Words that an index is asked for of those that must all be there: the longest, which are seldom the most common."""
MAX_CHOICES = 100
"""Words beside each other of which PostgreSQL is asked for any: it compares every one with every text it passes on the
way, so that two thousand take it half a millisecond a text and fifteen seconds a page. Of more the matcher judges."""
MAX_LEAF_LENGTH = 200
"""Code points of a word that an index is asked for; PostgreSQL keeps no word of more than 2,046 bytes."""

_PLAIN = re.compile(r"[a-z]+[0-9]*", re.ASCII)
_OF_MENTION = frozenset(
    {
        "source_id", "platform", "lang", "kind", "visibility", "sentiment", "direction", "rating", "likes", "replies",
        "shares", "views", "sort_at",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """One word. Text that the engine cuts into several words must hold all of them."""

    text: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins so."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """These words next to each other, in this order.

    `ordered` False leaves the order to whoever judges, on PostgreSQL: a tsvector knows no place beyond the 16,383rd
    word, so that a phrase behind it would be missed.
    """

    words: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Among:
    """A column of the mention, or `status` of its conversation, holds one of these; None stands for empty."""

    column: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Branded:
    """The mention is of one of these brands."""

    brand_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A column of the mention lies between bounds, both included; None leaves one open."""

    column: str
    low: Any = None
    high: Any = None


@dataclass(frozen=True, slots=True)
class SaidIn:
    """The mention was said in one of these hours of the UTC week; see `store.clock_columns.said_in`."""

    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FoundLate:
    """The mention was found more than a day after it was said; with `late` False, sooner."""

    late: bool = True


@dataclass(frozen=True, slots=True)
class Anything:
    """What no index can answer."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """Mentions that match every part."""

    parts: tuple[SearchNode, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Mentions that match at least one part."""

    parts: tuple[SearchNode, ...]


SearchNode = Term | Prefix | Phrase | Among | Branded | Between | SaidIn | FoundLate | Anything | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class TextSearch:
    """A search.

    Attributes:
        node: holds for every mention that matches, and maybe for more.
        keep: of some mentions, by id, those that match; asked for a few hundred at a time.
        light: whether most are told by facts alone, which costs half of reading their texts.
    """

    node: SearchNode
    keep: Callable[[Connection, Sequence[int]], Collection[int]]
    light: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A leaf that holds at least one letter or digit: a phrase, or a phrase whose last word is a beginning."""

    text: str
    prefix: bool
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Both:
    """Every one of these."""

    parts: tuple[Positive, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these."""

    parts: tuple[Positive, ...]


Positive = Words | Both | Either


@dataclass(frozen=True, slots=True)
class Settled:
    """What is asked of the full text, and what of columns; None where nothing is.

    Attributes:
        words, columns: every match holds both.
        brand_ids: every match is of one of these brands, which `columns` does not say then; none: of any.
    """

    words: Positive | None
    columns: ColumnElement[bool] | None
    brand_ids: tuple[str, ...] = ()

    @property
    def told(self) -> list[ColumnElement[bool]]:
        """What is asked of columns but for the brands."""
        return [] if self.columns is None else [self.columns]

    @property
    def beside_words(self) -> list[ColumnElement[bool]]:
        """All that is asked beside the words."""
        return [*self.told, *([of_brands(self.brand_ids)] if self.brand_ids else [])]


def settle(node: SearchNode, *, dialect: str = "sqlite") -> Settled:
    """Part a tree into what the full text and what columns must hold; both together hold for all that match."""
    widest = None if dialect == "sqlite" else MAX_CHOICES
    parts = node.parts if isinstance(node, AllOf) else (node,)
    branded = next((part for part in parts if isinstance(part, Branded) and part.brand_ids), None)
    others = AllOf(tuple([part for part in parts if part is not branded]))
    brand_ids = () if branded is None else tuple(sorted(set(branded.brand_ids)))
    return Settled(_words(node, MAX_DEPTH, widest), _columns(others, MAX_DEPTH), brand_ids)


def of_brands(brand_ids: Collection[str], mention_id: ColumnElement[int] = mention.c.id) -> ColumnElement[bool]:
    """Whether a mention is of one of these brands; served by ix_mention_brand_mention."""
    c = mention_brand.c
    return select(literal(1)).where(c.mention_id == mention_id, c.brand_id.in_(sorted(set(brand_ids)))).exists()


def is_plain(positive: Positive | None) -> bool:
    """Whether SQLite can cheaply be asked about one mention: only single words, no beginnings and no phrases.

    For a beginning FTS5 joins the lists of all words that begin so, anew for every mention it is asked about.
    """
    match positive:
        case Words(text, prefix):
            return not prefix and text.isalnum()
        case Both(parts) | Either(parts):
            return all(is_plain(part) for part in parts)
        case None:
            return False


def fts5_match(positive: Positive) -> str:
    """The right side of `mention_fts MATCH ?`."""
    match positive:
        case Words(text, prefix):
            return '"' + text.replace('"', '""') + ('" *' if prefix else '"')
        case Both(parts):
            return "(" + " AND ".join(fts5_match(part) for part in parts) + ")"
        case Either(parts):
            return "(" + " OR ".join(fts5_match(part) for part in parts) + ")"


def tsquery(positive: Positive) -> ColumnElement[Any]:
    """The right side of `tsv @@ ...`; words are bound values, folded by the database as the mentions were."""
    written = _written(positive)
    if written is not None:
        return func.to_tsquery(literal_column("'simple'"), literal(written))
    match positive:
        case Words(text, prefix, ordered):
            folded = func.klankbord_fold(literal(text))
            if not prefix:
                asked_for = func.phraseto_tsquery if ordered else func.plainto_tsquery
                return asked_for(literal_column("'simple'"), folded)
            quoted = literal_column("''''").op("||")(func.nullif(folded, "")).op("||")(literal_column("''':*'"))
            asked = func.to_tsquery(literal_column("'simple'"), quoted)
            return func.coalesce(asked, literal_column("''::tsquery"))
        case Both(parts):
            return _joined(parts, "&&")
        case Either(parts):
            return _joined(parts, "||")


def _written(positive: Positive) -> str | None:
    """The text of a tsquery of nothing but small Latin letters with digits behind them, which fold to themselves.

    None where anything else stands in it. Two thousand words are one value so, instead of two thousand to put together.
    """
    match positive:
        case Words(text, prefix, ordered):
            words = text.split()
            if not all(_PLAIN.fullmatch(word) for word in words) or (prefix and len(words) > 1):
                return None
            return "(" + (" <-> " if ordered else " & ").join(words) + (":*)" if prefix else ")")
        case Both(parts) | Either(parts):
            every = [_written(part) for part in parts]
            some = [one for one in every if one is not None]
            operator = " & " if isinstance(positive, Both) else " | "
            return "(" + operator.join(some) + ")" if len(some) == len(every) else None


def _joined(parts: Sequence[Positive], operator: str) -> ColumnElement[Any]:
    """Join in halves: a thousand words in one chain would be a thousand parentheses deep."""
    if len(parts) == 1:
        return tsquery(parts[0])
    half = len(parts) // 2
    return _joined(parts[:half], operator).op(operator)(_joined(parts[half:], operator)).self_group()


def _words(node: SearchNode, depth: int, widest: int | None) -> Positive | None:  # noqa: PLR0911 - one line per kind of node
    if depth == 0:
        return None
    match node:
        case Term(text):
            return _leaf(text, prefix=False)
        case Prefix(text):
            return _leaf(text[:MAX_LEAF_LENGTH], prefix=True)
        case Phrase(words, ordered):
            return _leaf(" ".join(words), prefix=False, ordered=ordered)
        case AllOf(parts):
            found = [one for part in parts if (one := _words(part, depth - 1, widest)) is not None]
            if len(found) > MAX_REQUIRED:
                found = sorted(found, key=_length, reverse=True)[:MAX_REQUIRED]
            return None if not found else found[0] if len(found) == 1 else Both(tuple(found))
        case AnyOf(parts):
            if widest is not None and len(parts) > widest:
                return None
            every = [_words(part, depth - 1, widest) for part in parts]
            some = tuple(one for one in every if one is not None)
            return None if len(some) < len(every) or not some else some[0] if len(some) == 1 else Either(some)
        case _:
            return None


def _length(positive: Positive) -> int:
    return len(positive.text) if isinstance(positive, Words) else 0


def _leaf(text: str, *, prefix: bool, ordered: bool = False) -> Positive | None:
    if len(text) <= MAX_LEAF_LENGTH and text.isascii() and text.isalnum():
        return Words(text, prefix, ordered)
    clean = "".join(char if _storable(char) else " " for char in text)
    longest = max((len(word) for word in clean.split()), default=0)
    if longest > MAX_LEAF_LENGTH or not any(char.isalnum() for char in clean):
        return None
    if not clean.isascii() and not all(_same_on_both(char) for char in clean if char.isalnum()):
        return None
    return Words(clean, prefix, ordered)


def _columns(node: SearchNode, depth: int) -> ColumnElement[bool] | None:  # noqa: PLR0911 - one line per kind of node
    if depth == 0:
        return None
    match node:
        case Among(column, values):
            return _among(_column(column), values)
        case Branded(brand_ids):
            return of_brands(brand_ids)
        case Between(column, low, high):
            kept = _column(column)
            return and_(*([kept >= low] if low is not None else []), *([kept <= high] if high is not None else []))
        case SaidIn(hours):
            return said_in(mention.c.sort_at, hours)
        case FoundLate(late):
            came_late = found_late(mention.c.first_seen_at, mention.c.sort_at)
            return came_late if late else not_(came_late)
        case AllOf(parts):
            found = [one for part in parts if (one := _columns(part, depth - 1)) is not None]
            return and_(*found) if found else None
        case AnyOf(parts):
            every = [_columns(part, depth - 1) for part in parts]
            some = [one for one in every if one is not None]
            return or_(*some) if some and len(some) == len(every) else None
        case _:
            return None


def _among(column: ColumnElement[Any], values: Sequence[str | None]) -> ColumnElement[bool]:
    named = sorted({value for value in values if value is not None})
    found = [column.in_(named)] if named else []
    return or_(*found, column.is_(None)) if None in values else or_(*found)


def _column(name: str) -> ColumnElement[Any]:
    return mention.c[name] if name in _OF_MENTION else conversation.c[name]


def _storable(char: str) -> bool:
    # NUL ends a string in both engines, and a lone surrogate cannot be sent to either.
    return char != "\0" and not "\ud800" <= char <= "\udfff"


def _same_on_both(char: str) -> bool:
    """Whether both engines keep a letter; PostgreSQL writes forms such as ﬁ and ½ out, and drops some digits."""
    if char.isascii():
        return True
    normal = unicodedata.normalize
    return unicodedata.category(char)[0] == "L" and normal("NFKD", char) == normal("NFD", char)
