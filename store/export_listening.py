"""What stands around the messages, streamed out: authors, colleagues, themes, sources, runs, gaps and queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from store.engine import Store
from store.export_filter import Asked, ExportFilter
from store.export_finding import AUTHORS, FLAGS, as_may_leave, by_columns
from store.export_reading import Rows, streamed
from store.export_shape import Batch, Column, Kind, Veil, plain
from store.handing import rules
from store.schema import author, brand, gap, query_version, run, source, theme, user_account

_ID, _INTEGER, _REAL, _TEXT, _INSTANT, _FLAG = (
    Kind.ID, Kind.INTEGER, Kind.REAL, Kind.TEXT, Kind.INSTANT, Kind.FLAG,
)  # fmt: skip

AUTHOR_COLUMNS: tuple[Column, ...] = (
    Column("id", _ID, "the author's id; `author_id` elsewhere", veil=Veil.ACCOUNT),
    Column("platform", _TEXT, "such as mastodon, discourse, feeds"),
    Column("external_id", _TEXT, "the platform's id", veil=Veil.GONE),
    Column("handle", _TEXT, "short name", veil=Veil.HANDLE, theirs=True),
    Column("name", _TEXT, "display name", veil=Veil.NAME, theirs=True),
    Column("url", _TEXT, "profile page", veil=Veil.GONE, theirs=True),
    Column("followers", _INTEGER, "audience; empty when not given", "accounts", theirs=True),
    Column("is_staff", _FLAG, "one of ours"),
    Column("is_bot", _FLAG, "a machine, as the platform tells"),
    Column("person_id", _ID, "the same for accounts that are one person", veil=Veil.ACCOUNT),
    FLAGS,
)
_AUTHOR = [plain(author.c[column.name], column.name) for column in AUTHOR_COLUMNS[:-1]]

USER_COLUMNS: tuple[Column, ...] = (
    Column("id", _ID, "the colleague's id; `assignee_id`, `actor_id` and the like elsewhere", veil=Veil.USER),
    Column("login", _TEXT, "name to sign in with", veil=Veil.NAME),
    Column("name", _TEXT, "name", veil=Veil.NAME),
    Column("role", _TEXT, "agent, lead, analyst, specialist, administrator, read_only"),
    Column("team_id", _TEXT, "team"),
    Column("active", _FLAG, "whether they can sign in"),
    Column("created_at", _INSTANT, "when the account was made"),
)
THEME_COLUMNS: tuple[Column, ...] = (
    Column("id", _ID, "the theme's id; `theme_id` elsewhere"),
    Column("name", _TEXT, "name"),
    Column("description", _TEXT, "what it is about"),
    Column("owner_id", _ID, "who sees to it; `id` of users", veil=Veil.USER),
    Column("query", _TEXT, "query that links to it; empty without one"),
    Column("created_by", _ID, "`id` of users", veil=Veil.USER),
    Column("created_at", _INSTANT, "when it was made"),
    Column("updated_at", _INSTANT, "last change"),
    Column("archived_at", _INSTANT, "since when it is offered no more"),
    Column("merged_into", _ID, "the theme that took over its links"),
)
SOURCE_COLUMNS: tuple[Column, ...] = (
    Column("id", _TEXT, "the source's id; `source_id` elsewhere"),
    Column("connector", _TEXT, "what reads it"),
    Column("platform", _TEXT, "such as mastodon, discourse, feeds"),
    Column("name", _TEXT, "name"),
    Column("own", _FLAG, "a channel of our own"),
    Column("enabled", _FLAG, "whether the configuration wants it"),
    Column("every_s", _INTEGER, "how often it is asked", "s"),
    Column("archive_after_s", _INTEGER, "older messages are only archived", "s"),
    Column("health", _TEXT, "ok, waiting, trouble, login, refused, gone, off"),
    Column("health_text", _TEXT, "the same in a sentence"),
    Column("error_since", _INSTANT, "since when it fails"),
    Column("last_ok_at", _INSTANT, "when it was last asked with success"),
    Column("last_item_at", _INSTANT, "when it last brought something"),
    Column("paused_at", _INSTANT, "since when it stands still, because somebody said so"),
)
RUN_COLUMNS: tuple[Column, ...] = (
    Column("id", _ID, "the run's id; grows with time"),
    Column("source_id", _TEXT, "`id` of sources"),
    Column("query_id", _TEXT, "what was asked of it"),
    Column("started_at", _INSTANT, "when it began"),
    Column("ended_at", _INSTANT, "when it ended; empty while it runs and where it was killed"),
    Column("asked_from", _INSTANT, "start of the stretch that was asked for"),
    Column("asked_to", _INSTANT, "end of it"),
    Column("pages", _INTEGER, "answers that were read", "pages"),
    Column("http_calls", _INTEGER, "calls of the platform", "calls"),
    Column("received", _INTEGER, "items in its answers", "items"),
    Column("stored", _INTEGER, "of these new", "items"),
    Column("changed", _INTEGER, "of these edited since", "items"),
    Column("duplicate", _INTEGER, "of these known", "items"),
    Column("unmatched", _INTEGER, "of these that no brand query matched", "items"),
    Column("quarantined", _INTEGER, "of these that could not be read", "items"),
    Column("unchanged", _FLAG, "the platform said that nothing had changed"),
    Column("delay_p50_s", _REAL, "median of published to visible", "s"),
    Column("delay_p95_s", _REAL, "95th percentile of published to visible", "s"),
    Column("error_class", _TEXT, "what went wrong; empty when nothing did"),
    Column("error_text", _TEXT, "the same in a sentence"),
)
GAP_COLUMNS: tuple[Column, ...] = (
    Column("id", _ID, "the gap's id"),
    Column("source_id", _TEXT, "`id` of sources"),
    Column("query_id", _TEXT, "what was asked of it"),
    Column("start_at", _INSTANT, "start of the stretch that is not covered"),
    Column("end_at", _INSTANT, "end of it"),
    Column("reason", _TEXT, "budget, quota, lost, error"),
    Column("text", _TEXT, "the same in a sentence"),
    Column("found_at", _INSTANT, "when it was noticed"),
    Column("filled_at", _INSTANT, "when it was covered after all"),
)
QUERY_COLUMNS: tuple[Column, ...] = (
    Column("id", _ID, "the version's id; grows with time"),
    Column("brand_id", _TEXT, "the brand; `brand_ids` elsewhere"),
    Column("brand_name", _TEXT, "its name"),
    Column("competitor", _FLAG, "a brand of somebody else"),
    Column("text", _TEXT, "the query"),
    Column("author", _TEXT, "who wrote it", veil=Veil.NAME),
    Column("valid_from", _INSTANT, "from when it counted, until the next version"),
)


def export_authors(store: Store, asked: Asked) -> Iterator[Batch]:
    """Authors with a mention that the filter finds, by id."""
    with store.read() as conn:
        limited = {one.platform for one in rules(conn).values() if one.per_day is not None}

    def complete(conn: Connection, rows: Rows) -> Batch:
        kept = AUTHORS.kept(conn, asked.wanted, asked.bound.mention_id, [row[0] for row in rows])
        batch = by_columns([row for row in rows if row[0] in kept] if asked.wanted.text else rows, len(_AUTHOR))
        places = {place for place, one in enumerate(batch.columns[1]) if one in limited}
        return as_may_leave(AUTHOR_COLUMNS, batch, places, {})

    query = select(*_AUTHOR).where(AUTHORS.holds(asked.wanted, asked.bound.mention_id))
    return streamed(store, query, author.c.id, complete)


def export_runs(store: Store, asked: Asked) -> Iterator[Batch]:
    """Runs of the sources of the filter that began in its period, by id."""
    query = select(*_selected(run, RUN_COLUMNS)).where(run.c.id <= asked.bound.highest, *_of_sources(run, asked.wanted))
    if asked.wanted.since is not None:
        query = query.where(run.c.started_at >= asked.wanted.since)
    if asked.wanted.until is not None:
        query = query.where(run.c.started_at < asked.wanted.until)
    return streamed(store, query, run.c.id, lambda _conn, rows: by_columns(rows, len(RUN_COLUMNS)))


def export_gaps(store: Store, asked: Asked) -> Iterator[Batch]:
    """Gaps of the sources of the filter that overlap its period, by id."""
    query = select(*_selected(gap, GAP_COLUMNS)).where(gap.c.id <= asked.bound.highest, *_of_sources(gap, asked.wanted))
    if asked.wanted.since is not None:
        query = query.where(gap.c.end_at > asked.wanted.since)
    if asked.wanted.until is not None:
        query = query.where(gap.c.start_at < asked.wanted.until)
    return streamed(store, query, gap.c.id, lambda _conn, rows: by_columns(rows, len(GAP_COLUMNS)))


def export_sources(store: Store, asked: Asked) -> Iterator[Batch]:
    """The sources of the filter as they are now, by id."""
    query = select(*_selected(source, SOURCE_COLUMNS))
    if asked.wanted.source_ids:
        query = query.where(source.c.id.in_(asked.wanted.source_ids))
    return _at_once(store, query.order_by(source.c.id), len(SOURCE_COLUMNS))


def export_users(store: Store, _asked: Asked) -> Iterator[Batch]:
    """All colleagues as they are now, by id."""
    return _at_once(
        store, select(*_selected(user_account, USER_COLUMNS)).order_by(user_account.c.id), len(USER_COLUMNS)
    )


def export_themes(store: Store, asked: Asked) -> Iterator[Batch]:
    """The themes of the filter as they are now, archived ones too, by id."""
    query = select(*_selected(theme, THEME_COLUMNS))
    if asked.wanted.theme_ids:
        query = query.where(theme.c.id.in_(asked.wanted.theme_ids))
    return _at_once(store, query.order_by(theme.c.id), len(THEME_COLUMNS))


def export_queries(store: Store, asked: Asked) -> Iterator[Batch]:
    """All versions of the queries of the filter's brands, by id."""
    c = query_version.c
    named = {"brand_name": brand.c.name, "competitor": brand.c.competitor}
    columns = [plain(named[each.name] if each.name in named else c[each.name], each.name) for each in QUERY_COLUMNS]
    query = select(*columns).select_from(query_version.outerjoin(brand, brand.c.id == c.brand_id))
    if asked.wanted.brand_ids:
        query = query.where(c.brand_id.in_(asked.wanted.brand_ids))
    return _at_once(store, query.order_by(c.id), len(QUERY_COLUMNS))


def _selected(table: Table, columns: Sequence[Column]) -> list[ColumnElement[Any]]:
    return [plain(table.c[column.name], column.name) for column in columns]


def _of_sources(table: Table, wanted: ExportFilter) -> list[ColumnElement[bool]]:
    return [table.c.source_id.in_(wanted.source_ids)] if wanted.source_ids else []


def _at_once(store: Store, query: Select[Any], width: int) -> Iterator[Batch]:
    """A table that has a handful of rows."""
    with store.read() as conn:
        rows = conn.execute(query).all()
    yield by_columns(rows, width)
