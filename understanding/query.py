"""The query language of brands, searches and alerts: reading it.

    acme AND (storing OR "klapt eruit") NOT "acme gym"
    webshop*            every word that begins so
    rood blauw          both words (AND may be left out)
    -gratis             same as NOT gratis

AND, OR and NOT are operators only in capitals; NOT binds tighter than AND, AND tighter than OR. Case and
accents do not matter, and `@name` or `#tag` also finds the bare word. A word that holds punctuation
(`e-mail`, `acme.nl`) is read as a phrase of its parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from understanding.fold import words

_MAX_LENGTH = 20_000
_MAX_DEPTH = 50


class QueryError(ValueError):
    """A query that cannot be read.

    Attributes:
        position: where it goes wrong, in code points from the start.
        suggestion: what to write instead; "" when there is no good guess.
    """

    def __init__(self, message: str, *, position: int, suggestion: str = "") -> None:
        super().__init__(message)
        self.position = position
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Term:
    """One folded word."""

    word: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins with these folded letters."""

    start: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Two or more folded words that stand next to each other."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    part: Node


Node = Term | Prefix | Phrase | And | Or | Not


def parse_query(text: str) -> Node:
    """Read a query.

    Raises:
        QueryError: it is empty or malformed; the message says what to write instead.
    """
    if len(text) > _MAX_LENGTH:
        msg = f"this query is longer than {_MAX_LENGTH:,} characters; split it over several brands"
        raise QueryError(msg, position=_MAX_LENGTH)
    reader = _Reader(list(_lex(text)), len(text))
    node = reader.any_of(depth=0)
    reader.expect_end()
    return node


def needs_something(node: Node) -> bool:
    """Whether every match must hold at least one word of the query; False for queries that only exclude."""
    if isinstance(node, Not):
        return False
    if isinstance(node, And):
        return any(needs_something(part) for part in node.parts)
    if isinstance(node, Or):
        return all(needs_something(part) for part in node.parts)
    return True


def wanted(node: Node) -> Iterator[Term | Prefix | Phrase]:
    """The words, beginnings and phrases a match is looked for by, without the excluded ones."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from wanted(part)
    elif not isinstance(node, Not):
        yield node


def search_terms(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Plain words and phrases to search platforms for, of all these queries, each once; a prefix as it stands."""
    leaves = (leaf for node in nodes for leaf in wanted(node))
    return tuple(dict.fromkeys(_spelt(leaf) for leaf in leaves))


def _spelt(leaf: Term | Prefix | Phrase) -> str:
    if isinstance(leaf, Term):
        return leaf.word
    return leaf.start if isinstance(leaf, Prefix) else " ".join(leaf.words)


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str
    text: str
    position: int


_LEXEME = re.compile(
    r'\s+|(?P<open>\()|(?P<close>\))|(?P<minus>-(?=[\w"(@#]))|"(?P<phrase>[^"]*)(?P<ended>"?)|(?P<word>[^\s()"]+)'
)
_OPERATORS = {"AND", "OR", "NOT"}


def _lex(text: str) -> Iterator[_Lexeme]:
    for match in _LEXEME.finditer(text):
        start = match.start()
        if match["open"] or match["close"]:
            yield _Lexeme(match[0], match[0], start)
        elif match["minus"]:
            yield _Lexeme("NOT", "-", start)
        elif match["phrase"] is not None:
            if not match["ended"]:
                msg = 'a quotation mark is opened but never closed; add " where the phrase ends'
                raise QueryError(msg, position=start, suggestion=text + '"')
            yield _Lexeme("phrase", match["phrase"], start)
        elif match["word"] in _OPERATORS:
            yield _Lexeme(match["word"], match["word"], start)
        elif match["word"]:
            yield _Lexeme("word", match["word"], start)


class _Reader:
    """Recursive descent over the lexemes.

    any_of = all_of (OR all_of)*; all_of = one (AND? one)*; one = NOT one | ( any_of ) | leaf.
    """

    def __init__(self, lexemes: list[_Lexeme], end: int) -> None:
        self._lexemes = lexemes
        self._at = 0
        self._end = end

    def any_of(self, depth: int) -> Node:
        parts = [self._all_of(depth)]
        while self._peek() == "OR":
            self._at += 1
            parts.append(self._all_of(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def expect_end(self) -> None:
        if self._at < len(self._lexemes):
            extra = self._lexemes[self._at]
            msg = "there is a closing parenthesis too many"
            raise QueryError(msg, position=extra.position)

    def _all_of(self, depth: int) -> Node:
        parts = [self._one(depth)]
        while (kind := self._peek()) not in {None, "OR", ")"}:
            if kind == "AND":
                self._at += 1
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            msg = f"parentheses are nested deeper than {_MAX_DEPTH} levels; write it flatter"
            raise QueryError(msg, position=self._position())
        if self._peek() is None:
            msg = "a word is missing at the end" if self._at else "the query is empty; write at least one word"
            raise QueryError(msg, position=self._end)
        lexeme = self._lexemes[self._at]
        self._at += 1
        if lexeme.kind == "NOT":
            return Not(self._one(depth + 1))
        if lexeme.kind == "(":
            node = self.any_of(depth + 1)
            if self._peek() != ")":
                msg = "a parenthesis is opened but never closed; add ) where the group ends"
                raise QueryError(msg, position=lexeme.position)
            self._at += 1
            return node
        if lexeme.kind in {"AND", "OR", ")"}:
            msg = f"a word is missing before {lexeme.text!r}"
            raise QueryError(msg, position=lexeme.position)
        return _leaf(lexeme)

    def _peek(self) -> str | None:
        return self._lexemes[self._at].kind if self._at < len(self._lexemes) else None

    def _position(self) -> int:
        return self._lexemes[self._at].position if self._at < len(self._lexemes) else self._end


def _leaf(lexeme: _Lexeme) -> Node:
    text = lexeme.text
    starred = lexeme.kind == "word" and text.endswith("*")
    if "*" in (text[:-1] if starred else text):
        where = lexeme.position + text.index("*")
        msg = "a * may only stand at the end of a single word, such as webshop*"
        raise QueryError(msg, position=where, suggestion=text.replace("*", "") + "*")
    found = words(text)
    if not found:
        msg = f"{text!r} holds no letter or digit to look for"
        raise QueryError(msg, position=lexeme.position)
    if starred:
        if len(found) > 1:
            msg = f"a * needs a single word before it, and {text!r} is read as {len(found)}"
            raise QueryError(msg, position=lexeme.position, suggestion=found[-1] + "*")
        return Prefix(found[0])
    return Term(found[0]) if len(found) == 1 else Phrase(tuple(found))
