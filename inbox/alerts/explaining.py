"""Why a spike is one: its first message, what drives it, how the sentiment turned, a few examples.

Worked out when it fires and kept with it, as ids and numbers: what is quoted is read when it is shown, so that what was
erased meanwhile is not. A word or a link that fewer than `AUTHORS` people say is never kept: it may be somebody's name.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from inbox.alerts.counting import slice_of
from inbox.alerts.views import Scope
from inbox.desk import Desk
from inbox.themes.discovering import AUTHORS
from inbox.tone import sampling
from store import alert_counts
from store.alert_counts import Heard
from store.theming import theme_names_of
from understanding.links import canonical, links
from understanding.phrases import phrases
from understanding.prepared import prepare
from understanding.spikes.driving import Driver, drivers
from understanding.spikes.judging import Moment

LOOKED_AT = 2_000
"""Messages of the window, and as many of before, that are compared."""
BEFORE = timedelta(days=7)
EXAMPLES = 3
_BY_PEOPLE = frozenset({"link", "word"})
"""Traits that count only when several people have them."""
_TURNED = 2.0
"""Standard deviations from which a turn of sentiment is told: it is one comparison, not hundreds."""

Traits = Mapping[str, Mapping[str, frozenset[int]]]
"""By kind and trait the places of the messages that have it."""


def explain(desk: Desk, conn: Connection, scope: Scope, moment: Moment, *, window_h: int) -> dict[str, Any]:
    """What explains a moment, as it is kept.

    Raises:
        BadSearch: the query cannot be read.
    """
    until = moment.hour + timedelta(hours=1)
    since = until - timedelta(hours=window_h)
    wanted = slice_of(desk, scope)
    now = alert_counts.heard(conn, wanted, since=since, until=until, limit=LOOKED_AT)
    before = alert_counts.heard(conn, wanted, since=since - BEFORE, until=since, limit=LOOKED_AT)
    here, there = traits(conn, now), traits(conn, before)
    found = [one for one in _compared(here, there, len(now), len(before)) if _is_said(one, here, now)]
    leading = here[found[0].trait][found[0].key] if found else frozenset(range(len(now)))
    first, examples = quoted(now, leading)
    return {
        "first": first,
        "examples": examples,
        "drivers": [asdict(one) for one in found],
        "turn": turn(desk, now, before),
        "sampled": len(now),
    }


def traits(conn: Connection, said: Sequence[Heard]) -> Traits:
    """Which messages have which link, source, author, theme and word."""
    themes = _themes(conn, {one.conversation_id for one in said})
    found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for place, one in enumerate(said):
        text = f"{one.title or ''}\n{one.text}"
        found["source"][one.source_id].add(place)
        if one.author_id is not None:
            found["author"][str(one.author_id)].add(place)
        for name in themes.get(one.conversation_id, ()):
            found["theme"][name].add(place)
        for url in {canonical(link) or "" for link in links(text)} - {""}:
            found["link"][url].add(place)
        for word in phrases(prepare(text), one.lang):
            found["word"][word].add(place)
    return {kind: {key: frozenset(places) for key, places in some.items()} for kind, some in found.items()}


def quoted(said: Sequence[Heard], leading: Iterable[int]) -> tuple[int | None, list[int]]:
    """The first of the leading messages, and examples of other conversations and people, the newest; by their ids."""
    chosen = [said[place] for place in sorted(leading)]
    if not chosen:
        return None, []
    first, examples = chosen[0], []
    talks, people = {first.conversation_id}, {first.author_id}
    for one in reversed(chosen):
        if one.conversation_id in talks or (one.author_id is not None and one.author_id in people):
            continue
        talks.add(one.conversation_id)
        people.add(one.author_id)
        examples.append(one.id)
        if len(examples) == EXAMPLES:
            break
    return first.id, examples


def turn(desk: Desk, now: Sequence[Heard], before: Sequence[Heard]) -> dict[str, Any] | None:
    """How negative it is against before, of what has a sentiment; None where nothing has.

    `turned` when the two shares differ by two standard deviations (two-proportion z-test, pooled). Beside it stands how
    often our sentiment was right when people checked it.
    """
    (bad, scored), (bad_before, scored_before) = _negative(now), _negative(before)
    if not scored:
        return None
    pooled = (bad + bad_before + 1) / (scored + scored_before + 2)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / (scored + 1) + 1 / (scored_before + 1)))
    apart = (bad + 0.5) / (scored + 1) - (bad_before + 0.5) / (scored_before + 1)
    measured = sampling.accuracy(desk)
    right = None if measured is None or not measured.overall.share.n else measured.overall.share
    return {
        "now": [bad, scored],
        "before": [bad_before, scored_before],
        "turned": bool(scored_before) and abs(apart) >= _TURNED * spread,
        "accuracy": None if right is None else [right.hits, right.n],
    }


def _compared(here: Traits, there: Traits, of: int, of_before: int) -> list[Driver]:
    counts = [
        {kind: {key: len(places) for key, places in some.items()} for kind, some in each.items()}
        for each in (here, there)
    ]
    return drivers(counts[0], counts[1], of=of, of_before=of_before)


def _is_said(one: Driver, here: Traits, said: Sequence[Heard]) -> bool:
    """Whether several people say it; everybody whose platform does not tell who they are counts as one."""
    if one.trait not in _BY_PEOPLE:
        return True
    return len({said[place].author_id for place in here[one.trait][one.key]}) >= AUTHORS


def _negative(said: Sequence[Heard]) -> tuple[int, int]:
    scored = Counter(one.sentiment for one in said if one.sentiment in {"negative", "neutral", "positive"})
    return scored["negative"], sum(scored.values())


def _themes(conn: Connection, conversation_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    wanted, found = sorted(set(conversation_ids)), {}
    for start in range(0, len(wanted), 500):
        found.update(theme_names_of(conn, wanted[start : start + 500]))
    return found
