"""Makes copies of texts, and checks that every group of them is whole."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import select

from store import schema
from store.engine import Store
from store.records import MentionRecord, Near
from store.rollups import check_rollups
from tests.store.making import mention
from understanding.duplicates import Words, fingerprint, glance, likeness

SAID = "Vanochtend viel in heel Utrecht het internet weg en de storing duurt volgens het bedrijf tot vanavond"
OTHER = "Mijn pakket zou gisteren bezorgd worden maar er is de hele dag niemand aan de deur geweest bij ons"


def saying(external_id: str, text: str, **values: Any) -> MentionRecord:
    """A mention that can fold, with the keys that the pipeline gives it."""
    made = mention(external_id, text=text, **values)
    said = Words(text, made.title, made.kind, made.url)
    found = fingerprint(said)
    possible = glance(found.shape).may_be_alike
    near = Near(found.near, partial(likeness, said), found.shape, possible) if found.near else None
    return mention(external_id, text=text, **{**values, "dup_hash": found.exact, "near": near})


def folded(store: Store) -> dict[str, str | None]:
    """Which mention names which as the first one, by their external ids."""
    with store.read() as conn:
        rows = {row.id: row for row in conn.execute(select(schema.mention))}
    return {row.external_id: None if row.dup_of is None else rows[row.dup_of].external_id for row in rows.values()}


def check_groups(store: Store) -> None:
    """No chains, true counts, and no key that leads to what is gone or folded."""
    with store.read() as conn:
        mentions = {row.id: row for row in conn.execute(select(schema.mention))}
        talks = {row.id: row for row in conn.execute(select(schema.conversation))}
        keys = {row.mention_id for row in conn.execute(select(schema.near_key))}
        keys |= {row.mention_id for row in conn.execute(select(schema.dup_key))}
    copies: dict[int, int] = dict.fromkeys(talks, 0)
    for row in mentions.values():
        if row.dup_of is None or row.dup_of == row.id:
            continue
        first = mentions[row.dup_of]
        assert first.dup_of in (None, first.id)
        if row.deleted_at is None:
            assert first.deleted_at is None
            copies[first.conversation_id] += 1
    assert copies == {each: row.n_duplicates for each, row in talks.items()}
    for each in keys:
        assert mentions[each].deleted_at is None
        assert mentions[each].dup_of in (None, each)
    assert check_rollups(store, timezone="UTC") == []
