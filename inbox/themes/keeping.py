"""Making, changing and archiving themes, and asking for a query to be held against older conversations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import events, searching
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.printable import printable
from inbox.sentences import Sentence
from inbox.themes.views import Draft
from inbox.views import CurrentUser
from store import theming
from store.schema import theme, user_account
from understanding.query import Place, needs_something

THEME = "theme"
LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_EXAMPLE, MOST_EXAMPLES = 80, 2_000, 500, 5
FURTHEST_BACK = 730
"""Days that a query may be held against."""


def make(desk: Desk, user: CurrentUser, draft: Draft) -> int:
    """Make a theme; gives its id.

    Raises:
        BadInput: the name is taken, or something does not fit.
        BadSearch: the query cannot be read.
    """
    values = _clean(draft)
    now = desk.clock()
    theme_id = desk.store.new_id()
    with desk.store.write() as conn:
        _check(conn, values, None)
        made = {"created_by": user.id, "created_at": now, "updated_at": now}
        conn.execute(theme.insert().values(id=theme_id, **made, **values))
        record(desk, conn, user, theme_id, "theme_made", name=values["name"])
    return theme_id


def change(desk: Desk, user: CurrentUser, theme_id: int, draft: Draft, *, version: int) -> None:
    """Change what a theme is; links stay as they are.

    Raises:
        NotFound: no such theme.
        BadInput: somebody changed it since, the name is taken, or something does not fit.
        BadSearch: the query cannot be read.
    """
    values = _clean(draft)
    with desk.store.write() as conn:
        before = locked(conn, theme_id)
        if before.version != version:
            raise BadInput(Sentence("Somebody changed this theme meanwhile. Look at it again, then change it."))
        _check(conn, values, theme_id)
        was = {name: getattr(before, name) for name in values if getattr(before, name) != values[name]}
        if was:
            _set(desk, conn, before, **values)
            record(desk, conn, user, theme_id, "theme_changed", name=values["name"], was=was)


def archive(desk: Desk, user: CurrentUser, theme_id: int, *, archived: bool) -> None:
    """Take a theme out of use, or use it again; links stay. Archiving twice is archiving once.

    Raises:
        NotFound: no such theme.
        BadInput: it was merged into another, or its name is in use by then.
    """
    with desk.store.write() as conn:
        before = locked(conn, theme_id)
        if (before.archived_at is not None) is archived:
            return
        if before.merged_into is not None:
            raise BadInput(Sentence("This theme was merged into another one; what it held is there."))
        if not archived:
            _check(conn, {"name": before.name}, theme_id)
        now = desk.clock()
        _set(desk, conn, before, archived_at=now if archived else None, applying_since=None, applying_cursor=None)
        record(desk, conn, user, theme_id, "theme_archived" if archived else "theme_unarchived", name=before.name)


def apply(desk: Desk, user: CurrentUser, theme_id: int, *, days: int) -> None:
    """Ask for the theme's query to be held against conversations of the last days; the worker does it, newest first.

    Raises:
        NotFound: no such theme.
        BadInput: it has no query or is out of use, or too many days.
    """
    if not 1 <= days <= FURTHEST_BACK:
        raise BadInput(Sentence("Choose 1 to {most} days.", most=FURTHEST_BACK))
    with desk.store.write() as conn:
        before = locked(conn, theme_id)
        if not before.query or before.archived_at is not None:
            raise BadInput(Sentence("Only a theme in use that has a query can be held against older conversations."))
        since = desk.clock() - timedelta(days=days)
        _set(desk, conn, before, applying_since=since, applying_cursor=None, applied_n=0)
        record(desk, conn, user, theme_id, "theme_applied", name=before.name, days=days)


def locked(conn: Connection, theme_id: int) -> Row[Any]:
    """A theme, locked until the transaction ends. Raises: NotFound."""
    row = theming.theme_by_id(conn, theme_id, lock=True)
    if row is None:
        raise NotFound(what="theme", key=theme_id)
    return row


def record(desk: Desk, conn: Connection, user: CurrentUser, theme_id: int, action: str, **facts: Any) -> None:
    """Append a line to the history of a theme."""
    events.append(desk, conn, (THEME, str(theme_id)), action, actor_id=user.id, after={"facts": facts})


def clean_query(query: str) -> str:
    """A query as it is kept, "" for none.

    Raises:
        BadSearch: it cannot be read.
        BadInput: it would match whatever does not hold a word.
    """
    clean = printable(query).strip()
    node = searching.parse(clean, Place.WORDS)
    if node is not None and not needs_something(node):
        raise BadInput(Sentence("A query must name at least one word to look for, not only words to leave out."))
    return clean


def _clean(draft: Draft) -> dict[str, Any]:
    examples = [text for one in draft.examples if (text := _line(one))]
    values = {"name": _line(draft.name), "description": printable(draft.description).strip()}
    if not 1 <= len(values["name"]) <= LONGEST_NAME:
        raise BadInput(Sentence("A theme has a name of 1 to {most} characters.", most=LONGEST_NAME))
    if len(values["description"]) > LONGEST_DESCRIPTION:
        raise BadInput(Sentence("A description has at most {most} characters.", most=LONGEST_DESCRIPTION))
    if len(examples) > MOST_EXAMPLES or any(len(one) > LONGEST_EXAMPLE for one in examples):
        raise BadInput(
            Sentence("Give at most {n} examples of at most {most} characters.", n=MOST_EXAMPLES, most=LONGEST_EXAMPLE)
        )
    return {**values, "query": clean_query(draft.query), "examples": examples, "owner_id": draft.owner_id}


def _check(conn: Connection, values: dict[str, Any], theme_id: int | None) -> None:
    names = {row.name.casefold(): row.id for row in theming.standing(conn)}
    if names.get(values["name"].casefold(), theme_id) != theme_id:
        raise BadInput(Sentence("There is a theme {name} already.", name=values["name"]), name=values["name"])
    owner_id = values.get("owner_id")
    if owner_id is not None:
        known = select(user_account.c.id).where(user_account.c.id == owner_id, user_account.c.active)
        if conn.execute(known).first() is None:
            raise NotFound(what="person", key=owner_id)


def _set(desk: Desk, conn: Connection, before: Row[Any], **values: Any) -> None:
    changed = {**values, "version": before.version + 1, "updated_at": desk.clock()}
    conn.execute(theme.update().where(theme.c.id == before.id).values(**changed))


def _line(text: str) -> str:
    return " ".join(printable(text).split())
