"""Everything that is kept of somebody, over all channels, for who asks what we hold (GDPR, article 15).

What others wrote in the same conversations is theirs and only counted; names of colleagues stay out.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from inbox.desk import Desk
from inbox.noise import erasing as noise
from store import pictures
from store.forgetting import Subject, naming_any
from store.schema import (
    author,
    conversation,
    conversation_tag,
    label_item,
    made_file,
    mention,
    mention_brand,
    mention_edit,
    mention_raw,
    note,
    outbox,
    outgoing_mail,
    person,
    promise,
    source,
    source_duty,
    specialist_link,
)
from store.theming import theme_names_of


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is kept. Every part is plain data, ready for JSON; instants are aware UTC."""

    made_at: datetime
    accounts: tuple[dict[str, Any], ...]
    person: dict[str, Any] | None
    conversations: tuple[dict[str, Any], ...]
    sources: tuple[dict[str, Any], ...]
    exports: tuple[dict[str, Any], ...]
    noise_rules: tuple[dict[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def gather(desk: Desk, subject: Subject) -> Dossier:
    """Read it all, from one state of the store."""
    ids = [one.id for one in subject.accounts]
    with desk.store.snapshot() as conn:
        talks = sorted(
            set(conn.execute(select(mention.c.conversation_id).where(mention.c.author_id.in_(ids))).scalars())
        )
        conversations = tuple(_conversation(conn, number, ids, subject.needles) for number in talks)
        return Dossier(
            made_at=desk.clock(),
            accounts=tuple(_account(conn, one) for one in ids),
            person=_person(conn, subject.person_ids),
            conversations=conversations,
            sources=_sources(conn, sorted({message["source"] for one in conversations for message in one["messages"]})),
            exports=tuple(
                {"file": row.path, "written_at": row.made_at}
                for row in conn.execute(select(made_file).where(made_file.c.kind == "export"))
            ),
            noise_rules=tuple(
                {"account": row.shown, "why": row.why, "made_at": row.created_at, "in_use": row.active}
                for row in noise.about(conn, subject)
            ),
        )


def _account(conn: Connection, author_id: int) -> dict[str, Any]:
    names = ("platform", "external_id", "handle", "name", "url", "followers", "is_staff", "is_bot")
    row = conn.execute(select(*(author.c[name] for name in names)).where(author.c.id == author_id)).one()
    return dict(row._mapping)  # noqa: SLF001 - the documented way to the names of a row


def _person(conn: Connection, person_ids: Sequence[int]) -> dict[str, Any] | None:
    rows = conn.execute(select(person).where(person.c.id.in_(list(person_ids))).order_by(person.c.id)).all()
    if not rows:
        return None
    return {
        "names": [row.name for row in rows if row.name],
        "notes": [row.notes for row in rows if row.notes],
        "badges": sorted({badge for row in rows for badge in row.badges or ()}),
        "consents": [row.consent for row in rows if row.consent],
    }


def _conversation(conn: Connection, number: int, ids: Sequence[int], needles: Sequence[str]) -> dict[str, Any]:
    row = conn.execute(select(conversation).where(conversation.c.id == number)).one()
    of_others = and_(mention.c.conversation_id == number, mention.c.direction == "inbound")
    others = conn.execute(
        select(func.count())
        .select_from(mention)
        .where(
            of_others,
            mention.c.deleted_at.is_(None),
            or_(mention.c.author_id.is_(None), mention.c.author_id.not_in(ids)),
        )
    ).scalar_one()

    def work(table: Any, column: Any, *names: str) -> list[dict[str, Any]]:
        mine = table.c.conversation_id == number
        wanted = and_(mine, naming_any((column,), needles)) if others else mine
        query = select(*(table.c[name] for name in names)).where(wanted, column != "").order_by(table.c.id)
        return [dict(one._mapping) for one in conn.execute(query)]  # noqa: SLF001 - see above

    messages = _messages(conn, number, ids)
    keys = [message["id_there"] for message in messages]
    return {
        "number": number,
        "platform": row.platform,
        "status": row.status,
        "reason_for_contact": row.why,
        "tags": sorted(
            conn.execute(select(conversation_tag.c.tag).where(conversation_tag.c.conversation_id == number)).scalars()
        ),
        "themes": list(theme_names_of(conn, [number]).get(number, ())),
        "messages": messages,
        "messages_of_others": others,
        "answers": _answers(conn, number, keys, alone=not others),
        "notes": [one for one in work(note, note.c.text, "at", "text", "deleted_at") if one.pop("deleted_at") is None],
        "promises": work(promise, promise.c.text, "text", "due_at", "state"),
        "answers_not_sent": work(outbox, outbox.c.text, "text", "state", "created_at"),
        "shared_with": [
            *work(specialist_link, specialist_link.c.question, "name", "email", "question", "created_at"),
            *work(outgoing_mail, outgoing_mail.c.text, "to_address", "subject", "sent_at"),
        ],
    }


def _messages(conn: Connection, number: int, ids: Sequence[int]) -> list[dict[str, Any]]:
    mine = (mention.c.conversation_id == number, mention.c.author_id.in_(list(ids)))
    rows = conn.execute(select(mention).where(*mine).order_by(mention.c.sort_at, mention.c.id)).all()
    found = []
    for row in rows:
        edits = select(mention_edit).where(mention_edit.c.mention_id == row.id).order_by(mention_edit.c.revision)
        brands = select(mention_brand.c.brand_id).where(mention_brand.c.mention_id == row.id)
        raw = select(mention_raw.c.fetched_at).where(mention_raw.c.mention_id == row.id)
        labels = select(label_item.c.label).where(label_item.c.mention_id == row.id, label_item.c.label.is_not(None))
        found.append(
            {
                "kind": row.kind,
                "visibility": row.visibility,
                "title": row.title,
                "text": row.text,
                "url": row.url,
                "id_there": row.external_id,
                "source": row.source_id,
                "published_at": row.published_at,
                "edited_at": row.edited_at,
                "collected_at": row.first_seen_at,
                "last_seen_at": row.last_seen_at,
                "erased_at_the_latest": row.erase_at,
                "language": row.lang,
                "sentiment": row.sentiment,
                "sentiment_set_by_a_person": row.sentiment_corrected_by is not None,
                "labelled_in_samples": list(conn.execute(labels.order_by(label_item.c.month)).scalars()),
                "rating": row.rating_raw,
                "likes": row.likes,
                "replies": row.replies,
                "shares": row.shares,
                "views": row.views,
                "brands": sorted(conn.execute(brands).scalars()),
                "raw_copy_of": conn.execute(raw).scalar(),
                "pictures": _pictures(conn, row.id),
                "earlier_texts": [
                    {"title": edit.title, "text": edit.text, "until": edit.replaced_at} for edit in conn.execute(edits)
                ],
            }
        )
    return found


def _pictures(conn: Connection, mention_id: int) -> list[dict[str, Any]]:
    """What is attached; pictures that are kept as JPEG in base64."""
    large = pictures.large_of(conn, mention_id)
    return [
        {
            "kind": one.kind,
            "description": one.alt,
            "not_kept": "" if one.place in large else one.reason or one.state,
            "jpeg": b64encode(large[one.place]).decode() if one.place in large else None,
        }
        for one in pictures.of_mentions(conn, [mention_id]).get(mention_id, ())
    ]


def _answers(conn: Connection, number: int, keys: Sequence[str], *, alone: bool) -> list[dict[str, Any]]:
    ours = and_(mention.c.conversation_id == number, mention.c.direction == "outbound", mention.c.deleted_at.is_(None))
    wanted = ours if alone else and_(ours, mention.c.parent_external_id.in_(list(keys)))
    rows = conn.execute(
        select(mention.c.text, mention.c.url, mention.c.sort_at).where(wanted).order_by(mention.c.sort_at)
    )
    return [{"text": row.text, "url": row.url, "at": row.sort_at} for row in rows]


def _sources(conn: Connection, source_ids: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """Where it comes from, and how long it is kept there."""
    query = (
        select(source.c.id, source.c.name, source.c.platform, source_duty.c.retention_s, source_duty.c.keep_s)
        .outerjoin(source_duty, source_duty.c.source_id == source.c.id)
        .where(source.c.id.in_(list(source_ids)))
        .order_by(source.c.id)
    )
    return tuple(
        {
            "id": row.id,
            "name": row.name,
            "platform": row.platform,
            "kept_days": None if row.retention_s is None else row.retention_s / 86_400,
            "refreshed_or_erased_within_days": None if row.keep_s is None else row.keep_s / 86_400,
        }
        for row in conn.execute(query)
    )
