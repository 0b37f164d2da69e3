"""Learning suggestions anew from the links that agents made and the examples of themes. For the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from inbox.rules.gather import by_conversation
from inbox.stretches import stretches
from inbox.themes.suggesting import words_of
from store import ruling, theming
from store.engine import Store
from understanding.themes.learning import Taught, learn, measure

MOST = 3_000
"""Links that are learned from, the newest: half a second, and what was true of themes two years ago fades."""
AT_LEAST_EVERY = timedelta(hours=24)
NEWS = 10
"""New or removed links after which it is worth learning before the night."""
_KEPT = timedelta(days=400)
_PER_READ = 200


def relearn(store: Store, now: datetime, *, force: bool = False) -> bool:
    """Learn anew, when themes changed, enough links did, or a day went by; whether it was done."""
    with store.read() as conn:
        links = sorted(theming.taught(conn, limit=MOST))
        stamp = list(theming.stamp(conn))
        before = theming.newest_model(conn)
        if not force and before is not None and not _news(before, stamp, links, now):
            return False
        rows = {row.id: row for row in theming.standing(conn)}
        examples = [Taught(text, "und", row.id) for row in rows.values() for text in (row.name, *(row.examples or ()))]
        taught = _texts(conn, [one for one in links if one[1] in rows])
    learned = learn([*examples, *taught])
    held = measure(taught, always=examples)
    with store.write() as conn:
        theming.keep_model(
            conn,
            store,
            keep=_KEPT,
            made_at=now,
            n_links=len(links),
            n_held=held.n if held else 0,
            top_1=held.top_1 if held else None,
            top_2=held.top_2 if held else None,
            document={"stamp": stamp, "learned": learned.to_json() if learned else None},
        )
    return True


def _news(before: object, stamp: list[int], links: list[tuple[int, int]], now: datetime) -> bool:
    made_at, n_links, document = (getattr(before, name) for name in ("made_at", "n_links", "document"))
    return (
        (document or {}).get("stamp") != stamp
        or abs(len(links) - n_links) >= NEWS
        or (now - made_at >= AT_LEAST_EVERY and bool(links))
    )


def _texts(conn: Connection, links: list[tuple[int, int]]) -> list[Taught]:
    found = []
    for some in stretches(links, _PER_READ):
        messages = by_conversation(ruling.messages_of(conn, {number for number, _ in some}))
        for number, theme_id in some:
            text, lang = words_of(messages.get(number, ()))
            if text:
                found.append(Taught(text, lang, theme_id))
    return found
