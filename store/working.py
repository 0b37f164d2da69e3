"""The company's own words about conversations: notes, answers, drafts, promises, questions, mails, events.

They go when nobody else is left in a conversation, and before that where they name who is erased.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, and_, exists, false, func, literal, or_, select, update

from store import alerts, noise
from store.engine import Store
from store.mail import of_conversations
from store.schema import (
    conversation,
    conversation_tag,
    draft,
    event,
    hand_over,
    mention,
    note,
    outbox,
    outgoing_mail,
    phrase_day,
    promise,
    specialist_link,
    theme,
    tone_word,
    top_day,
)

_TOLD = ("text", "theme", "name", "note", "question", "title", "named", "snippet")
"""What an event tells in words; the rest of it are numbers, times and states."""


def erase(
    conn: Connection, store: Store, conversation_ids: Collection[int], *, needles: Sequence[str], at: datetime
) -> set[int]:
    """Erase the work on conversations in which nobody is left; in others what names somebody (lower-case needles).

    Returns:
        Those in which nobody is left.
    """
    empty = set(conversation_ids) - _with_others(conn, store, conversation_ids)
    for conversation_id in sorted(conversation_ids):
        _erase_one(conn, conversation_id, None if conversation_id in empty else needles, at)
    return empty


def erase_words(conn: Connection, needles: Sequence[str], *, at: datetime) -> int:
    """Empty hand-over notes that name somebody, and take them out of words of all the rest; how many."""
    if not needles:
        return 0
    _erase_themes(conn, needles)
    for counted in (phrase_day, top_day):  # counted anew from what is left
        conn.execute(counted.delete().where(naming(counted.c.counts, needles)))
    done = conn.execute(update(hand_over).where(naming(hand_over.c.text, needles)).values(text=""))
    named = list(conn.execute(select(tone_word.c.id).where(naming(tone_word.c.word, needles))).scalars())
    if named:
        about = (event.c.object_type == "tone_word", event.c.object_id.in_([str(one) for one in named]))
        conn.execute(event.update().where(*about).values(before=None, after=None))
        conn.execute(tone_word.delete().where(tone_word.c.id.in_(named)))
    told = alerts.forget_words(conn, needles)
    return int(done.rowcount) + len(named) + told + noise.forget_words(conn, needles, at=at)


def _erase_themes(conn: Connection, needles: Sequence[str]) -> None:
    """Words of themes that name somebody. A theme keeps a name, so that its history can be told."""
    for row in conn.execute(select(theme.c.id, theme.c.name, theme.c.description, theme.c.query, theme.c.examples)):
        texts = {name: getattr(row, name) for name in ("name", "description", "query")}
        bare: dict[str, Any] = {name: "" for name, text in texts.items() if _names(text, needles)}
        if "name" in bare:
            bare["name"] = f"#{row.id}"
        left = [one for one in row.examples or () if not _names(one, needles)]
        if left != list(row.examples or ()):
            bare["examples"] = left
        if bare:
            conn.execute(update(theme).where(theme.c.id == row.id).values(**bare, version=theme.c.version + 1))
            about = (event.c.object_type == "theme", event.c.object_id == str(row.id))
            conn.execute(event.update().where(*about).values(before=None, after=None))


def _names(text: str, needles: Sequence[str]) -> bool:
    return any(needle in text.lower() for needle in needles)


def naming(column: Any, needles: Sequence[str]) -> ColumnElement[bool]:
    """Whether a text names somebody: holds one of these lower-case needles."""
    return or_(*(func.lower(column).contains(needle, autoescape=True) for needle in needles))


def _with_others(conn: Connection, store: Store, conversation_ids: Collection[int]) -> set[int]:
    """Conversations in which somebody still has something to say."""
    query = select(mention.c.conversation_id).where(
        store.dialect.among(mention.c.conversation_id, list(conversation_ids)),
        mention.c.direction == "inbound",
        mention.c.deleted_at.is_(None),
    )
    return set(conn.execute(query).scalars())


def _erase_one(conn: Connection, conversation_id: int, needles: Sequence[str] | None, at: datetime) -> None:
    """All work on a conversation (`needles` None), or what names somebody and what was sent to who is gone."""

    def mine(table: Any, *columns: Any) -> tuple[Any, ...]:
        here = table.c.conversation_id == conversation_id
        if needles is None:
            return (here,)
        return (here, or_(*(naming(column, needles) for column in columns)) if needles else false())

    conn.execute(
        update(note)
        .where(*mine(note, note.c.text))
        .values(text="", deleted_at=func.coalesce(note.c.deleted_at, literal(at, note.c.deleted_at.type)))
    )
    conn.execute(draft.delete().where(*mine(draft, draft.c.text)))
    conn.execute(update(promise).where(*mine(promise, promise.c.text)).values(text=""))
    conn.execute(update(specialist_link).where(*mine(specialist_link, specialist_link.c.question)).values(question=""))
    if needles is not None:
        conn.execute(conversation_tag.delete().where(*mine(conversation_tag, conversation_tag.c.tag)))
    _erase_answers(conn, mine(outbox, outbox.c.text), conversation_id, at)
    _erase_mails(conn, conversation_id, needles)
    _erase_events(conn, conversation_id, needles)
    notes = select(func.count()).where(note.c.conversation_id == conversation_id, note.c.deleted_at.is_(None))
    values: dict[str, Any] = {"n_notes": notes.scalar_subquery()}
    if needles is None:
        values["status_reason"] = None
    conn.execute(update(conversation).where(conversation.c.id == conversation_id).values(**values))


def _erase_answers(conn: Connection, named: tuple[Any, ...], conversation_id: int, at: datetime) -> None:
    """Texts of answers; what has not gone out yet is cancelled."""
    gone = exists().where(mention.c.id == outbox.c.mention_id, mention.c.deleted_at.is_not(None))
    wanted = or_(and_(*named), and_(outbox.c.conversation_id == conversation_id, gone))
    waiting = outbox.c.state.in_(("approval", "queued", "unknown", "failed"))
    done = conn.execute(
        update(outbox).where(wanted, waiting).values(state="cancelled", state_at=at, lease_owner=None, lease_until=None)
    )
    quiet = outbox.c.state != "sending"  # a worker has it in its hands; settled, it is found at the next look
    conn.execute(update(outbox).where(wanted, quiet).values(text=None, error_text=None, url=None))
    if done.rowcount:
        conn.execute(update(conversation).where(conversation.c.id == conversation_id).values(reply_state=None))


def _erase_mails(conn: Connection, conversation_id: int, needles: Sequence[str] | None) -> None:
    mails = outgoing_mail.c
    for row in of_conversations(conn, [conversation_id]):
        words = " ".join((row.subject, row.text, row.html or "")).lower()
        if needles is not None and not any(needle in words for needle in needles):
            continue
        if row.state == "queued":
            conn.execute(outgoing_mail.delete().where(mails.id == row.id))
        else:
            bare = {"subject": "", "text": "", "html": None, "error_text": None}
            conn.execute(update(outgoing_mail).where(mails.id == row.id).values(**bare))


def _erase_events(conn: Connection, conversation_id: int, needles: Sequence[str] | None) -> None:
    """Take words out of the events of a conversation; what is counted (kind, times, durations, states) stays."""
    about = (event.c.object_type == "conversation", event.c.object_id == str(conversation_id))
    for row in conn.execute(select(event.c.id, event.c.before, event.c.after, event.c.reason).where(*about)).all():
        words = orjson.dumps([row.before, row.after, row.reason]).decode().lower()
        if needles is not None and not any(needle in words for needle in needles):
            continue
        before, after = _bare(row.before), _bare(row.after)
        reason = row.reason if needles is None and _is_code(row.reason) else None
        if (before, after, reason) != (row.before, row.after, row.reason):
            values = {"before": before, "after": after, "reason": reason}
            conn.execute(update(event).where(event.c.id == row.id).values(**values))


def _is_code(reason: str | None) -> bool:
    return reason is not None and reason.isidentifier()


def _bare(value: Any) -> Any:
    """Without what is told in words, however deep."""
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items() if key not in _TOLD}
    if isinstance(value, list):
        return [_bare(each) for each in value]
    return value
