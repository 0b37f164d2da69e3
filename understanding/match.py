"""Matching texts against queries: one text against thousands of rules, and where the words stand.

Each rule is filed under anchors: words, beginnings of words or facts of which every matching message must hold at
least one. A message then meets only the rules whose anchor it holds, which keeps thousands of rules as quick as ten,
with the same answers as trying every rule.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from understanding.fold import Token, tokens, words
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
    Prefix,
    Term,
    Words,
    apart,
    nears,
)

READ_AT_MOST = 150_000
"""Code points of a title or text that are matched; a full-text index holds as many at least."""
LONGEST_WORD = 200
"""Code points of a word that can be found; PostgreSQL's full text keeps none of more than 2,046 bytes."""
_MOST_BARREN = 100_000
_NOTHING = Facts()


class Document:
    """A message prepared for matching: its folded words, in order and as a set, and what is known of it."""

    __slots__ = ("_line", "_places", "facts", "held", "words")

    def __init__(self, *texts: str | None, facts: Facts = _NOTHING) -> None:
        self.words: list[str] = []
        for text in texts:
            if text:
                found = words(text[:READ_AT_MOST])
                if len(text) > LONGEST_WORD:
                    found = tuple([word if len(word) <= LONGEST_WORD else "" for word in found])
                self.words.extend(found)
                self.words.append("")  # keeps a phrase from running over from title into text
        self.held = frozenset(self.words)
        self.facts = facts
        self._line: str | None = None
        self._places: dict[str, list[int]] | None = None

    @property
    def line(self) -> str:
        """The words with a space before and behind each, for looking up stretches at once."""
        if self._line is None:
            self._line = f" {' '.join(self.words)} "
        return self._line

    def places(self, leaf: Words) -> tuple[list[int], int]:
        """Where a word, phrase or beginning stands, as numbers of words in order, and how many words it is long."""
        if self._places is None:
            self._places = _places(self.words)
        return _occurrences(leaf, self.words, self._places)


def matches(node: Node, document: Document) -> bool:  # noqa: C901, PLR0911, PLR0912 - one line per kind of node
    """Whether a message satisfies a query. One frame per level: queries may be nested deeply."""
    match node:
        case Term(word):
            return word in document.held
        case And(parts):
            for part in parts:  # noqa: SIM110
                if not matches(part, document):
                    return False
            return True
        case Or(parts):
            for part in parts:  # noqa: SIM110
                if matches(part, document):
                    return True
            return False
        case Not(part):
            return not matches(part, document)
        case Phrase(phrase):
            return document.held.issuperset(phrase) and f" {' '.join(phrase)} " in document.line
        case Prefix(start):
            return f" {start}" in document.line
        case Near():
            return _is_near(node, document)
        case Field(name, values):
            return _is_one_of(document.facts.values(name), values)
        case Compare(name):
            number = document.facts.number(name)
            return number is not None and node.holds(number)
        case Day(name, day):
            said = document.facts.day
            return said is not None and (said >= day if name == "after" else said < day)


