"""Erasing the content of mentions for good, and what stands around it. Numbers, times and states stay.

Two strengths. What the platform only did not let us keep longer without a new sight (`UNREFRESHED`) leaves its key, so
that it counts once when it is seen again. What was kept as long as the owner said, or belongs to somebody who asked to
be erased, leaves a tombstone and a name that tells nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, update
from sqlmodel import SQLModel

from store import noise, phrase_days, top_days, working
from store.commit import conversations
from store.emptied import EMPTIED, forget_incoming
from store.engine import Store
from store.folding import Leaving, leave
from store.keeping import Keepings
from store.keys import conversation_key
from store.personal import TABLES, Holds
from store.schema import (
    author,
    conversation,
    event,
    mention,
    mention_key,
    mention_raw,
    person,
    person_clue,
    person_suggestion,
    thread_node,
)
from store.tombstones import ERASED, EXPIRED, erased_key, set_tombstones

MOST = 100
"""Mentions in one transaction: agents must not notice."""


class Why(StrEnum):
    """Why something is erased; also the flag that its shell carries."""

    UNREFRESHED = "unrefreshed"
    RETENTION = "retention"
    ERASED = "erased"


ACTIONS: Mapping[Why, str] = {
    Why.UNREFRESHED: "mention_expired",
    Why.RETENTION: "mention_expired",
    Why.ERASED: "mention_erased",
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """One errand.

    Attributes:
        why: decides how much goes.
        at: aware UTC.
        needles: lower-case names of who is erased: work that names them goes, wherever others take part too.
    """

    why: Why
    at: datetime
    needles: tuple[str, ...] = field(default=(), repr=False)

    @property
    def for_good(self) -> bool:
        """Whether it may never come back."""
        return self.why is not Why.UNREFRESHED


def item_tables() -> list[Any]:
    """Tables whose rows go with a mention's content, but its key."""
    tables = SQLModel.metadata.tables
    return [
        tables[name]
        for name in sorted(TABLES)
        if TABLES[name] is Holds.ITEM and name in tables and name != "mention_key"
    ]


def erase_items(conn: Connection, store: Store, mention_ids: Collection[int], erasure: Erasure) -> int:
    """Erase at most `MOST` mentions inside the caller's transaction (`Store.write_again`); how many had content.

    Our own answers to them go along when it is for good.
    """
    rows = _with_answers(conn, store, _load(conn, store, mention_ids), erasure)
    if not rows:
        return 0
    for namespace in sorted({row.namespace for row in rows}):
        store.dialect.serialize(conn, f"klankbord ingest {namespace}")
    ids = [row.id for row in rows]
    touched = {row.conversation_id for row in rows}
    leaving = [Leaving(row.id, row.conversation_id, row.dup_hash, row.dup_of) for row in rows]
    leave(conn, store, leaving, at=erasure.at)
    if erasure.for_good:
        _forget_names(conn, store, rows, erasure)
    _empty(conn, rows, erasure)
    for table in item_tables():
        conn.execute(table.delete().where(store.dialect.among(table.c.mention_id, ids)))
    phrase_days.forget_days(conn, [(row.source_id, row.sort_at) for row in rows])
    top_days.forget_days(conn, [row.sort_at for row in rows])
    noise.forget_texts(conn, ids, at=erasure.at)
    _forget_incoming(conn, store, rows)
    _tell(conn, store, [row for row in rows if row.deleted_at is None], erasure)
    drop_silent(conn, store, {row.author_id for row in rows if row.author_id is not None}, with_person=erasure.for_good)
    _show(conn, store, touched)
    if erasure.for_good:
        empty = working.erase(conn, store, touched, needles=erasure.needles, at=erasure.at)
        _stop_waiting(conn, [row for row in rows if row.conversation_id in empty])
    return sum(row.deleted_at is None for row in rows)


def _load(conn: Connection, store: Store, ids: Collection[int]) -> list[Any]:
    if not ids:
        return []
    names = (
        "id",
        "conversation_id",
        "source_id",
        "namespace",
        "external_id",
        "parent_external_id",
        "thread_external_id",
        "author_id",
        "direction",
        "sort_at",
        "deleted_at",
        "dup_hash",
        "dup_of",
        "flags",
        "title",
    )
    query = select(*(mention.c[name] for name in names)).where(store.dialect.among(mention.c.id, list(ids)))
    return list(conn.execute(query.order_by(mention.c.id)))


