"""The tree of a query: what it says, free of how it was written. Every reader and translator of queries walks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from operator import eq, ge, gt, le, lt
from typing import Literal

_COMPARED = {"<": lt, "<=": le, "=": eq, ">=": ge, ">": gt}


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


Words = Term | Prefix | Phrase
"""What is looked for in the text itself."""


@dataclass(frozen=True, slots=True)
class Near:
    """Both in the same text, in either order, not more than so many words apart; 1 is next to each other."""

    left: Words
    right: Words
    within: int


@dataclass(frozen=True, slots=True)
class Field:
    """A fact about the message is one of these folded values; a value that ends in * is the beginning of one."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """A number of the message against a bound. A message without that number does not fit."""

    name: str
    sign: Literal["<", "<=", "=", ">=", ">"]
    bound: float

    def holds(self, number: float) -> bool:
        """Whether a number is on the right side of the bound."""
        return bool(_COMPARED[self.sign](number, self.bound))


@dataclass(frozen=True, slots=True)
class Day:
    """The message is of this day or later (`after`), or of an earlier day (`before`)."""

    name: Literal["after", "before"]
    day: date


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


Node = Term | Prefix | Phrase | Near | Field | Compare | Day | And | Or | Not


def needs_something(node: Node) -> bool:
    """Whether every match must hold or be at least one thing the query names; False for queries that only exclude."""
    if isinstance(node, And):
        for part in node.parts:  # noqa: SIM110 - one frame a level
            if needs_something(part):
                return True
        return False
    if isinstance(node, Or):
        for part in node.parts:  # noqa: SIM110
            if not needs_something(part):
                return False
        return True
    return not isinstance(node, Not)


def wanted(node: Node) -> Iterator[Words]:
    """The words, beginnings and phrases a match is looked for by, without the excluded ones, in order."""
    for leaf in _positive(node):
        if isinstance(leaf, Near):
            yield leaf.left
            yield leaf.right
        elif isinstance(leaf, Words):
            yield leaf


def nears(node: Node) -> Iterator[Near]:
    """The pairs of words that must stand near each other, without the excluded ones."""
    return (leaf for leaf in _positive(node) if isinstance(leaf, Near))


def apart(node: Node) -> Iterator[Words]:
    """As `wanted`, without what only counts near something else."""
    return (leaf for leaf in _positive(node) if isinstance(leaf, Words))


def fields_of(node: Node) -> frozenset[str]:
    """Names of the facts a query asks about, excluded ones too."""
    return frozenset(leaf.name for leaf in leaves(node) if isinstance(leaf, Field | Compare | Day))


def leaves(node: Node) -> Iterator[Node]:
    """Everything that is no AND, OR or NOT, excluded ones too, in order. Not recursive: trees may be deep."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, And | Or):
            waiting.extend(reversed(one.parts))
        elif isinstance(one, Not):
            waiting.append(one.part)
        else:
            yield one


def _positive(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, And | Or):
            waiting.extend(reversed(one.parts))
        elif not isinstance(one, Not):
            yield one
