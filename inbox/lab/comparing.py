"""Judging what came in by two texts of a query: counts, examples and a random sample, in bounded memory. Pure."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta, tzinfo
from hashlib import blake2b

from inbox.lab.views import Example, Outcome, SourceCount, WeekCount
from inbox.views import Mark
from store.lab import Walked
from understanding.duplicates import Words, fingerprint
from understanding.fold import fold
from understanding.match import Document, Rules, matches, needed, spans
from understanding.query import And, Node, Not, Or

EXAMPLES = 30
"""Examples of each outcome that are kept, of which at most `OF_A_SOURCE` of one source."""
OF_A_SOURCE = 4
SAMPLE = 400
"""Things drawn to be labelled; nobody labels more of one text."""
EXCERPT = 240
"""Code points of an example that are shown."""
MOST_LETTERS = 200
"""Beyond that, looking for each costs more than taking a text apart."""
_COPIES_KNOWN = 200_000
_LONGEST_MARKED = 20_000


class Comparison:
    """What a new text of a brand's query would add, drop and keep, of what it is shown one by one.

    Args:
        before: the query as it counts now; None when there is none that can be read.
        after: the query to try.
        others: queries of other brands by name.
        whole: ids of our own sources, whose items count for the brand whatever its query says.
        names: names of sources by id.
        seed: makes the sample; the same seed draws the same things.
        zone: of the days and weeks.
    """

    def __init__(
        self,
        before: Node | None,
        after: Node,
        *,
        others: Mapping[str, Node],
        whole: frozenset[str],
        names: Mapping[str, str],
        seed: str,
        zone: tzinfo,
    ) -> None:
        self._before, self._after = before, after
        self._others = Rules(others)
        self._whole, self._names, self._zone = whole, names, zone
        self._seed = seed.encode("utf-8", "replace")
        self._wanted = [after] if before is None else [after, before]
        self._left_out = list(excluded(after))
        self._needed = _needed(self._wanted)
        self.judged = 0
        self.counts: Counter[Outcome] = Counter()
        self.whole = 0
        self.from_outside = 0
        self._per_source: dict[str, Counter[Outcome]] = {}
        self._per_day: dict[date, list[int]] = {}
        self._overlap: Counter[str] = Counter()
        self._examples: dict[Outcome, list[Example]] = {"added": [], "dropped": [], "kept": []}
        self._shown: Counter[tuple[Outcome, str]] = Counter()
        self._sample: list[tuple[int, int]] = []
        self._copies: set[int] = set()

    def sieved(self, page: Sequence[Walked]) -> list[Walked]:
        """What of a page either text may find, to be judged one by one; the rest is counted here."""
        if self._needed is None:
            return list(page)
        found = [one for one in page if self._may_be_found(one)]
        self.judged += len(page) - len(found)
        return found

    def judge(self, one: Walked, document: Document) -> None:
        """Count one thing."""
        self.judged += 1
        finds = matches(self._after, document)
        found = self._before is not None and matches(self._before, document)
        if not (finds or found):
            return
        outside = one.conversation_id is None
        if outside and self._is_copy(one):
            return
        if finds:
            self._draw(one.id)
        if one.source_id in self._whole:
            self.whole += 1
            return
        outcome: Outcome = "kept" if finds and found else "added" if finds else "dropped"
        self.counts[outcome] += 1
        self.from_outside += outside and finds
        self._per_source.setdefault(one.source_id, Counter())[outcome] += 1
        day = self._per_day.setdefault(one.at.astimezone(self._zone).date(), [0, 0])
        day[0] += found
        day[1] += finds
        also = self._others.match(document) if finds else ()
        self._overlap.update(also)
        self._show(one, outcome, also)

    @property
    def overlap(self) -> dict[str, int]:
        """How much of what the new text finds another brand's query finds too, most first."""
        return dict(self._overlap.most_common())

    def examples(self) -> tuple[Example, ...]:
        """Examples of everything that changes, then of what stays; newest first."""
        return tuple(one for outcome in ("added", "dropped", "kept") for one in self._examples[outcome])

    def per_source(self) -> tuple[SourceCount, ...]:
        """Counts of each source, those where most changes first."""
        rows = [
            SourceCount(key, self._names.get(key, key), n["added"], n["dropped"], n["kept"])
            for key, n in self._per_source.items()
        ]
        return tuple(sorted(rows, key=lambda row: (-(row.added + row.dropped), -row.kept, row.name)))

    def per_week(self) -> tuple[WeekCount, ...]:
        """Counts of each week in which anything was found, oldest first."""
        weeks: dict[date, list[int]] = {}
        for day, (before, after) in self._per_day.items():
            week = weeks.setdefault(day - timedelta(days=day.weekday()), [0, 0])
            week[0] += before
            week[1] += after
        return tuple(WeekCount(monday, *weeks[monday]) for monday in sorted(weeks))

    def sample(self) -> tuple[int, ...]:
        """Ids of a random sample of what the new text finds, in random order; the same for the same seed."""
        return tuple(number for _, number in sorted((-place, number) for place, number in self._sample))

    def _may_be_found(self, one: Walked) -> bool:
        said = fold(f"{one.title} {one.text}" if one.title else one.text)
        return any(letters in said for letters in self._needed or ())

    def _is_copy(self, one: Walked) -> bool:
        key = fingerprint(Words(one.text, one.title)).exact
        if key is None:
            return False
        if key in self._copies:
            return True
        if len(self._copies) < _COPIES_KNOWN:
            self._copies.add(key)
        return False

    def _draw(self, number: int) -> None:
        # Of all that is found, what hashes lowest: a fair draw that needs no second look and no list of everything.
        digest = blake2b(number.to_bytes(8, "big"), digest_size=7, key=blake2b(self._seed, digest_size=32).digest())
        drawn = (-int.from_bytes(digest.digest(), "big"), number)
        if len(self._sample) < SAMPLE:
            heapq.heappush(self._sample, drawn)
        elif drawn > self._sample[0]:
            heapq.heapreplace(self._sample, drawn)

    def _show(self, one: Walked, outcome: Outcome, also: Sequence[str]) -> None:
        kept = self._examples[outcome]
        if len(kept) >= EXAMPLES or self._shown[outcome, one.source_id] >= OF_A_SOURCE:
            return
        self._shown[outcome, one.source_id] += 1
        name = self._names.get(one.source_id, one.source_id)
        kept.append(example(one, self._wanted, self._left_out, name, outcome=outcome, also=also))


