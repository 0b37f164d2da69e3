"""What agents note about a conversation: tags, priority, why somebody wrote, internal notes."""

from __future__ import annotations

import re

from sqlalchemy import Connection, Delete, select

from inbox import steps
from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.mentions import keeping
from inbox.printable import printable
from inbox.sentences import Sentence
from inbox.views import PRIORITIES, WHYS, CurrentUser, Done
from store.schema import conversation_tag, note

LONGEST_TAG = 50
LONGEST_NOTE = 20_000
_SPACES = re.compile(r"\s+")


def set_priority(
    desk: Desk, user: CurrentUser, conversation_id: int, priority: int, *, version: int | None = None
) -> Done:
    """Set the priority, 0 (risk) to 4 (low).

    Raises:
        BadInput: another number.
        Changed: see `inbox.errors`.
    """
    with desk.store.write() as conn:
        return set_priority_in(desk, conn, user, conversation_id, priority, version=version)


def set_priority_in(
    desk: Desk, conn: Connection, user: CurrentUser, conversation_id: int, priority: int, *, version: int | None
) -> Done:
    """The same inside the caller's transaction."""
    if not 0 <= priority < len(PRIORITIES):
        raise BadInput(Sentence("A priority is 0 to {most}.", most=len(PRIORITIES) - 1), priority=priority)
    return _set(desk, conn, user, conversation_id, field="priority", value=priority, version=version)


def set_why(
    desk: Desk, user: CurrentUser, conversation_id: int, why: str | None, *, version: int | None = None
) -> Done:
    """Set why they wrote.

    Raises:
        BadInput: not one of `views.WHYS`.
        Changed: see `inbox.errors`.
    """
    if why is not None and why not in WHYS:
        raise BadInput(
            Sentence("“{why}” is not a reason for contact; choose one of: {options}.", why=why, options=tuple(WHYS)),
            why=why,
        )
    with desk.store.write() as conn:
        return _set(desk, conn, user, conversation_id, field="why", value=why, version=version)


def add_tag(desk: Desk, user: CurrentUser, conversation_id: int, tag: str) -> Done:
    """Put a tag on; kept in lower case, without a leading #, blanks made one.

    Raises:
        BadInput: an empty or too long tag.
    """
    with desk.store.write() as conn:
        return add_tag_in(desk, conn, user, conversation_id, tag)


def add_tag_in(desk: Desk, conn: Connection, user: CurrentUser, conversation_id: int, tag: str) -> Done:
    """The same inside the caller's transaction."""
    clean = clean_tag(tag)
    row = steps.load(conn, conversation_id)
    if has_tag(conn, row.id, clean):
        return steps.nothing(row, "tagged", tag=clean)
    conn.execute(conversation_tag.insert().values(tag=clean, conversation_id=row.id))
    step = steps.Step("tagged", facts={"tag": clean})
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=desk.clock())


def remove_tag(desk: Desk, user: CurrentUser, conversation_id: int, tag: str) -> Done:
    """Take a tag off."""
    with desk.store.write() as conn:
        return remove_tag_in(desk, conn, user, conversation_id, tag)


def remove_tag_in(desk: Desk, conn: Connection, user: CurrentUser, conversation_id: int, tag: str) -> Done:
    """The same inside the caller's transaction."""
    clean = clean_tag(tag)
    row = steps.load(conn, conversation_id)
    if not has_tag(conn, row.id, clean):
        return steps.nothing(row, "untagged", tag=clean)
    conn.execute(without_tag(row.id, clean))
    step = steps.Step("untagged", facts={"tag": clean})
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=desk.clock())


def add_note(desk: Desk, user: CurrentUser, conversation_id: int, text: str) -> Done:
    """Write an internal note. Colleagues it names (`@login`, `@Name`) find it under their mentions.

    Raises:
        BadInput: an empty or too long note.
    """
    clean = clean_note(text)
    with desk.store.write() as conn:
        return add_note_in(desk, conn, user, conversation_id, clean)


def add_note_in(desk: Desk, conn: Connection, user: CurrentUser, conversation_id: int, clean: str) -> Done:
    """The same inside the caller's transaction, of a text that `clean_note` gave."""
    now = desk.clock()
    row = steps.load(conn, conversation_id)
    note_id = desk.store.new_id()
    conn.execute(note.insert().values(id=note_id, conversation_id=row.id, author_id=user.id, at=now, text=clean))
    names = keeping.keep(desk, conn, user, note_id=note_id, conversation_id=row.id, text=clean, at=now)
    facts = {"note_id": note_id, **({"named": names} if names else {})}
    step = steps.Step("noted", {"n_notes": row.n_notes + 1}, facts=facts)
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def clean_note(text: str) -> str:
    """A note as it is kept.

    Raises:
        BadInput: an empty or too long note.
    """
    clean = printable(text).strip()
    if not 1 <= len(clean) <= LONGEST_NOTE:
        raise BadInput(
            Sentence("A note has 1 to {most} characters; this one has {n}.", most=LONGEST_NOTE, n=len(clean))
        )
    return clean


def clean_tag(tag: str) -> str:
    """A tag as it is kept.

    Raises:
        BadInput: an empty or too long tag.
    """
    clean = _SPACES.sub(" ", printable(tag)).strip().lstrip("#").strip().lower()
    if not 1 <= len(clean) <= LONGEST_TAG:
        raise BadInput(Sentence("A tag has 1 to {most} characters.", most=LONGEST_TAG), tag=tag)
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
    desk: Desk,
    conn: Connection,
    user: CurrentUser,
    conversation_id: int,
    *,
    field: str,
    value: int | str | None,
    version: int | None,
) -> Done:
    row = steps.load(conn, conversation_id)
    steps.check_unchanged(conn, row, user, version)
    if getattr(row, field) == value:
        return steps.nothing(row, field, **{field: value})
    step = steps.Step(field, {field: value}, facts={field: value})
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=desk.clock())
