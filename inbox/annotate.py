"""What agents note about a conversation: tags, priority, why somebody wrote, internal notes."""

from __future__ import annotations

import re

from sqlalchemy import Connection, Delete, select

from inbox import steps
from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.views import PRIORITIES, WHYS, CurrentUser, Done
from store.schema import conversation_tag, note

LONGEST_TAG = 50
LONGEST_NOTE = 20_000
_SPACES = re.compile(r"\s+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def set_priority(
    desk: Desk, user: CurrentUser, conversation_id: int, priority: int, *, version: int | None = None
) -> Done:
    """Set the priority, 0 (risk) to 4 (low).

    Raises:
        BadInput: another number.
        Changed: see `inbox.errors`.
    """
    if not 0 <= priority < len(PRIORITIES):
        text = f"A priority is 0 to {len(PRIORITIES) - 1}."
        raise BadInput(text, priority=priority)
    return _set(desk, user, conversation_id, "priority", priority, version=version)


def set_why(
    desk: Desk, user: CurrentUser, conversation_id: int, why: str | None, *, version: int | None = None
) -> Done:
    """Set why they wrote.

    Raises:
        BadInput: not one of `views.WHYS`.
        Changed: see `inbox.errors`.
    """
    if why is not None and why not in WHYS:
        text = f"{why!r} is not a reason for contact; choose one of: {', '.join(WHYS)}."
        raise BadInput(text, why=why)
    return _set(desk, user, conversation_id, "why", why, version=version)


def add_tag(desk: Desk, user: CurrentUser, conversation_id: int, tag: str) -> Done:
    """Put a tag on; kept in lower case, without a leading #, blanks made one.

    Raises:
        BadInput: an empty or too long tag.
    """
    clean = clean_tag(tag)
    with desk.store.write() as conn:
        row = steps.load(conn, conversation_id)
        if has_tag(conn, row.id, clean):
            return steps.nothing(row, "tagged", tag=clean)
        conn.execute(conversation_tag.insert().values(tag=clean, conversation_id=row.id))
        step = steps.Step("tagged", facts={"tag": clean})
        return steps.write(desk, conn, row, steps.Doer.person(user), step, now=desk.clock())


def remove_tag(desk: Desk, user: CurrentUser, conversation_id: int, tag: str) -> Done:
    """Take a tag off."""
    clean = clean_tag(tag)
    with desk.store.write() as conn:
        row = steps.load(conn, conversation_id)
        if not has_tag(conn, row.id, clean):
            return steps.nothing(row, "untagged", tag=clean)
        conn.execute(without_tag(row.id, clean))
        step = steps.Step("untagged", facts={"tag": clean})
        return steps.write(desk, conn, row, steps.Doer.person(user), step, now=desk.clock())


def add_note(desk: Desk, user: CurrentUser, conversation_id: int, text: str) -> Done:
    """Write an internal note.

    Raises:
        BadInput: an empty or too long note.
    """
    clean = _UNPRINTABLE.sub("", text).strip()
    if not 1 <= len(clean) <= LONGEST_NOTE:
        said = f"A note has 1 to {LONGEST_NOTE} characters; this one has {len(clean)}."
        raise BadInput(said)
    with desk.store.write() as conn:
        now = desk.clock()
        row = steps.load(conn, conversation_id)
        note_id = desk.store.new_id()
        conn.execute(note.insert().values(id=note_id, conversation_id=row.id, author_id=user.id, at=now, text=clean))
        step = steps.Step("noted", {"n_notes": row.n_notes + 1}, facts={"note_id": note_id})
        return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def clean_tag(tag: str) -> str:
    """A tag as it is kept.

    Raises:
        BadInput: an empty or too long tag.
    """
    clean = _SPACES.sub(" ", _UNPRINTABLE.sub("", tag)).strip().lstrip("#").strip().lower()
    if not 1 <= len(clean) <= LONGEST_TAG:
        text = f"A tag has 1 to {LONGEST_TAG} characters."
        raise BadInput(text, tag=tag)
    return clean


def has_tag(conn: Connection, conversation_id: int, tag: str) -> bool:
    """Whether the conversation has this tag (as kept)."""
    found = select(conversation_tag.c.tag).where(
        conversation_tag.c.tag == tag, conversation_tag.c.conversation_id == conversation_id
    )
    return conn.execute(found).first() is not None


def without_tag(conversation_id: int, tag: str) -> Delete:
    """The statement that takes a tag off."""
    return conversation_tag.delete().where(
        conversation_tag.c.tag == tag, conversation_tag.c.conversation_id == conversation_id
    )


def _set(
    desk: Desk, user: CurrentUser, conversation_id: int, field: str, value: int | str | None, *, version: int | None
) -> Done:
    with desk.store.write() as conn:
        row = steps.load(conn, conversation_id)
        steps.check_unchanged(conn, row, user, version)
        if getattr(row, field) == value:
            return steps.nothing(row, field, **{field: value})
        step = steps.Step(field, {field: value}, facts={field: value})
        return steps.write(desk, conn, row, steps.Doer.person(user), step, now=desk.clock())
