"""Erasing somebody everywhere: who is meant, what is kept of them, and taking it away with a tombstone.

Their messages, old texts, payloads, index entries, profile and person go; so do our answers to them, and notes, drafts,
promises, questions, mails and words in events of conversations in which nobody else takes part. Where others do, what
names them goes. What others wrote stays theirs, also where it names them; their payloads in the same conversation go,
because these say whom they answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import zstandard
from sqlalchemy import Connection, and_, delete, false, func, or_, select

from store import working
from store.engine import Store
from store.erasing import MOST, Erasure, Why, drop_persons, drop_silent, erase_items
from store.persons import accounts_in, family_of
from store.raw import MAX_PAYLOAD
from store.schema import (
    author,
    draft,
    intake,
    media_picture,
    mention,
    mention_edit,
    mention_raw,
    note,
    outbox,
    outgoing_mail,
    person,
    promise,
    quarantine,
    specialist_link,
    unmatched,
)
from store.tombstones import ERASED, OBJECTED, set_author_tombstones
from store.working import naming

SHORTEST_NEEDLE = 4
"""Shorter names are part of too many words to be looked for in texts."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of somebody. `key` is (platform, external id)."""

    id: int
    key: tuple[str, str]
    handle: str | None
    name: str | None
    url: str | None
    person_id: int | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody, over all their accounts."""

    accounts: tuple[Account, ...]
    person_ids: tuple[int, ...] = ()

    @property
    def needles(self) -> tuple[str, ...]:
        """Lower-case words by which texts name them."""
        said = [word for one in self.accounts for word in (one.handle, one.name, one.url, one.key[1])]
        return tuple(dict.fromkeys(word.lower() for word in said if word and len(word) >= SHORTEST_NEEDLE))


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of somebody, counted. `named_in`: conversations of others whose work names them."""

    accounts: int = 0
    conversations: int = 0
    messages: int = 0
    old_texts: int = 0
    payloads: int = 0
    pictures: int = 0
    answers: int = 0
    notes: int = 0
    drafts: int = 0
    promises: int = 0
    questions: int = 0
    mails: int = 0
    incoming: int = 0
    named_in: tuple[int, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Ids of what came in, is no mention, and names somebody."""

    unmatched: tuple[int, ...]
    unread: tuple[int, ...]
    pushed: tuple[int, ...]


def find(
    conn: Connection,
    *,
    author_id: int | None = None,
    person_id: int | None = None,
    platform: str | None = None,
    handle: str | None = None,
    url: str | None = None,
) -> Subject | None:
    """Who is meant, with every account of the same person; None when nobody here is known so.

    By the id of an account or a person, by a handle on a platform, or by the address of a profile. Looks at every
    author for the last two: it is asked by a person, seldom.
    """
    found: list[int] = []
    if person_id is not None:
        found = accounts_in(conn, family_of(conn, person_id), limit=10_000)
        if not found and conn.execute(select(person.c.id).where(person.c.id == person_id)).first() is not None:
            return Subject((), tuple(family_of(conn, person_id)))
    elif author_id is not None:
        found = list(conn.execute(select(author.c.id).where(author.c.id == author_id)).scalars())
    elif url is not None:
        plain = url.rstrip("/")
        found = list(conn.execute(select(author.c.id).where(author.c.url.in_([plain, plain + "/"]))).scalars())
    elif handle is not None:
        same = func.lower(author.c.handle) == handle.lstrip("@").lower()
        here = same if platform is None else and_(same, author.c.platform == platform)
        found = list(conn.execute(select(author.c.id).where(here)).scalars())
    return _subject(conn, found)


def _subject(conn: Connection, author_ids: Sequence[int]) -> Subject | None:
    if not author_ids:
        return None
    persons: set[int] = set()
    ids = set(author_ids)
    for person_id in conn.execute(select(author.c.person_id).where(author.c.id.in_(ids))).scalars():
        if person_id is not None:
            family = family_of(conn, person_id)
            persons |= set(family)
            ids |= set(accounts_in(conn, family, limit=10_000))
    columns = ("id", "platform", "external_id", "handle", "name", "url", "person_id")
    query = select(*(author.c[name] for name in columns)).where(author.c.id.in_(ids)).order_by(author.c.id)
    accounts = tuple(
        Account(row.id, (row.platform, row.external_id), row.handle, row.name, row.url, row.person_id)
        for row in conn.execute(query)
    )
    return Subject(accounts, tuple(sorted(persons)))


def held(conn: Connection, subject: Subject) -> Held:
    """What is kept of somebody, counted; what stands in conversations with others counts where it names them."""
    said = _said(conn, subject)
    ids = [row.id for row in said]
    talks = sorted({row.conversation_id for row in said})
    alone = [one for one in talks if not _others(conn, one, ids)]

    def count(table: Any, *conditions: Any) -> int:
        return int(conn.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())

    def work(table: Any, *columns: Any) -> int:
        return count(
            table,
            or_(
                table.c.conversation_id.in_(alone),
                and_(table.c.conversation_id.in_(talks), naming_any(columns, subject.needles)),
            ),
        )

    came = incoming(conn, subject)
    ours = and_(mention.c.conversation_id.in_(talks), mention.c.direction == "outbound")
    parents = mention.c.parent_external_id.in_([row.external_id for row in said])
    return Held(
        accounts=len(subject.accounts),
        conversations=len(talks),
        messages=sum(row.deleted_at is None for row in said),
        old_texts=count(mention_edit, mention_edit.c.mention_id.in_(ids)),
        payloads=count(mention_raw, mention_raw.c.mention_id.in_(ids)),
        pictures=count(media_picture, media_picture.c.mention_id.in_(ids)),
        answers=count(mention, ours, or_(parents, mention.c.conversation_id.in_(alone))),
        notes=work(note, note.c.text),
        drafts=work(draft, draft.c.text),
        promises=work(promise, promise.c.text),
        questions=work(specialist_link, specialist_link.c.question),
        mails=work(outgoing_mail, outgoing_mail.c.text, outgoing_mail.c.subject),
        incoming=sum(map(len, (came.unmatched, came.unread, came.pushed))),
        named_in=_named_elsewhere(conn, subject, talks),
    )


def erase(store: Store, subject: Subject, *, now: datetime, objected: bool = False) -> tuple[int, ...]:
    """Erase somebody everywhere, in small transactions; safe to repeat, and to break off.

    Args:
        store: where.
        subject: of `find`.
        now: aware UTC; what they said until then never comes back.
        objected: nothing they say later is taken in either.

    Returns:
        Ids of the mentions whose content went, for whoever must take them out of files.
    """
    reason = OBJECTED if objected else ERASED
    erasure = Erasure(Why.ERASED, now, subject.needles)
    authors = [one.id for one in subject.accounts]
    with store.write() as conn:  # first: from now on ingest brings nothing more
        set_author_tombstones(conn, [one.key for one in subject.accounts], reason=reason, at=now)
    gone: set[int] = set()
    while True:
        with store.read() as conn:
            ids = [row.id for row in _said(conn, subject, limit=MOST)]
        fresh = [one for one in ids if one not in gone]
        if not fresh:
            break
        store.write_again(lambda conn, fresh=fresh: erase_items(conn, store, fresh, erasure))  # type: ignore[misc]
        gone |= set(fresh)
    store.write_again(lambda conn: _finish(conn, store, subject, authors, at=now))
    return tuple(sorted(gone))


def _finish(conn: Connection, store: Store, subject: Subject, authors: Sequence[int], *, at: datetime) -> None:
    """What belongs to no conversation: the accounts, the person, what was not taken in, hand-over notes."""
    drop_silent(conn, store, authors, with_person=True)
    drop_persons(conn, subject.person_ids)
    came = incoming(conn, subject)
    for table, ids in ((unmatched, came.unmatched), (quarantine, came.unread), (intake, came.pushed)):
        if ids:
            conn.execute(delete(table).where(store.dialect.among(table.c.id, ids)))
    working.erase_words(conn, subject.needles, at=at)


def _said(conn: Connection, subject: Subject, *, limit: int | None = None) -> list[Any]:
    """Their mentions, and shells of removed ones whose id names them. The first are served by ix_mention_author."""
    names = ("id", "conversation_id", "external_id", "deleted_at")
    columns = [mention.c[name] for name in names]
    mine = select(*columns).where(mention.c.author_id.in_([one.id for one in subject.accounts]))
    rows = list(conn.execute(mine.order_by(mention.c.id).limit(limit)))
    if subject.needles and (limit is None or len(rows) < limit):
        named = naming_any((mention.c.external_id,), subject.needles)
        shells = select(*columns).where(mention.c.deleted_at.is_not(None), mention.c.author_id.is_(None), named)
        rows += conn.execute(shells.order_by(mention.c.id).limit(limit))
    return rows


def naming_any(columns: Iterable[Any], needles: Sequence[str]) -> Any:
    """The condition that one of these texts names somebody."""
    return or_(*(naming(column, needles) for column in columns)) if needles else false()


def _others(conn: Connection, conversation_id: int, ids: Sequence[int]) -> bool:
    query = select(mention.c.id, mention.c.direction, mention.c.deleted_at).where(
        mention.c.conversation_id == conversation_id
    )
    mine = set(ids)
    return any(
        row.direction == "inbound" and row.deleted_at is None and row.id not in mine for row in conn.execute(query)
    )


def incoming(conn: Connection, subject: Subject) -> Incoming:
    """What names somebody of what no query matched, what could not be read, and pushes that still wait."""
    return Incoming(tuple(_unmatched(conn, subject)), tuple(_unread(conn, subject)), tuple(_pushed(conn, subject)))


def _unmatched(conn: Connection, subject: Subject) -> list[int]:
    columns = (unmatched.c.external_id, unmatched.c.title, unmatched.c.text, unmatched.c.url)
    return list(conn.execute(select(unmatched.c.id).where(naming_any(columns, subject.needles))).scalars())


def _unread(conn: Connection, subject: Subject) -> list[int]:
    """Items and answers that could not be read and name somebody."""
    wanted = [needle.encode() for needle in subject.needles]
    found = []
    query = select(quarantine.c.id, quarantine.c.payload, quarantine.c.error, quarantine.c.external_id)
    for row in conn.execute(query.execution_options(yield_per=100)):
        said = b" ".join((unpacked(bytes(row.payload)), row.error.encode(), (row.external_id or "").encode())).lower()
        if any(needle in said for needle in wanted):
            found.append(row.id)
    return found


def _pushed(conn: Connection, subject: Subject) -> list[int]:
    """Deliveries of webhooks that were not read yet and name somebody: what they tell of is read from the platform."""
    query = select(intake.c.id, intake.c.body).where(intake.c.body.is_not(None))
    rows = conn.execute(query.execution_options(yield_per=100))
    return [row.id for row in rows if _names(_spelt_out(bytes(row.body)), subject.needles)]


def _names(said: str, needles: Sequence[str]) -> bool:
    return any(needle in said for needle in needles)


def _spelt_out(body: bytes) -> str:
    r"""A delivery in lower case; what platforms escape (\u00e9) is written as it is, so that names are found."""
    with suppress(orjson.JSONDecodeError):
        body = orjson.dumps(orjson.loads(body))
    return body.decode("utf-8", "replace").lower()


def unpacked(payload: bytes) -> bytes:
    """What was set aside, as it came."""
    try:
        return zstandard.ZstdDecompressor().decompress(payload, max_output_size=MAX_PAYLOAD)
    except zstandard.ZstdError:
        return payload


def _named_elsewhere(conn: Connection, subject: Subject, talks: Sequence[int]) -> tuple[int, ...]:
    """Conversations of others in which our own words name them: for a person to look at, names are not unique."""
    found: set[int] = set()
    for table, column in (
        (note, note.c.text),
        (draft, draft.c.text),
        (outbox, outbox.c.text),
        (promise, promise.c.text),
        (specialist_link, specialist_link.c.question),
        (outgoing_mail, outgoing_mail.c.text),
    ):
        query = select(table.c.conversation_id).where(naming_any((column,), subject.needles))
        found |= set(conn.execute(query).scalars())
    return tuple(sorted(found - set(talks) - {None}))
