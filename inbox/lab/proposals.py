"""Proposed exclusions: phrases that tell what agents marked as noise from what they kept, and what each would cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from inbox.desk import Desk
from inbox.lab import editing, judged
from inbox.lab.checking import read
from inbox.lab.comparing import example
from inbox.lab.reading import asked_by, ready
from inbox.lab.views import Example, Proposal, Proposals
from inbox.lists import source_names
from inbox.views import CurrentUser
from store import lab
from store.lab import Walked
from understanding.contrast import Distinct, background, distinctive
from understanding.fold import words
from understanding.match import Document, matches
from understanding.phrases import phrases
from understanding.prepared import prepare
from understanding.query import Node, parse_query, search_terms

MOST = 8
SUPPORT = 3
"""Noise that a phrase must drop at least: two could be one story told twice."""
SURE = 1.96
"""Standard deviations; below that the difference may be chance (95 %)."""
COST = 0.5
"""A phrase that costs more good than this share of the noise it drops is not worth proposing."""
NEW = 0.3
"""Of what a phrase drops, so much must not be dropped by the ones before it."""
SHOWN = 3

_Ready = tuple[Walked, Document]


def proposals(desk: Desk, brand_id: str, text: str) -> Proposals:
    """What could be left out of what a text finds, surest first.

    Raises:
        BadSearch: the text is no query.
    """
    node = read(text)
    zone = ZoneInfo(desk.settings.timezone)
    with desk.store.read() as conn:
        asked = asked_by([node])
        noise = _found(ready(conn, judged.noise(conn, brand_id), asked, zone), node)
        good = _found(ready(conn, judged.good(conn, brand_id), asked, zone), node)
        gone = lab.dismissed(conn, brand_id)
        names = source_names(conn)
    of_noise, of_good = _counted(noise), _counted(good)
    ranked = distinctive(of_noise, of_good, prior=background(of_noise, of_good), support=SUPPORT)
    own = {word for term in search_terms([node]) for word in words(term)}
    found: list[Proposal] = []
    dropped: set[int] = set()
    for one in sorted(ranked, key=_specific):
        if one.z < SURE or len(found) == MOST:
            break
        if own.intersection(one.phrase.split()) or lab.phrase_key(one.phrase) in gone:
            continue
        term = parse_query(editing.term_of(one.phrase))
        hits = [said for said, document in noise if matches(term, document)]
        costs = [said for said, document in good if matches(term, document)]
        fresh = {each.id for each in hits} - dropped
        if len(hits) < SUPPORT or len(costs) > COST * len(hits) or len(fresh) < NEW * len(hits):
            continue
        dropped |= fresh
        clause = f"NOT {editing.term_of(one.phrase)}"
        shown = (_shown(hits, node, term, names), _shown(costs, node, term, names))
        found.append(Proposal(one.phrase, clause, len(hits), len(costs), one.z, *shown))
    return Proposals(tuple(found), len(noise), len(good))


def accepted(text: str, clause: str) -> str:
    """The text with a proposal in it. Raises: BadSearch."""
    read(text)
    changed = editing.excluding(text, clause)
    read(changed)
    return changed


def dismiss(desk: Desk, user: CurrentUser, brand_id: str, phrase: str) -> None:
    """Propose a phrase no more for this brand."""
    with desk.store.write() as conn:
        lab.dismiss(conn, desk.store, brand_id, phrase, by=user.id, now=desk.clock())


def _found(heap: Sequence[_Ready], node: Node) -> list[_Ready]:
    """What the text still finds of a heap."""
    return [(said, document) for said, document in heap if matches(node, document)]


def _counted(heap: Sequence[_Ready]) -> Counter[str]:
    return Counter(phrase for said, _ in heap for phrase in _phrases(said))


def _specific(one: Distinct) -> tuple[float, int, str]:
    """The surest first; of those as sure the longest, which says more and costs less."""
    return -round(one.z, 1), -len(one.phrase.split()), one.phrase


def _phrases(one: Walked) -> Iterator[str]:
    said = f"{one.title}. {one.text}" if one.title else one.text
    yield from phrases(prepare(said), one.lang)


def _shown(found: Sequence[Walked], node: Node, term: Node, names: dict[str, str]) -> tuple[Example, ...]:
    return tuple(
        example(one, [node], [term], names.get(one.source_id, one.source_id), outcome="dropped")
        for one in found[:SHOWN]
    )
