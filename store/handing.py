"""Handing out no more of a platform than its terms allow: what may not leave at all, and how many in full in a day.

A day's items are counted by what they are, not by how often: the same export again on the same day gives the same rows.
All processes of a store share one account per person, platform and UTC day, and whoever takes looks and writes under
one lock.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select

from store.engine import Store
from store.filters import Residual
from store.schema import conversation, handed, mention, source, source_duty

IDS_ONLY = "ids_only"
"""Flag of a row that left without its content, because the day's number was reached."""
_KEPT = timedelta(days=2)
# Built once: every page of the API asks for them.
_RULES = (
    select(
        source_duty.c.source_id,
        source.c.name,
        source.c.platform,
        source_duty.c.may_export,
        source_duty.c.export_per_day,
        source_duty.c.basis,
    )
    .select_from(source_duty.outerjoin(source, source.c.id == source_duty.c.source_id))
    .where(~source_duty.c.may_export | source_duty.c.export_per_day.is_not(None))
    .order_by(source_duty.c.source_id)
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who takes an export out, and on which UTC day."""

    person: str
    day: date


@dataclass(frozen=True, slots=True)
class Rule:
    """What a source's platform says of handing its items out.

    Attributes:
        per_day: most items in full per person and day; None: none at all.
        basis: where that stands, in a sentence.
    """

    source_id: str
    name: str
    platform: str
    per_day: int | None
    basis: str


@dataclass(frozen=True, slots=True)
class Held:
    """A rule and what it means for an export.

    Attributes:
        found: mentions of the source that the filter finds, a search aside.
        left: items of the platform that may still leave in full today.
    """

    rule: Rule
    found: int
    left: int


def rules(conn: Connection) -> dict[str, Rule]:
    """Sources of which not everything may leave, by id."""
    return {
        row.source_id: Rule(
            row.source_id,
            row.name or row.source_id,
            row.platform or row.source_id,
            row.export_per_day if row.may_export else None,
            row.basis,
        )
        for row in conn.execute(_RULES)
    }


def withheld() -> ColumnElement[bool]:
    """Mentions of sources whose platform allows no export."""
    return Residual.of(mention.c.source_id).in_(select(source_duty.c.source_id).where(~source_duty.c.may_export))


def outlook(conn: Connection, to: Recipient, conditions: Sequence[ColumnElement[bool]], *, up_to: int) -> list[Held]:
    """What rules mean for the mentions that fulfil these conditions; nothing is counted where there is no rule."""
    ruled = rules(conn)
    if not ruled:
        return []
    query = (
        select(mention.c.source_id, func.count().label("n"))
        .select_from(mention.join(conversation, conversation.c.id == mention.c.conversation_id))
        .where(mention.c.id <= up_to, *conditions, Residual.of(mention.c.source_id).in_(list(ruled)))
        .group_by(mention.c.source_id)
    )
    found = {row.source_id: row.n for row in conn.execute(query)}
    told = []
    for source_id in sorted(found):
        rule = ruled[source_id]
        left = 0 if rule.per_day is None else max(0, rule.per_day - len(_taken(conn, rule.platform, to)))
        told.append(Held(rule, found[source_id], left))
    return told


def take(store: Store, to: Recipient, platform: str, mention_ids: Collection[int], *, most: int) -> set[int]:
    """Which of these mentions of a platform may leave in full for this person today; they are counted with it.

    Args:
        store: the store.
        to: who takes them out.
        platform: whose rule it is.
        mention_ids: in the order in which they leave.
        most: the platform's number for a person and a day.
    """

    def work(conn: Connection) -> set[int]:
        store.dialect.serialize(conn, f"klankbord export {platform} {to.person}")
        conn.execute(delete(handed).where(handed.c.day < to.day - _KEPT))
        before = _taken(conn, platform, to)
        fresh = [each for each in mention_ids if each not in before][: max(0, most - len(before))]
        if fresh:
            row = {"platform": platform, "person": to.person, "day": to.day}
            conn.execute(handed.insert(), [{**row, "mention_id": each} for each in fresh])
        return (before & set(mention_ids)) | set(fresh)

    return store.write_again(work)


def _taken(conn: Connection, platform: str, to: Recipient) -> set[int]:
    """What left for this person today. Walks the key."""
    mine: tuple[Any, ...] = (handed.c.platform == platform, handed.c.person == to.person, handed.c.day == to.day)
    return set(conn.execute(select(handed.c.mention_id).where(*mine)).scalars())
