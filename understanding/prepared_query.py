"""One query, made ready to be asked of many messages, with the same answers as `understanding.match.matches`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from understanding.match import Document, matches
from understanding.query import And, Compare, Day, Field, Node, Not, Or, Term, leaves

Asking = Callable[[Document], bool]


def asking(node: Node) -> Asking:
    """What tells whether a message satisfies a query; a thousand words beside each other cost one look."""
    match node:
        case And(parts):
            needed, others = _split(parts)

            def every(document: Document) -> bool:
                if not document.held.issuperset(needed):
                    return False
                for ask in others:  # noqa: SIM110 - one frame a level: queries may be nested deeply
                    if not ask(document):
                        return False
                return True

            return every
        case Or(parts):
            wanted, others = _split(parts)

            def some(document: Document) -> bool:
                if not wanted.isdisjoint(document.held):
                    return True
                for ask in others:  # noqa: SIM110
                    if ask(document):
                        return True
                return False

            return some
        case Not(part):
            excluded = asking(part)
            return lambda document: not excluded(document)
        case _:
            return partial(matches, node)


def told_by_facts(node: Node) -> Node | None:
    """What a query asks of facts alone, None where that is nothing: all that satisfies the query satisfies this.

    So the texts of the many that fall out by a fact need not be read and taken apart.
    """
    match node:
        case Field() | Compare() | Day():
            return node
        case Not(part):
            return node if _without_words(part) else None
        case And(parts):
            known = tuple([one for part in parts if (one := told_by_facts(part)) is not None])
            return And(known) if known else None
        case Or(parts):
            every = tuple([told_by_facts(part) for part in parts])
            some = tuple([one for one in every if one is not None])
            return Or(some) if some and len(some) == len(every) else None
        case _:
            return None


def _without_words(node: Node) -> bool:
    return all(isinstance(leaf, Field | Compare | Day) for leaf in leaves(node))


def _split(parts: tuple[Node, ...]) -> tuple[frozenset[str], tuple[Asking, ...]]:
    """The single words among parts, and how the others are asked."""
    words = frozenset(part.word for part in parts if isinstance(part, Term))
    return words, tuple([asking(part) for part in parts if not isinstance(part, Term)])