class Rules:
    """A set of named queries, matched together. Safe to share between threads.

    Args:
        rules: query per name, such as brand id.
    """

    def __init__(self, rules: Mapping[str, Node]) -> None:
        self._names = tuple(rules)
        self._nodes = tuple(rules.values())
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._by_prefix: dict[str, list[int]] = defaultdict(list)
        self._by_fact: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._by_number: dict[str, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for number, node in enumerate(self._nodes):
            self._file(number, node)
        self._prefix_lengths = sorted({len(prefix) for prefix in self._by_prefix})
        self._barren: set[str] = set()

    def match(self, document: Document) -> tuple[str, ...]:
        """Names of the rules a message satisfies, in the order they were given."""
        candidates = set(self._always)
        for word in document.held - self._barren:
            self._led_to(word, candidates)
        for name, filed in self._by_fact.items():
            for value in document.facts.values(name):
                candidates.update(filed.get(value, ()))
        for name, numbers in self._by_number.items():
            if document.facts.number(name) is not None:
                candidates.update(numbers)
        if not candidates:
            return ()
        nodes, names = self._nodes, self._names
        return tuple([names[number] for number in sorted(candidates) if matches(nodes[number], document)])

    def _led_to(self, word: str, candidates: set[int]) -> None:
        before = len(candidates)
        found = self._by_word.get(word)
        if found is not None:
            candidates.update(found)
        prefixed = False
        for size in self._prefix_lengths:
            if size > len(word):
                break
            filed = self._by_prefix.get(word[:size])
            if filed is not None:
                prefixed = True
                candidates.update(filed)
        if found is None and not prefixed and len(candidates) == before:
            # Most words of a language lead to no rule; they are looked up once.
            if len(self._barren) >= _MOST_BARREN:
                self._barren = set()
            self._barren.add(word)

    def _file(self, number: int, node: Node) -> None:
        anchors = _anchors(node)
        if anchors is None:
            self._always.append(number)
            return
        for anchor in anchors:
            match anchor:
                case Prefix(start):
                    self._by_prefix[start].append(number)
                case Term(word):
                    self._by_word[word].append(number)
                case Field(name, values):
                    for value in values:
                        self._by_fact[name][value].append(number)
                case Compare(name):
                    self._by_number[name].append(number)


def needed(node: Node) -> frozenset[str] | None:
    """Letters of which the folded text of any match holds some, for sieving many texts before they are taken apart.

    None when a query can match without any word of its own.
    """
    found = _anchors(node)
    if found is None:
        return None
    held = frozenset(
        one.word if isinstance(one, Term) else one.start for one in found if isinstance(one, Term | Prefix)
    )
    return held if len(held) == len(found) else None


def spans(nodes: Iterable[Node], text: str) -> list[tuple[int, int]]:
    """Where the wanted words of queries stand in a text, as merged [start, end) code points, for marking.

    Of a phrase only whole occurrences are marked, and of words near each other only those that are.
    """
    asked = list(nodes)
    found = list(tokens(text))
    said = [token.word for token in found]
    places = _places(said)
    marked: list[tuple[int, int]] = []
    for leaf in dict.fromkeys([leaf for node in asked for leaf in apart(node)]):
        starts, size = _occurrences(leaf, said, places)
        marked += [_span(found, start, size) for start in starts]
    for near in dict.fromkeys([near for node in asked for near in nears(node)]):
        left, right = _occurrences(near.left, said, places), _occurrences(near.right, said, places)
        for one, other in _pairs(left, right, near.within, said):
            marked += [_span(found, one, left[1]), _span(found, other, right[1])]
    return _merged(marked)


def _is_one_of(held: Iterable[str], values: Sequence[str]) -> bool:
    for value in values:
        for one in held:
            if one == value or (value.endswith("*") and one.startswith(value[:-1])):
                return True
    return False


def _places(said: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for at, word in enumerate(said):
        places.setdefault(word, []).append(at)
    return places


def _occurrences(leaf: Words, said: Sequence[str], places: Mapping[str, list[int]]) -> tuple[list[int], int]:
    """Where a leaf starts, in order, and how many words it is long."""
    if isinstance(leaf, Term):
        return places.get(leaf.word, []), 1
    if isinstance(leaf, Prefix):
        return sorted([at for word, found in places.items() if word.startswith(leaf.start) for at in found]), 1
    size = len(leaf.words)
    rarest = min(range(size), key=lambda number: len(places.get(leaf.words[number], ())))
    starts = [at - rarest for at in places.get(leaf.words[rarest], ()) if at >= rarest]
    return [at for at in starts if tuple(said[at : at + size]) == leaf.words], size


def _is_near(near: Near, document: Document) -> bool:
    left = document.places(near.left)
    return bool(left[0]) and any(_pairs(left, document.places(near.right), near.within, document.words))


def _pairs(
    left: tuple[list[int], int], right: tuple[list[int], int], within: int, said: Sequence[str]
) -> Iterable[tuple[int, int]]:
    """Each occurrence of the left beside its nearest of the right on either side, and the other way round.

    The nearest one is near enough when any is, and nothing between two places lies nearer to both.
    """
    for one, other, turned in ((left, right, False), (right, left, True)):
        (starts, size), (others, other_size) = one, other
        for start in starts:
            for met in _nearest(start, size, others, other_size, within):
                first, last = min(start + size, met + other_size), max(start, met)
                if "" not in said[first:last]:
                    yield (met, start) if turned else (start, met)


def _nearest(start: int, size: int, others: list[int], other_size: int, within: int) -> list[int]:
    after = bisect_left(others, start + size)
    found = [others[after]] if after < len(others) and others[after] - (start + size) < within else []
    before = bisect_left(others, start - other_size + 1) - 1
    if before >= 0 and start - (others[before] + other_size) < within:
        found.append(others[before])
    return found


def _span(found: Sequence[Token], start: int, size: int) -> tuple[int, int]:
    return found[start].start, found[start + size - 1].end


def _merged(marked: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(marked):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _anchors(node: Node) -> frozenset[Node] | None:  # noqa: PLR0911 - one line per kind of node
    """Leaves of which any match must hold one; None when the query can match without any."""
    match node:
        case Term() | Prefix():
            return frozenset({node})
        case Compare(name):
            return frozenset({Compare(name, "=", 0)})
        case Phrase(phrase):
            return frozenset({Term(max(phrase, key=len))})
        case Near(left, right):
            return min(_anchor_of(left), _anchor_of(right), key=_cost)
        case Field(_, values):
            return None if any(value.endswith("*") for value in values) else frozenset({node})
        case And(parts):
            best: frozenset[Node] | None = None
            for part in parts:
                anchors = _anchors(part)
                if anchors is not None and (best is None or _cost(anchors) < _cost(best)):
                    best = anchors
            return best
        case Or(parts):
            union: set[Node] = set()
            for part in parts:
                anchors = _anchors(part)
                if anchors is None:
                    return None
                union |= anchors
            return frozenset(union)
        case _:
            return None


def _anchor_of(leaf: Words) -> frozenset[Node]:
    return frozenset({Term(max(leaf.words, key=len)) if isinstance(leaf, Phrase) else leaf})


def _cost(anchors: frozenset[Node]) -> tuple[bool, int, int]:
    """Words before facts, for many messages share a fact; then few before many, long before short."""
    lengths = [
        len(leaf.word if isinstance(leaf, Term) else leaf.start) for leaf in anchors if isinstance(leaf, Term | Prefix)
    ]
    return (len(lengths) < len(anchors), len(anchors), -min(lengths, default=0))
