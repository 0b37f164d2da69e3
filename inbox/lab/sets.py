"""The ready-made exclusion sets beside a text: which it holds, and what each takes away of what the brand has."""

from __future__ import annotations

from collections import Counter

from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.lab import editing
from inbox.lab.checking import read
from inbox.lab.views import SetState
from inbox.states import OPEN_STATES, Status
from store import lab
from understanding.exclusions import exclusion_sets
from understanding.match import Document, Rules
from understanding.query import Not, parse_query

NEWEST = 1_000
"""Mentions of the brand on which the effect is shown."""
WORKED_ON = (OPEN_STATES | {Status.RESOLVED}) - {Status.NEW}


def states(desk: Desk, brand_id: str, text: str) -> tuple[SetState, ...]:
    """Every set, whether the text holds it, and its effect on the newest mentions of the brand."""
    with desk.store.read() as conn:
        newest = lab.newest_of(conn, brand_id, limit=NEWEST)
    drops: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    rules = _rules()
    for one, status in newest:
        hit = rules.match(Document(one.title, one.text))
        drops.update(hit)
        if status in WORKED_ON:
            answered.update(hit)
    held = editing.sets_in(text)
    return tuple(
        SetState(
            id=one.id,
            name=one.name,
            lang=one.lang,
            on=one.id in held,
            changed=one.id in held and not held[one.id].exact,
            drops=drops[one.id],
            answered=answered[one.id],
            of=len(newest),
        )
        for one in exclusion_sets().values()
    )


def switched(text: str, set_id: str, *, on: bool) -> str:
    """The text with a set, or without it.

    Raises:
        BadSearch: the text cannot be read.
        NotFound: no such set.
    """
    found = exclusion_sets().get(set_id)
    if found is None:
        raise NotFound(what="exclusion set", key=set_id)
    read(text)
    return editing.switched(text, found, on=on)


def _rules() -> Rules:
    nodes = {one.id: parse_query(one.clause) for one in exclusion_sets().values()}
    return Rules({key: node.part for key, node in nodes.items() if isinstance(node, Not)})
