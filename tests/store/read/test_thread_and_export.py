"""A conversation opened, a person's history, and rows streamed out: nothing missing, nothing twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, func, select

from benchmarks.corpus import NOW
from store import newest
from store.contacts import accounts_of, author_history, count_contacts
from store.engine import Store
from store.export_mentions import export_query
from store.export_rows import ExportFilter, export_mentions, snapshot
from store.figures import backlog, volume_by_day, volume_by_hour
from store.filters import NOBODY
from store.handing import Recipient
from store.schema import conversation, mention, mention_brand
from store.search import unjudged
from store.search_nodes import Anything, Term
from store.source_health import nearest_rank, source_health, totals
from store.thread import mentions_by_id, mentions_of
from store.volumes import Wanted, volumes
from tests.store.read.searches import judged


def test_a_long_thread_is_paged_from_its_newest_end(conn: Connection) -> None:
    c = mention.c
    longest = conn.execute(
        select(c.conversation_id).group_by(c.conversation_id).order_by(func.count().desc()).limit(1)
    ).scalar_one()
    page = mentions_of(conn, longest, limit=100)
    rows = list(page.rows)
    while page.more:
        page = mentions_of(conn, longest, limit=100, before=(page.rows[0].sort_at, page.rows[0].id))
        rows = [*page.rows, *rows]
    assert [row.id for row in rows] == list(
        conn.execute(select(c.id).where(c.conversation_id == longest).order_by(c.sort_at, c.id)).scalars()
    )
    assert mentions_by_id(conn, [rows[0].id, 1]) == {rows[0].id: rows[0]}


def test_a_persons_history_runs_over_all_accounts(conn: Connection) -> None:
    accounts = accounts_of(conn, 101)
    assert accounts == [101, 100]
    assert accounts_of(conn, 450) == [450]
    contacts = author_history(conn, accounts, limit=4)
    while more := author_history(conn, accounts, limit=4, before=(contacts[-1].sort_at, contacts[-1].mention_id)):
        contacts += more
    c = mention.c
    expected = select(c.id).where(c.author_id.in_(accounts)).order_by(c.sort_at.desc(), c.id.desc())
    assert [one.mention_id for one in contacts] == list(conn.execute(expected).scalars())
    assert sum(count_contacts(conn, accounts).values()) >= len({one.conversation_id for one in contacts})


TO = Recipient("command", date(2026, 3, 10))
FILTERS = {
    "everything": ExportFilter(),
    "brand": ExportFilter(brand_ids=("brand01", "brand05")),
    "language and state": ExportFilter(langs=("nl", "de"), statuses=("resolved",), team_id=NOBODY),
    "a stretch": ExportFilter(since=NOW - timedelta(days=100), until=NOW - timedelta(days=10)),
    "somebody waits": ExportFilter(unanswered=True),
    "tag": ExportFilter(tags=("invoice",)),
    "word": ExportFilter(text=unjudged(Term("word7"))),
    "without a word": ExportFilter(text=judged(Anything(), Term("word7")), kinds=("review",)),
    "nothing": ExportFilter(text=unjudged(Term("nowhere"))),
}


def test_an_export_gives_the_same_rows_in_id_order_every_time(archive: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with archive.read() as conn:
        bound = snapshot(conn)
    for name, wanted in FILTERS.items():
        monkeypatch.setattr("store.export_reading.BATCH", 1000)
        rows = list(export_mentions(archive, wanted, to=TO, up_to=bound))
        assert [row.id for row in rows] == sorted({row.id for row in rows}), name
        monkeypatch.setattr("store.export_reading.BATCH", 797)
        assert list(export_mentions(archive, wanted, to=TO, up_to=bound)) == rows, name
        if len(rows) > 2:
            assert list(export_mentions(archive, wanted, to=TO, up_to=bound, after=rows[1].id)) == rows[2:], name


def test_an_export_leaves_nothing_out(archive: Store) -> None:
    rows = list(export_mentions(archive, ExportFilter(), to=TO))
    with archive.read() as conn:
        assert len(rows) == conn.execute(select(func.count()).select_from(mention)).scalar_one()
        of_brand = select(func.count()).select_from(mention_brand).where(mention_brand.c.brand_id == "brand02")
        assert sum("brand02" in row.brand_ids for row in rows) == conn.execute(of_brand).scalar_one()
    words = [row.id for row in rows if "word7" in [*row.text.split(), *(row.title or "").split()]]
    assert [row.id for row in export_mentions(archive, ExportFilter(text=unjudged(Term("word7"))), to=TO)] == words


def test_an_export_holds_no_transaction_between_batches_on_sqlite(archive: Store) -> None:
    if not archive.is_sqlite:
        pytest.skip("PostgreSQL reads one snapshot through one cursor")
    rows = export_mentions(archive, ExportFilter(), to=TO)
    next(rows)
    assert archive.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    rows.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "wanted",
    [
        ExportFilter(statuses=("new",)),
        ExportFilter(priorities=(2,)),
        ExportFilter(whys=("complaint",)),
        ExportFilter(team_id=NOBODY),
        ExportFilter(assignee_id=NOBODY),
        ExportFilter(unanswered=True),
        ExportFilter(tags=("nothing",)),
        ExportFilter(theme_ids=(1,)),
        ExportFilter(brand_ids=("acme",), unanswered=True),
    ],
)
def test_whatever_is_asked_of_the_conversation_the_newest_mentions_are_those_of_the_export(
    conn: Connection, wanted: ExportFilter
) -> None:
    found = newest.mentions(conn, wanted, limit=200, before=1 << 62)
    whole = export_query(wanted, 1 << 62).with_only_columns(mention.c.id, maintain_column_froms=True).order_by(None)
    assert list(found.ids) == sorted(conn.execute(whole).scalars(), reverse=True)[:200]


def test_rollups_and_rows_tell_the_same(conn: Connection) -> None:
    days = volume_by_day(conn, first=date(2020, 1, 1), last=date(2030, 1, 1))
    by_source = volumes(conn, Wanted(), grain="day", first=date(2020, 1, 1), until=date(2030, 1, 1), by="source_id")
    hours = volume_by_hour(conn, since=NOW - timedelta(days=9999), until=NOW + timedelta(days=1))
    n = conn.execute(select(func.count()).select_from(mention)).scalar_one()
    assert sum(day.n for day in days) == sum(row.n for row in by_source) == sum(hour.n for hour in hours) == n
    assert volume_by_day(conn, first=days[3].day, last=days[3].day, source_ids=("none",)) == []


def test_the_backlog_counts_open_work(conn: Connection) -> None:
    standing = backlog(conn, now=NOW)
    c = conversation.c
    assert standing.n_open == conn.execute(select(func.count()).where(c.is_open)).scalar_one()
    assert sum(standing.by_team.values()) == sum(standing.by_status.values()) == standing.n_open
    assert standing.overdue == conn.execute(select(func.count()).where(c.is_open, c.sla_due_at < NOW)).scalar_one()
    assert standing.oldest_open_at == conn.execute(select(func.min(c.sort_at)).where(c.is_open)).scalar_one()


def test_every_source_tells_what_it_brought(conn: Connection) -> None:
    brought = totals(conn)
    assert sum(one.stored for one in brought.values()) == conn.execute(select(func.count(mention.c.id))).scalar_one()
    (row,) = source_health(conn, now=NOW, window=timedelta(days=800), source_ids=["source000"])
    assert (row.delay_p50_s, row.delay_p95_s) == (40.0, 40.0)


def test_nearest_rank_is_a_value_that_was_measured() -> None:
    assert nearest_rank([], 0.5) is None
    assert nearest_rank([1.0], 0.95) == 1.0
    assert nearest_rank([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert nearest_rank([float(n) for n in range(1, 101)], 0.95) == 95.0
