"""Merging a theme into another: its conversations move along, each counted once; its history stays.

Beginning archives the theme and writes the event; then conversations follow in stretches, each a short transaction. If
that is broken off, the worker finishes it (`finish`), as it does for whoever linked to the old theme meanwhile.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.sentences import Sentence
from inbox.themes import keeping
from inbox.themes.views import Merging
from inbox.views import CurrentUser
from store import theming
from store.engine import Store
from store.schema import saved_view, theme

PER_TRANSACTION = 200
_TRANSACTIONS = 10


def merge(desk: Desk, user: CurrentUser, theme_id: int, into: int) -> Merging:
    """Let a theme be part of another from now on. It cannot be undone: nobody can tell any more which links were whose.

    Raises:
        NotFound: one of them is not there.
        BadInput: they are the same, or one is out of use.
    """
    if theme_id == into:
        raise BadInput(Sentence("A theme cannot be merged into itself; choose another one."))
    with desk.store.write() as conn:
        first, second = (keeping.locked(conn, number) for number in sorted((theme_id, into)))
        old, new = (first, second) if first.id == theme_id else (second, first)
        if old.archived_at is not None or new.archived_at is not None:
            raise BadInput(Sentence("Only themes that are in use can be merged."))
        now = desk.clock()
        changed = {"archived_at": now, "merged_into": new.id, "applying_since": None, "updated_at": now}
        conn.execute(theme.update().where(theme.c.id == old.id).values(**changed, version=old.version + 1))
        # Who was merged into the old one goes along, so that a merged theme always names one that stands.
        conn.execute(theme.update().where(theme.c.merged_into == old.id).values(merged_into=new.id))
        conn.execute(theme.update().where(theme.c.id == new.id).values(version=new.version + 1))
        theming.replace_verdicts(conn, old.id, new.id)
        _move_views(conn, old.id, new.id)
        n = theming.n_links(conn, old.id)
        keeping.record(desk, conn, user, new.id, "theme_merged", name=new.name, old=old.name, old_id=old.id, n=n)
    return go_on(desk.store, Merging(old.id, new.id, n=0, left=n))


def go_on(store: Store, so_far: Merging) -> Merging:
    """Move the next stretch of conversations."""
    n = 0
    for _ in range(_TRANSACTIONS):
        some = store.write_again(
            lambda conn: theming.replace_some(conn, store, so_far.old, so_far.new, limit=PER_TRANSACTION)
        )
        n += some
        if some < PER_TRANSACTION:
            return Merging(so_far.old, so_far.new, n=so_far.n + n, left=0, done=True)
    with store.read() as conn:
        left = theming.n_links(conn, so_far.old)
    return Merging(so_far.old, so_far.new, n=so_far.n + n, left=left, done=left == 0)


def finish(store: Store) -> int:
    """Move what still hangs on themes that were merged; how many conversations. For the worker."""
    with store.read() as conn:
        left = theming.leftovers(conn)
    n = 0
    for old, new in left:
        so_far = Merging(old, new, n=0, left=1)
        while not so_far.done:
            so_far = go_on(store, so_far)
        n += so_far.n
    return n


def _move_views(conn: Connection, old: int, new: int) -> None:
    for row in conn.execute(select(saved_view.c.id, saved_view.c.filters)).all():
        wanted = list((row.filters or {}).get("theme_ids") or ())
        if old in wanted:
            ids = list(dict.fromkeys(new if one == old else one for one in wanted))
            changed = {**row.filters, "theme_ids": ids}
            conn.execute(saved_view.update().where(saved_view.c.id == row.id).values(filters=changed))