def _needed(nodes: Sequence[Node]) -> frozenset[str] | None:
    """Letters of which whatever any of these queries finds holds some, without what another of them holds; or None."""
    letters: set[str] = set()
    for node in nodes:
        found = needed(node)
        if found is None:
            return None
        letters |= found
    if len(letters) > MOST_LETTERS:
        return None
    return frozenset(one for one in letters if not any(other in one for other in letters if other != one))


def example(
    one: Walked,
    wanted: Sequence[Node],
    left_out: Sequence[Node],
    source_name: str,
    *,
    outcome: Outcome,
    also: Sequence[str] = (),
) -> Example:
    """An excerpt around the first word that decided, with all such words in it marked."""
    said = (f"{one.title}\n{one.text}" if one.title else one.text)[:_LONGEST_MARKED]
    hits, against = spans(wanted, said), spans(left_out, said)
    decisive = (against if outcome == "dropped" and against else hits) or [(0, 0)]
    start = max(0, decisive[0][0] - EXCERPT // 3) if len(said) > EXCERPT else 0
    end = min(len(said), start + EXCERPT)
    text = f"{'… ' if start else ''}{said[start:end]}{' …' if end < len(said) else ''}"
    shift = start - (2 if start else 0)

    def within(found: Sequence[tuple[int, int]]) -> tuple[Mark, ...]:
        return tuple(Mark(a - shift, b - shift) for a, b in found if a >= start and b <= end)

    marks = tuple(mark for mark in within(hits) if mark not in within(against))
    return Example(one.id, one.conversation_id, source_name, one.at, outcome, text, marks, within(against), tuple(also))


def excluded(node: Node) -> Iterator[Node]:
    """What a query leaves out."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Not):
            yield one.part
        elif isinstance(one, And | Or):
            waiting.extend(one.parts)
