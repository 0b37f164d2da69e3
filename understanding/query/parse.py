"""Reading a query into a tree. Keeps its own stack, so that no nesting is deep enough to break it.

any_of = all_of (OR all_of)*        one = NOT one | near
all_of = one (AND? one)*            near = leaf (NEAR/n leaf)*      leaf = word, phrase, field:value, ( any_of )
"""

from __future__ import annotations

from dataclasses import dataclass, field

from understanding.query.conditions import MOST_SHOWN, Reading
from understanding.query.errors import QueryError
from understanding.query.fields import Place
from understanding.query.lex import Lexeme, lexemes
from understanding.query.nodes import And, Near, Node, Not, Or, Words

MAX_LENGTH = 50_000
"""Code points of a query."""
MAX_TERMS = 2_000
"""Words, beginnings, words in phrases, and values of fields in one query."""
MAX_DEPTH = 200
"""Parentheses and NOTs inside each other."""


def parse_query(text: str, place: Place = Place.SEARCH) -> Node:
    """Read a query, in a time that grows with its length.

    Args:
        text: what somebody wrote.
        place: where it is used; a field that cannot be known there is refused.

    Raises:
        QueryError: it is empty, too large or malformed; the message says what to write instead.
    """
    if len(text) > MAX_LENGTH:
        msg = "this query is longer than {most} characters; split it over several brands"
        raise QueryError(msg, position=MAX_LENGTH, most=MAX_LENGTH)
    return _Reader(Reading(text, place)).read()


@dataclass(slots=True)
class _Group:
    """What stands between two parentheses, as far as it was read."""

    opened: Lexeme
    alternatives: list[Node] = field(default_factory=list)
    parts: list[Node] = field(default_factory=list)
    chain: list[tuple[Node, Lexeme]] = field(default_factory=list)
    within: list[int] = field(default_factory=list)
    nots: list[Lexeme] = field(default_factory=list)
    due: Lexeme | None = None
    """The operator that still needs something behind it."""


class _Reader:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._groups = [_Group(Lexeme("(", "", 0))]
        self._terms = 0
        self._depth = 0

    def read(self) -> Node:
        for lexeme in lexemes(self._reading):
            if lexeme.node is not None:
                self._count(lexeme.counted, lexeme)
                self._take(lexeme.node, lexeme)
            elif lexeme.kind == "(":
                self._deeper(lexeme)
                self._groups.append(_Group(lexeme))
            elif lexeme.kind == ")":
                self._close(lexeme)
            elif lexeme.kind == "NOT":
                self._not(lexeme)
            else:
                self._operator(lexeme)
        if len(self._groups) > 1:
            opened = self._groups[-1].opened
            msg = "a parenthesis is opened but never closed; add ) where the group ends"
            end = len(self._reading.text)
            suggestion = self._reading.instead(end, end, ")" * (len(self._groups) - 1))
            raise QueryError(msg, position=opened.position, suggestion=suggestion)
        return self._whole(self._groups[0], None)

    def _operator(self, lexeme: Lexeme) -> None:
        group = self._groups[-1]
        if group.due is not None or not group.chain:
            raise self._nothing_before(lexeme)
        if lexeme.kind == "NEAR":
            group.within.append(lexeme.within)
        else:
            self._end_one(group)
            if lexeme.kind == "OR":
                self._end_all(group)
        group.due = lexeme

    def _not(self, lexeme: Lexeme) -> None:
        group = self._groups[-1]
        if group.due is not None and group.due.kind == "NEAR":
            msg = "NOT cannot stand behind NEAR; write it before the first of the two"
            raise QueryError(msg, position=lexeme.position)
        if group.chain:
            self._end_one(group)
        self._deeper(lexeme)
        group.nots.append(lexeme)
        group.due = lexeme

    def _take(self, node: Node, lexeme: Lexeme) -> None:
        group = self._groups[-1]
        if group.chain and (group.due is None or group.due.kind != "NEAR"):
            self._end_one(group)
        group.chain.append((node, lexeme))
        group.due = None

    def _close(self, lexeme: Lexeme) -> None:
        if len(self._groups) == 1:
            msg = "there is a closing parenthesis too many"
            suggestion = self._reading.instead(lexeme.position, lexeme.position + 1, "")
            raise QueryError(msg, position=lexeme.position, suggestion=suggestion.strip())
        node = self._whole(self._groups[-1], lexeme)
        group = self._groups.pop()
        self._depth -= 1
        self._take(node, group.opened)

    def _whole(self, group: _Group, closing: Lexeme | None) -> Node:
        if group.due is not None and group.due.kind == "NOT":
            msg = "NOT needs something behind it: a word that must not be there"
            raise QueryError(msg, position=group.due.position)
        if group.due is not None or not group.chain:
            if closing is not None:
                raise self._nothing_before(closing)
            msg = "a word is missing at the end" if group.due else "the query is empty; write at least one word"
            raise QueryError(msg, position=len(self._reading.text))
        self._end_one(group)
        self._end_all(group)
        return group.alternatives[0] if len(group.alternatives) == 1 else Or(tuple(group.alternatives))

    def _end_one(self, group: _Group) -> None:
        """File what was read as one of the parts that must all fit."""
        node = self._near(group)
        for _ in group.nots:
            node = Not(node)
        self._depth -= len(group.nots)
        group.parts.append(node)
        group.nots, group.chain, group.within = [], [], []

    def _end_all(self, group: _Group) -> None:
        group.alternatives.append(group.parts[0] if len(group.parts) == 1 else And(tuple(group.parts)))
        group.parts = []

    def _near(self, group: _Group) -> Node:
        """A chain of things near each other; each OR of words is written out, pair by pair."""
        if not group.within:
            return group.chain[0][0]
        sides = [self._sides(node, lexeme) for node, lexeme in group.chain]
        links: list[Node] = []
        for number, within in enumerate(group.within):
            left, right = sides[number], sides[number + 1]
            self._count(2 * len(left) * len(right), group.chain[number][1])
            pairs = tuple([Near(one, other, within) for one in left for other in right])
            links.append(pairs[0] if len(pairs) == 1 else Or(pairs))
        return links[0] if len(links) == 1 else And(tuple(links))

    def _sides(self, node: Node, lexeme: Lexeme) -> tuple[Words, ...]:
        parts = node.parts if isinstance(node, Or) else (node,)
        sides = tuple([part for part in parts if isinstance(part, Words)])
        if len(sides) < len(parts):
            msg = "NEAR stands between words, phrases, beginnings* or a choice of these, such as (a OR b) NEAR/5 c"
            raise QueryError(msg, position=lexeme.position)
        return sides

    def _nothing_before(self, lexeme: Lexeme) -> QueryError:
        msg = "a word is missing before “{text}”"
        return QueryError(msg, position=lexeme.position, text=lexeme.text[:MOST_SHOWN])

    def _deeper(self, lexeme: Lexeme) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            msg = "parentheses are nested deeper than {most} levels; write it flatter"
            raise QueryError(msg, position=lexeme.position, most=MAX_DEPTH)

    def _count(self, more: int, lexeme: Lexeme) -> None:
        self._terms += more
        if self._terms > MAX_TERMS:
            msg = "a query holds at most {most} words; split it"
            raise QueryError(msg, position=lexeme.position, most=MAX_TERMS)