def _with_answers(conn: Connection, store: Store, rows: Sequence[Any], erasure: Erasure) -> list[Any]:
    """With our own posts that answer these: they speak to whom we forget."""
    if erasure.why is not Why.ERASED or not rows:
        return list(rows)
    keys = {(row.conversation_id, row.external_id) for row in rows}
    ours = conn.execute(
        select(mention.c.id, mention.c.conversation_id, mention.c.parent_external_id).where(
            store.dialect.among(mention.c.conversation_id, {row.conversation_id for row in rows}),
            mention.c.direction == "outbound",
        )
    )
    known = {row.id for row in rows}
    answers = [one.id for one in ours if (one.conversation_id, one.parent_external_id) in keys and one.id not in known]
    return [*rows, *_load(conn, store, answers)]


def _forget_names(conn: Connection, store: Store, rows: Sequence[Any], erasure: Erasure) -> None:
    """Tombstones, and ids that tell nothing: some platforms write the name of the author into the id of a post."""
    reason = ERASED if erasure.why is Why.ERASED else EXPIRED
    living = [row for row in rows if not _is_nameless(row)]
    set_tombstones(conn, [(row.namespace, row.external_id) for row in living], reason=reason, at=erasure.at)
    for row in living:
        key, new = conversation_key(row.namespace, row.external_id), erased_key(conn, (row.namespace, row.external_id))
        conn.execute(mention_key.delete().where(mention_key.c.mention_id == row.id, _of(mention_key, row)))
        named = conn.execute(update(conversation).where(conversation.c.key == key).values(key=new)).rowcount
        conn.execute(thread_node.delete().where(thread_node.c.key == key))
        if not named:
            store.dialect.upsert_rows(
                conn, thread_node, [{"key": new, "conversation_id": row.conversation_id}], ("conversation_id",)
            )
    _forget_ties(conn, store, living)


def _of(table: Any, row: Any) -> Any:
    return (table.c.external_id == row.external_id) & (table.c.namespace == row.namespace)


def _forget_ties(conn: Connection, store: Store, rows: Sequence[Any]) -> None:
    """What others in the same conversations keep of these: whom they answer, and payloads that say it."""
    for conversation_id in sorted({row.conversation_id for row in rows}):
        mine = [row for row in rows if row.conversation_id == conversation_id]
        gone = [row.external_id for row in mine]
        here = mention.c.conversation_id == conversation_id
        for column in (mention.c.parent_external_id, mention.c.thread_external_id):
            conn.execute(update(mention).where(here, store.dialect.among(column, gone)).values({column: None}))
        titles = [row.title for row in mine if row.title]
        others = select(mention.c.id).where(here)
        if titles:
            same = (here, store.dialect.among(mention.c.title, titles))
            conn.execute(update(mention).where(*same).values(title=None, extra={}))
        conn.execute(mention_raw.delete().where(mention_raw.c.mention_id.in_(others)))


def _is_nameless(row: Any) -> bool:
    return bool(row.external_id == f"erased-{row.id}")


def _empty(conn: Connection, rows: Sequence[Any], erasure: Erasure) -> None:
    """Empty the rows of the mentions themselves; full text follows by its triggers."""
    keepings = Keepings(conn)
    values = dict(EMPTIED)
    if erasure.for_good:
        values |= {"parent_external_id": None, "thread_external_id": None}
    statement = (
        mention.update()
        .where(mention.c.id == bindparam("at_id"))
        .values(
            **values,
            external_id=bindparam("new_id"),
            deleted_at=bindparam("gone_at", type_=mention.c.deleted_at.type),
            erase_at=bindparam("ends_at", type_=mention.c.erase_at.type),
            flags=bindparam("new_flags", type_=mention.c.flags.type),
        )
    )
    conn.execute(
        statement,
        [
            {
                "at_id": row.id,
                "new_id": f"erased-{row.id}" if erasure.for_good else row.external_id,
                "gone_at": row.deleted_at or erasure.at,
                "ends_at": None if erasure.for_good else keepings.of(row.source_id).erase_at(row.sort_at, None),
                "new_flags": list(dict.fromkeys((*(row.flags or ()), erasure.why.value))),
            }
            for row in rows
        ],
    )


