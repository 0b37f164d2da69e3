"""Random queries and messages, and what a query means by the book: tried one leaf at a time over plain lists."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from understanding.match import Document
from understanding.query import (
    And,
    Compare,
    Day,
    Facts,
    Field,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Place,
    Prefix,
    Term,
    Words,
)

WORDS = ("acme", "app", "storing", "gym", "gratis", "webshop", "web", "caffe")
SOURCES = ("reviews", "reddit-nl", "Het Forum")
DAYS = tuple(date(2026, month, 3) for month in (1, 5, 11))

words = st.sampled_from(WORDS)
leaves: st.SearchStrategy[Words] = st.one_of(
    words.map(Term),
    words.map(lambda word: Prefix(word[:3])),
    st.lists(words, min_size=2, max_size=3).map(lambda found: Phrase(tuple(found))),
)


def _field(name: str, *values: str) -> st.SearchStrategy[Field]:
    some = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
    return some.map(lambda found: Field(name, tuple(found)))


def conditions(place: Place) -> st.SearchStrategy[Node]:
    """Conditions on fields that a place knows."""
    found: list[st.SearchStrategy[Node]] = [
        _field("source", "reviews", "het forum", "red*", "nowhere"),
        _field("platform", "reddit", "feeds"),
        _field("lang", "nl", "de", "unknown"),
        _field("author", "jan de vries", "janneke", "jan*"),
        _field("site", "nu.nl", "shop.acme.nl", "acme.nl"),
        _field("kind", "post", "review"),
        _field("visibility", "public", "private"),
        _field("has", "link", "picture", "rating", "title"),
        _field("is", "reply", "own", "bot", "staff"),
        st.builds(
            Compare, st.just("rating"), st.sampled_from(("<", "<=", "=", ">=", ">")), st.sampled_from((1, 3, 4.5))
        ),
        st.builds(Compare, st.just("followers"), st.sampled_from(("<", ">=")), st.sampled_from((0, 1000))),
    ]
    if place is not Place.BRAND:
        found += [
            _field("brand", "acme", "rival"),
            _field("sentiment", "negative", "unsure", "unknown"),
        ]
    if place is Place.SEARCH:
        found += [
            _field("tag", "klacht", "kla*", "e mail"),
            _field("theme", "late levering", "late*"),
            _field("state", "new", "resolved"),
            st.builds(Compare, st.just("likes"), st.sampled_from((">", "<=")), st.sampled_from((0, 5))),
            _field("weekday", "mon", "tue", "sat"),
            _field("arrived", "late", "soon"),
            st.builds(Compare, st.just("hour"), st.sampled_from((">", "<=", "=")), st.sampled_from((0, 9, 23))),
            st.builds(Day, st.sampled_from(("after", "before")), st.sampled_from(DAYS)),
        ]
    return st.one_of(found)


def nodes(place: Place = Place.SEARCH, *, deepest: int = 8) -> st.SearchStrategy[Node]:
    """Queries over few words, so that they meet."""
    near = st.builds(Near, leaves, leaves, st.integers(1, 4))
    return st.recursive(
        st.one_of(leaves, leaves, near, conditions(place)),
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
            inner.map(Not),
        ),
        max_leaves=deepest,
    )


facts: st.SearchStrategy[Facts] = st.builds(
    Facts,
    source=st.sampled_from(SOURCES),
    platform=st.sampled_from(("reddit", "feeds")),
    lang=st.sampled_from(("nl", "de", "und")),
    author=st.sampled_from(((), ("Janneke", None), ("jdv", "Jan de Vriés"), (None, "Piet"))),
    url=st.sampled_from((None, "https://www.nu.nl/x", "https://shop.acme.nl:80/", "http://[", "mailto:x")),
    kind=st.sampled_from(("post", "review")),
    visibility=st.sampled_from(("public", "private")),
    brands=st.sampled_from(((), ("acme",), ("acme", "rival"))),
    sentiment=st.sampled_from((None, "negative", "unsure")),
    tags=st.sampled_from(((), ("klacht",), ("e mail", "klant"))),
    themes=st.sampled_from(((), ("Late levering",), ("App", "Latere vraag"))),
    state=st.sampled_from(("new", "resolved")),
    rating=st.sampled_from((None, 0.2, 0.6, 0.9, 1.0)),
    followers=st.sampled_from((None, 0, 999, 1000)),
    likes=st.sampled_from((None, 0, 6)),
    day=st.sampled_from((None, *DAYS)),
    hour=st.sampled_from((None, 0, 9, 23)),
    late=st.sampled_from((None, True, False)),
    text=st.sampled_from(("", "kijk op https://nu.nl.")),
    titled=st.booleans(),
    pictured=st.booleans(),
    reply=st.booleans(),
    own=st.booleans(),
    bot=st.booleans(),
    staff=st.booleans(),
)
said = st.lists(words, max_size=9)


def holds(node: Node, parts: list[list[str]], known: Facts) -> bool:
    """What a query means. `parts` are title and text, each a list of folded words."""
    match node:
        case And(inner):
            return all(holds(one, parts, known) for one in inner)
        case Or(inner):
            return any(holds(one, parts, known) for one in inner)
        case Not(part):
            return not holds(part, parts, known)
        case Near(left, right, within):
            return any(_near(left, right, within, part) for part in parts)
        case Term() | Prefix() | Phrase():
            return any(_starts(node, part) for part in parts)
        case _:
            return _matches_alone(node, known)


def _size(leaf: Words) -> int:
    return len(leaf.words) if isinstance(leaf, Phrase) else 1


def _starts(leaf: Words, part: list[str]) -> list[int]:
    def here(at: int) -> bool:
        match leaf:
            case Term(word):
                return part[at] == word
            case Prefix(start):
                return part[at].startswith(start)
            case Phrase(phrase):
                return part[at : at + len(phrase)] == list(phrase)

    return [at for at in range(len(part)) if here(at)]


def _near(left: Words, right: Words, within: int, part: list[str]) -> bool:
    for one in _starts(left, part):
        for other in _starts(right, part):
            if other >= one + _size(left) and other - (one + _size(left)) + 1 <= within:
                return True
            if one >= other + _size(right) and one - (other + _size(right)) + 1 <= within:
                return True
    return False


def _matches_alone(node: Node, known: Facts) -> bool:
    match node:
        case Field(name, values):
            held = set(known.values(name))
            return any(
                any(one.startswith(value[:-1]) for one in held) if value.endswith("*") else value in held
                for value in values
            )
        case Compare(name, sign, bound):
            number = known.number(name)
            return (
                number is not None
                and {
                    "<": number < bound,
                    "<=": number <= bound,
                    "=": number == bound,
                    ">=": number >= bound,
                    ">": number > bound,
                }[sign]
            )
        case Day(name, day):
            return known.day is not None and (known.day >= day if name == "after" else known.day < day)
    raise AssertionError(node)


def document(parts: list[list[str]], known: Facts) -> Document:
    """The same message for the matcher."""
    return Document(*(" ".join(part) for part in parts), facts=known)
