"""Versions of a brand's query: keeping a new one, going back, what changed when. A version is never changed itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from inbox import events
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.lab.checking import read
from inbox.lab.diff import changes
from inbox.lab.editing import shortened
from inbox.lab.views import BrandLab, BrandRef, DayCount, QueryChange, Version
from inbox.sentences import Sentence
from store import brands, lab
from store.brands import QueryVersionRow
from store.schema import user_account
from understanding.measuring import Share

BRAND = "brand"
LISTED = 50
"""Versions that are shown; older ones stay in the store."""
CHART_DAYS = 90
LONGEST_TOLD = 300
"""Code points of a text that the record tells; the version itself holds all of it."""

_MOVED_ON = Sentence(
    "Somebody else saved this query since you opened it. Your text is still here; look at theirs, then save again."
)
_SAME = Sentence("This is what the query says already.")


def save(desk: Desk, brand_id: str, text: str, *, author: str, user_id: int | None, seen: int | None = None) -> int:
    """Keep a new version that counts from now on; gives its id. Workers notice within a quarter of a minute.

    Args:
        desk: where.
        brand_id: whose query.
        text: what it says from now on.
        author: login of who saves it, or `cli`.
        user_id: their id; None for the command line.
        seen: the version that the text was made from; refused when another text counts by now.

    Raises:
        BadSearch: the text cannot be read, or only excludes.
        BadInput: it says what counts already, or somebody saved another version since.
        NotFound: no such brand.
    """
    text = text.strip()
    read(text)
    with desk.store.write() as conn:
        desk.store.dialect.serialize(conn, f"klankbord query {brand_id}")
        brand_of(conn, brand_id)
        now = desk.clock()
        rows = brands.versions_of(conn, brand_id)
        last = current_of(rows, now)
        read_from = {row.text for row in rows if row.id == seen}
        if last is not None and read_from and last.text not in read_from:
            raise BadInput(_MOVED_ON, query="changed")
        if last is not None and last.text == text:
            raise BadInput(_SAME, query="same")
        made = brands.save_query(conn, desk.store, brand_id, text, author=author, now=now)
        told = {"version": str(made), "before": "" if last is None else _told(last.text), "after": _told(text)}
        events.append(desk, conn, (BRAND, brand_id), "query_saved", actor_id=user_id, after={"facts": told})
        return made


def go_back(desk: Desk, version_id: int, *, author: str, user_id: int | None) -> int:
    """Let an earlier version count again, as a new one with its text; gives the new one's id.

    Raises:
        BadSearch: this release of Klankbord cannot read it any more.
        BadInput: it is what counts now.
        NotFound: no such version.
    """
    found = next((one for one in brands.query_versions(desk.store) if one.id == version_id), None)
    if found is None:
        raise NotFound(what="version", key=version_id)
    return save(desk, found.brand_id, found.text, author=author, user_id=user_id)


def current_of(versions: Sequence[QueryVersionRow], now: datetime) -> QueryVersionRow | None:
    """Of versions in their order, the one that counts."""
    return next((one for one in reversed(versions) if one.valid_from <= now), None)


def changed(versions: Sequence[QueryVersionRow], start: datetime, end: datetime) -> tuple[QueryChange, ...]:
    """When a query began to say something else in [start, end), oldest first; its first version is no change."""
    return tuple(
        QueryChange(one.id, one.valid_from, one.author, earlier.text, one.text)
        for earlier, one in pairwise(versions)
        if earlier.text != one.text and start <= one.valid_from < end
    )


def query_changes(desk: Desk, brand_id: str, start: datetime, end: datetime) -> tuple[QueryChange, ...]:
    """When a brand's query changed in [start, end), for marks in charts. Raises: NotFound."""
    with desk.store.read() as conn:
        brand_of(conn, brand_id)
        return changed(brands.versions_of(conn, brand_id), start, end)


def opened(desk: Desk, brand_id: str) -> BrandLab:
    """A brand's query with its history and the marks of its chart. Raises: NotFound."""
    now = desk.clock()
    zone = ZoneInfo(desk.settings.timezone)
    since = now.astimezone(zone).date() - timedelta(days=CHART_DAYS - 1)
    with desk.store.read() as conn:
        brand = brand_of(conn, brand_id)
        rows = brands.versions_of(conn, brand_id)
        labels = lab.counts_of_labels(conn, {lab.text_key(brand_id, one.text) for one in rows[-LISTED:]})
        per_day = lab.matches_per_day(conn, brand_id, since=since)
        names = _names(conn, {one.author for one in rows[-LISTED:]})
    current = current_of(rows, now)
    days = [since + timedelta(days=n) for n in range(CHART_DAYS)]
    return BrandLab(
        brand=brand,
        text="" if current is None else current.text,
        version_id=None if current is None else current.id,
        versions=_listed(brand_id, rows, current, labels, names),
        per_day=tuple(DayCount(day, per_day.get(day, 0)) for day in days),
        changed=changed(rows, now - timedelta(days=CHART_DAYS), now + timedelta(seconds=1)),
    )


def refs(desk: Desk) -> tuple[BrandRef, ...]:
    """All brands, our own before competitors."""
    with desk.store.read() as conn:
        return tuple(BrandRef(one.id, one.name, one.competitor) for one in brands.all_brands(conn))


def brand_of(conn: Connection, brand_id: str) -> BrandRef:
    """One brand. Raises: NotFound."""
    for one in brands.all_brands(conn):
        if one.id == brand_id:
            return BrandRef(one.id, one.name, one.competitor)
    raise NotFound(what="brand", key=brand_id)


def _names(conn: Connection, logins: set[str]) -> dict[str, str]:
    c = user_account.c
    return {row.login: row.name for row in conn.execute(select(c.login, c.name).where(c.login.in_(sorted(logins))))}


def _told(text: str) -> str:
    short = shortened(text)
    return short if len(short) <= LONGEST_TOLD else f"{short[:LONGEST_TOLD]} …"


def _listed(
    brand_id: str,
    rows: Sequence[QueryVersionRow],
    current: QueryVersionRow | None,
    labels: dict[str, tuple[int, int]],
    names: dict[str, str],
) -> tuple[Version, ...]:
    shown = []
    for place in range(len(rows) - 1, max(-1, len(rows) - 1 - LISTED), -1):
        row = rows[place]
        before = rows[place - 1].text if place else ""
        shown.append(
            Version(
                id=row.id,
                text=row.text,
                short=shortened(row.text),
                author=names.get(row.author, row.author),
                valid_from=row.valid_from,
                current=row is current,
                changes=changes(shortened(before), shortened(row.text)),
                precision=Share(*labels.get(lab.text_key(brand_id, row.text), (0, 0))),
            )
        )
    return tuple(shown)