def _stop_waiting(conn: Connection, rows: Sequence[Any]) -> None:
    """Forget the ids of what these answered, for which their conversations, empty now, still waited."""
    for row in rows:
        for external_id in {row.parent_external_id, row.thread_external_id} - {None}:
            awaited, talk = conversation_key(row.namespace, external_id), row.conversation_id
            conn.execute(
                thread_node.delete().where(thread_node.c.key == awaited, thread_node.c.conversation_id == talk)
            )
            conn.execute(
                update(conversation)
                .where(conversation.c.key == awaited, conversation.c.id == talk)
                .values(key=erased_key(conn, (row.namespace, external_id)))
            )


def _forget_incoming(conn: Connection, store: Store, rows: Sequence[Any]) -> None:
    for namespace in sorted({row.namespace for row in rows}):
        mine = [row for row in rows if row.namespace == namespace]
        forget_incoming(conn, store, namespace, [row.external_id for row in mine], {row.source_id for row in mine})


def _tell(conn: Connection, store: Store, rows: Sequence[Any], erasure: Erasure) -> None:
    if not rows:
        return
    conn.execute(
        event.insert(),
        [
            {
                "id": event_id,
                "at": erasure.at,
                "actor_type": "clock",
                "object_type": "conversation",
                "object_id": str(row.conversation_id),
                "action": ACTIONS[erasure.why],
                "before": {"mention_id": row.id},
                "reason": erasure.why.value,
            }
            for event_id, row in zip(store.new_ids(len(rows)), rows, strict=True)
        ],
    )


def drop_silent(conn: Connection, store: Store, author_ids: Iterable[int], *, with_person: bool) -> None:
    """Forget accounts of which no mention is left, and the clues by which they were recognised.

    With `with_person` also the person behind them when that was their last account; otherwise an account that belongs
    to a person stays.
    """
    wanted = sorted(set(author_ids))
    if not wanted:
        return
    still = select(mention.c.author_id).where(store.dialect.among(mention.c.author_id, wanted))
    silent = and_(store.dialect.among(author.c.id, wanted), author.c.id.not_in(still))
    if not with_person:
        silent = and_(silent, author.c.person_id.is_(None))
    gone = conn.execute(select(author.c.id, author.c.person_id).where(silent)).all()
    if not gone:
        return
    ids = [row.id for row in gone]
    conn.execute(person_clue.delete().where(store.dialect.among(person_clue.c.author_id, ids)))
    conn.execute(
        person_suggestion.delete().where(
            or_(
                store.dialect.among(person_suggestion.c.author_id, ids),
                store.dialect.among(person_suggestion.c.other_id, ids),
            )
        )
    )
    conn.execute(author.delete().where(store.dialect.among(author.c.id, ids)))
    drop_persons(conn, {row.person_id for row in gone if row.person_id is not None})


def drop_persons(conn: Connection, person_ids: Iterable[int]) -> None:
    """Forget persons, and what was noted of them, of whose family no account is left."""
    for person_id in sorted(set(person_ids)):
        merged = conn.execute(select(person.c.merged_into).where(person.c.id == person_id)).scalar()
        root = merged or person_id
        family = list(
            conn.execute(select(person.c.id).where(or_(person.c.id == root, person.c.merged_into == root))).scalars()
        )
        if conn.execute(select(author.c.id).where(author.c.person_id.in_(family)).limit(1)).first() is not None:
            continue
        conn.execute(person.delete().where(person.c.id.in_(family)))
        about = (event.c.object_type == "person", event.c.object_id.in_([str(one) for one in family]))
        conn.execute(event.update().where(*about).values(before=None, after=None, reason=None))


def _show(conn: Connection, store: Store, conversation_ids: Collection[int]) -> None:
    """Derive anew what the conversations show."""
    changes = {}
    for conversation_id, before in conversations.load(conn, store, conversation_ids).items():
        after = conversations.after_joining(conn, store, before, [], reread=True, believe=False)
        changes[conversation_id] = conversations.join_conversation(before, after, [])
    conversations.update(conn, changes)
