"""What platforms are searched for, from the queries of brands: searches that together find at least what matches.

Each search has one word or phrase to look for, which finds little, and says what must be there beside it and
what must not, for platforms that can be told. What no platform knows (NEAR, fields, the beginning of a word) is left
out, and decided by the matcher when a message comes in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from understanding.query.nodes import And, Near, Node, Not, Or, Phrase, Prefix, Term, Words, wanted

_MOST_GROUPS = 4
_MOST_CHOICES = 10


@dataclass(frozen=True, slots=True)
class Search:
    """One search: plain words and phrases, folded.

    Attributes:
        lead: a text must hold it. A beginning stands as it is, for no platform is known to search by beginnings.
        beside: and one of each of these.
        without: and none of these.
    """

    lead: Words
    beside: tuple[tuple[Words, ...], ...] = ()
    without: tuple[Words, ...] = ()


def search_terms(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Plain words and phrases that queries look for, each once; a beginning as it stands."""
    leaves = (leaf for node in nodes for leaf in wanted(node))
    return tuple(dict.fromkeys(spelt(leaf) for leaf in leaves))


def spelt(leaf: Words) -> str:
    """A word, phrase or beginning without any signs."""
    if isinstance(leaf, Term):
        return leaf.word
    return " ".join(leaf.words) if isinstance(leaf, Phrase) else leaf.start


def searches_of(nodes: Iterable[Node]) -> tuple[Search, ...]:
    """The searches for queries, each once. A part of a query without any word to look for gives none."""
    return tuple(dict.fromkeys(search for node in nodes for search in _searches(node)))


def _searches(node: Node) -> tuple[Search, ...]:
    match node:
        case Term() | Prefix() | Phrase():
            return (Search(node),)
        case Near(left, right):
            return _all((left, right))
        case Or(parts):
            return tuple([search for part in parts for search in _searches(part)])
        case And(parts):
            return _all(parts)
        case _:
            return ()


def _all(parts: tuple[Node, ...]) -> tuple[Search, ...]:
    """The searches of the part that asks for least, narrowed by the others."""
    found = [(number, searches) for number, part in enumerate(parts) if (searches := _searches(part))]
    if not found:
        return ()
    chosen, searches = min(found, key=lambda one: (*_total(one[1]), one[0]))
    beside = [group for number, part in enumerate(parts) if number != chosen for group in _groups(part)]
    without = [leaf for part in parts for leaf in _excluded(part)]
    return tuple([_narrowed(replace(search, without=(*search.without, *without)), *beside) for search in searches])


def _narrowed(search: Search, *groups: list[Words]) -> Search:
    kept = [tuple(group) for group in groups if len(group) <= _MOST_CHOICES and search.lead not in group]
    return replace(search, beside=(*search.beside, *kept)[:_MOST_GROUPS])


def _groups(node: Node) -> list[list[Words]]:
    """What else must be there, as choices of words; beginnings are no use to a platform."""
    match node:
        case Term() | Phrase():
            return [[node]]
        case Near(left, right):
            return [*_groups(left), *_groups(right)]
        case And(parts):
            return [group for part in parts for group in _groups(part)]
        case Or(parts) if all(isinstance(part, Term | Phrase) for part in parts):
            return [[part for part in parts if isinstance(part, Term | Phrase)]]
        case _:
            return []


def _excluded(node: Node) -> list[Words]:
    """Words that must not be there."""
    if not isinstance(node, Not):
        return []
    parts = node.part.parts if isinstance(node.part, Or) else (node.part,)
    return [part for part in parts if isinstance(part, Term | Phrase)]


def _total(searches: tuple[Search, ...]) -> tuple[bool, int]:
    """Beginnings find most, and one search finds less than two. Of equals the first leads: names are written first."""
    return any(isinstance(search.lead, Prefix) for search in searches), len(searches)
