"""Renaming a tag and joining it to another: over all conversations, rules and saved views, with one event.

Beginning changes what would bring the old tag back (its description, rules, saved views) and writes the event; then
conversations follow in stretches, each a short transaction. If that is broken off, both tags are in use, and joining
the old one to the new one finishes the work.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from inbox.annotate import clean_tag
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.rules import keeping
from inbox.sentences import Sentence
from inbox.tags.views import Renaming
from inbox.tags.vocabulary import record
from inbox.views import CurrentUser
from store import tagging
from store.schema import saved_view, tag

_PER_TRANSACTION = 500
_TRANSACTIONS = 10


def rename(desk: Desk, user: CurrentUser, old: str, new: str) -> Renaming:
    """Give a tag another name that is not in use.

    Raises:
        BadInput: the new name is taken; then the two can be joined.
        NotFound: there is no such tag.
    """
    was, now = clean_tag(old), clean_tag(new)
    with desk.store.read() as conn:
        taken = _exists(conn, now)
    if taken and was != now:
        raise BadInput(
            Sentence("There is a tag {tag} already. Join {was} to it if they mean the same.", tag=now, was=was), tag=now
        )
    return _replace(desk, user, was, now, "tag_renamed")


def join(desk: Desk, user: CurrentUser, old: str, into: str) -> Renaming:
    """Let a tag be part of another from now on: conversations with the one get the other.

    Raises:
        BadInput: a tag cannot be joined to itself.
        NotFound: one of them is not there.
    """
    was, now = clean_tag(old), clean_tag(into)
    if was == now:
        raise BadInput(Sentence("A tag cannot be joined to itself; choose another one."), tag=was)
    with desk.store.read() as conn:
        if not _exists(conn, now):
            raise NotFound(what="tag", key=now)
    return _replace(desk, user, was, now, "tag_joined")


def go_on(desk: Desk, so_far: Renaming) -> Renaming:
    """Replace the next stretch."""
    n = 0
    for _ in range(_TRANSACTIONS):
        with desk.store.write() as conn:
            some = tagging.replace_some(conn, so_far.old, so_far.new, limit=_PER_TRANSACTION)
        n += some
        if some < _PER_TRANSACTION:
            return Renaming(so_far.old, so_far.new, n=so_far.n + n, left=0, done=True)
    with desk.store.read() as conn:
        left = tagging.n_of(conn, so_far.old)
    return Renaming(so_far.old, so_far.new, n=so_far.n + n, left=left, done=left == 0)


def _replace(desk: Desk, user: CurrentUser, old: str, new: str, action: str) -> Renaming:
    if old == new:
        return Renaming(old, new, n=0, left=0, done=True)
    with desk.store.write() as conn:
        if not _exists(conn, old):
            raise NotFound(what="tag", key=old)
        _move_words(desk, conn, old, new)
        keeping.retag(desk, conn, user, old, new)
        _move_views(conn, old, new)
        n = tagging.n_of(conn, old)
        record(desk, conn, user, new, action, old=old, n=n)
    return go_on(desk, Renaming(old, new, n=0, left=n))


def _move_words(desk: Desk, conn: Connection, old: str, new: str) -> None:
    words = tagging.words_of_tags(conn)
    before = words.get(old)
    if new not in words:
        said = {"description": before.description, "colour": before.colour} if before else {"description": ""}
        made_at = before.created_at if before else desk.clock()
        conn.execute(tag.insert().values(tag=new, created_at=made_at, **said))
    conn.execute(tag.delete().where(tag.c.tag == old))


def _move_views(conn: Connection, old: str, new: str) -> None:
    for row in conn.execute(select(saved_view.c.id, saved_view.c.filters)).all():
        wanted = list((row.filters or {}).get("tags") or ())
        if old in wanted:
            tags = list(dict.fromkeys(new if one == old else one for one in wanted))
            changed = {**row.filters, "tags": tags}
            conn.execute(saved_view.update().where(saved_view.c.id == row.id).values(filters=changed))


def _exists(conn: Connection, name: str) -> bool:
    return name in tagging.words_of_tags(conn) or tagging.has_uses(conn, name)
