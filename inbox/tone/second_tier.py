"""Every night: the second tier fitted to what agents corrected too, adopted by the guard that judges the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from inbox.settings import InboxSettings
from inbox.tone.guard import Outcome, Paired, compare, decide, is_held_back
from inbox.tone.refitting import HOUR, LABELS, SAMPLED, fingerprint
from inbox.tone.scoring import newest, prepared_of
from store.corrections import Correction, to_learn_from
from store.engine import Store
from store.label_samples import labelled_texts
from store.schema import setting
from understanding.sentiment import Labelled, Scorer, scored_text
from understanding.sentiment.deep import Asked, Head, fit_head, tier_two
from understanding.sentiment.deep.head import committed

_KEY = "second_tier"
MOST = 1_000
"""Newest corrections that are learnt from and judged by: each costs some 30 ms of processor time."""

Fit = Callable[[Sequence[Labelled]], Head]


def head_in_use(conn: Connection) -> Head:
    """The weights that count: those of a night, or the ones that came with the program."""
    kept = _kept(conn).get("head")
    try:
        return Head.from_json(kept) if kept else committed()
    except ValueError:  # of another version of the vectors
        return committed()


def tick(store: Store, settings: InboxSettings, now: datetime, *, fit: Fit = fit_head) -> Outcome | None:
    """Make this night's attempt when there is anything new to learn from; what came of it. Needs vectors.

    Safe on several machines at once: the last one to end writes, and what they learn is the same.
    """
    local = now.astimezone(ZoneInfo(settings.timezone))
    night = local.date().isoformat()
    with store.read() as conn:
        last = _kept(conn)
        corrections = to_learn_from(conn, limit=MOST)
        told = fingerprint(corrections)
        if local.hour < HOUR or last.get("night") == night or last.get("corrections", fingerprint(())) == told:
            return None
        before = head_in_use(conn)
        sampled = labelled_texts(conn, months=SAMPLED)
    learnt = [one for one in corrections if not is_held_back(one.mention_id)]
    after = fit([Labelled(scored_text(one.title, one.text), one.lang, LABELS[one.sentiment]) for one in learnt])
    first = newest(store)
    held = _compared(first, (before, after), [one for one in corrections if is_held_back(one.mention_id)])
    outcome = decide(held, _compared(first, (before, after), sampled))
    adopted = after.to_json() if outcome is Outcome.ADOPTED else last.get("head")
    value = {"night": night, "corrections": told, "outcome": outcome.value, "head": adopted}
    with store.write() as conn:
        store.dialect.upsert_rows(conn, setting, [{"key": _KEY, "value": value}], ("value",))
    return outcome


def _kept(conn: Connection) -> dict[str, Any]:
    kept = conn.execute(select(setting.c.value).where(setting.c.key == _KEY)).scalar()
    return kept if isinstance(kept, dict) else {}


def _compared(first: Scorer, heads: tuple[Head, Head], examples: Sequence[Correction]) -> Paired:
    texts = [Asked(prepared_of(one), one.lang, one.rating) for one in examples]
    was, becomes = (tier_two(first, head).score_many(texts) for head in heads)
    wanted = (LABELS[one.sentiment] for one in examples)
    return compare(
        (old.leaning == label, new.leaning == label) for label, old, new in zip(wanted, was, becomes, strict=True)
    )
