"""Every index is in the database, is used by the query it is kept for, and no list sorts or scans."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from benchmarks.corpus import NOW
from store import contacts, coverage, figures, quarantine, source_health, thread, upkeep, waiting
from store.badges import count_views, facet
from store.engine import Store
from store.export_rows import ExportFilter, export_mentions
from store.filters import NOBODY, ConversationFilter
from store.indexes import INDEXES, Index
from store.lists import list_conversations, next_unclaimed
from store.ordering import Order
from store.search import Not, Prefix
from tests.store.read.conftest import Statements
from tests.store.read.plans import Plan, plan

_F = ConversationFilter
# Few rows or none on purpose: they hold what is configured or what waits, and a scan of nothing is the best plan.
SMALL = {
    "source",
    "source_schedule",
    "query_state",
    "coverage",
    "brand",
    "alembic_version",
    "hit",
    "candidate",
    "newest",
}


def _read(
    store: Store, work: Callable[[Connection], object], statements: Statements, *, large: bool = False
) -> list[Plan]:
    """Plans of all statements of some work; `large` asks PostgreSQL what it would do with large tables."""
    with store.read() as conn:
        statements.take()
        work(conn)
        asked = statements.take()
        statements.quiet = True
        if large and not store.is_sqlite:
            conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plans = [plan(conn, statement, parameters) for statement, parameters in asked]
        statements.quiet = False
    return plans


def _two_pages(wanted: ConversationFilter, order: Order = Order.INBOX) -> Callable[[Connection], object]:
    def work(conn: Connection) -> None:
        page = list_conversations(conn, wanted, order=order, limit=5)
        list_conversations(conn, wanted, order=order, limit=5, cursor=page.next_cursor)

    return work


LISTS: dict[str, tuple[Callable[[Connection], object], str]] = {
    "queue": (_two_pages(_F()), "ix_conversation_inbox"),
    "team": (_two_pages(_F(team_id="webcare")), "ix_conversation_inbox"),
    "overdue": (_two_pages(_F(due_before=NOW)), "ix_conversation_inbox"),
    "unassigned": (_two_pages(_F(assignee_id=NOBODY)), "ix_conversation_inbox"),
    "new": (_two_pages(_F(statuses=("new",))), "ix_conversation_inbox"),
    "source in the queue": (_two_pages(_F(source_ids=("source009",))), "ix_conversation_inbox_source"),
    "language in the queue": (_two_pages(_F(langs=("de",), brand_ids=("brand00",))), "ix_conversation_inbox_lang"),
    "two languages in the queue": (_two_pages(_F(langs=("nl", "en"))), "ix_conversation_inbox"),
    "open newest": (_two_pages(_F(), Order.NEWEST), "ix_conversation_open"),
    "open oldest": (_two_pages(_F(langs=("nl",)), Order.OLDEST), "ix_conversation_open"),
    "all": (_two_pages(_F(scope="all")), "ix_conversation_newest"),
    "all of a language": (_two_pages(_F(scope="all", langs=("fr",))), "ix_conversation_lang"),
    "a language and a kind": (_two_pages(_F(scope="all", langs=("nl",), kinds=("post",))), "ix_conversation_newest"),
    "a stretch": (_two_pages(_F(scope="all", until=NOW - timedelta(days=90))), "ix_conversation_newest"),
    "a common brand": (_two_pages(_F(scope="all", brand_ids=("brand00",))), "ix_conversation_newest"),
    "source": (_two_pages(_F(scope="all", source_ids=("source009",))), "ix_conversation_source"),
    "agent": (_two_pages(_F(scope="all", assignee_id=3)), "ix_conversation_assignee"),
    "next": (lambda conn: next_unclaimed(conn, now=NOW), "ix_conversation_next"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_walks_along_its_index_and_sorts_nothing(name: str, archive: Store, statements: Statements) -> None:
    work, index = LISTS[name]
    plans = _read(archive, work, statements)
    assert any(index in one.indexes for one in plans), plans
    for one in plans:
        assert not one.scanned - SMALL, one.text
        assert one.sorted_rows <= 1000, one.text


def test_sqlite_plans_the_same_before_it_has_statistics(
    store: Store, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine_name != "sqlite":
        pytest.skip("PostgreSQL gathers statistics by itself")
    heard: list[Plan] = []
    with store.read() as conn:
        run = conn.exec_driver_sql
        assert run("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'").scalar_one() == 0
        execute = conn.execute

        def listening(query: object, *rest: object) -> object:
            compiled = query.compile(conn.engine, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
            values = tuple(compiled.params[key] for key in compiled.positiontup)
            heard.append(plan(conn, str(compiled), tuple(_plain(value) for value in values)))
            return execute(query, *rest)  # type: ignore[call-overload]

        monkeypatch.setattr(conn, "execute", listening)
        list_conversations(conn, _F(source_ids=("a",), langs=("nl",), statuses=("new",), assignee_id=NOBODY))
        list_conversations(conn, _F(scope="all", langs=("nl",), platforms=("feeds",), statuses=("spam", "new")))
    assert [one.sorted_rows for one in heard] == [0, 0]
    assert [set(one.indexes) for one in heard] == [{"ix_conversation_inbox_source"}, {"ix_conversation_newest"}]


def _plain(value: object) -> object:
    return int(value) if isinstance(value, bool) else value


def test_a_rare_tag_or_brand_is_looked_up_instead_of_walked_to(archive: Store, statements: Statements) -> None:
    for wanted in (_F(scope="all", tags=("rare",)), _F(scope="all", brand_ids=("brand18",)), _F(tags=("rare",))):
        *_, last = _read(archive, lambda conn, wanted=wanted: list_conversations(conn, wanted), statements, large=True)
        assert not any(name.startswith("ix_conversation_n") for name in last.indexes), last.text
        assert not last.scanned - SMALL - {"conversation"}, last.text


def test_what_lacks_a_beginning_is_found_without_asking_the_full_text_about_each_mention(
    archive: Store, statements: Statements
) -> None:
    lacking = Not(Prefix("word3"))
    for wanted in (_F(scope="all", text=lacking), _F(text=lacking), _F(text=Prefix("word1"))):
        for one in _read(archive, lambda conn, wanted=wanted: list_conversations(conn, wanted), statements):
            assert "CORRELATED" not in one.text
            assert "SubPlan" not in one.text or "hashed SubPlan" in one.text


def test_badges_and_facets_read_one_index_and_nothing_else(archive: Store, statements: Statements) -> None:
    views = {"all": _F(), "mine": _F(assignee_id=3), "overdue": _F(due_before=NOW), "acme": _F(brand_ids=("brand01",))}
    (badges,) = _read(archive, lambda conn: count_views(conn, views), statements, large=True)
    (facets,) = _read(archive, lambda conn: facet(conn, _F(team_id="webcare"), "source_id"), statements, large=True)
    (standing,) = _read(archive, lambda conn: figures.backlog(conn, now=NOW), statements, large=True)
    for one in (badges, facets, standing):
        assert one.indexes in ({"ix_conversation_open"}, {"ix_conversation_inbox_source"}), one.text
        assert not one.scanned
    if archive.is_sqlite:
        assert "COVERING" in badges.text
        assert "COVERING" in facets.text


def test_an_export_walks_along_the_primary_key(archive: Store, statements: Statements) -> None:
    statements.take()
    list(export_mentions(archive, ExportFilter(langs=("de",))))
    asked = statements.take()
    with archive.read() as conn:
        for statement, parameters in asked:
            one = plan(conn, statement, parameters)
            if archive.is_sqlite:  # PostgreSQL reads a table this small as a whole, and may
                assert not one.scanned, one.text
                assert one.sorted_rows == 0, one.text


SERVED: dict[str, Callable[[Store, Connection], object]] = {
    "ix_conversation_closed": lambda _, c: list_conversations(c, _F(scope="all", statuses=("spam",))),
    "ix_conversation_routing": lambda _, c: waiting.routing_pending(c),
    "ix_conversation_snoozed": lambda _, c: waiting.snoozes_over(c, now=NOW),
    "ix_conversation_claim": lambda _, c: waiting.claims_lapsed(c, now=NOW),
    "ix_conversation_tag_conversation": lambda _, c: thread.tags_of(c, [1, 2]),
    "ix_mention_thread": lambda _, c: thread.mentions_of(c, 1, before=(NOW, 5)),
    "ix_mention_author": lambda _, c: contacts.author_history(c, [5], before=(NOW, 5)),
    "ix_mention_dup_of": lambda _, c: thread.duplicates_of(c, [1]),
    "ix_mention_source": lambda _, c: source_health.delays(c, "source150", since=NOW, archive_after_s=10),
    "ix_mention_source_found": lambda _, c: source_health.totals(c),
    "ix_mention_brand_mention": lambda _, c: thread.brands_of(c, [1]),
    "ix_author_person": lambda _, c: contacts.accounts_of(c, 1),
    "ix_event_object": lambda _, c: thread.events_of(c, "conversation", "5"),
    "ix_note_conversation": lambda _, c: thread.notes_of(c, 5),
    "ix_gap_open": lambda s, _: coverage.open_gaps(s, "source001", "q"),
    "ix_run_source": lambda _, c: source_health.last_runs(c, "source001"),
    "ix_quarantine_waiting": lambda s, _: quarantine.list_quarantine(s, source_id="source001"),
    "ix_unmatched_found": lambda s, _: upkeep.forget_unmatched(s, before=NOW),
}


def _explained_without_scans(store: Store, asked: list[tuple[str, object]]) -> set[str]:
    """Indexes the planner would use if the tables were large: on PostgreSQL small ones are otherwise just read."""
    used: set[str] = set()
    with store.read() as conn:
        if not store.is_sqlite:
            for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
                conn.exec_driver_sql(f"SET LOCAL {setting} = off")
        for statement, parameters in asked:
            if statement.startswith(("SELECT", "WITH")):
                used |= plan(conn, statement, parameters).indexes
            elif statement.startswith("DELETE"):
                told = conn.exec_driver_sql(
                    ("EXPLAIN QUERY PLAN " if store.is_sqlite else "EXPLAIN ") + statement, parameters
                )
                used |= {word for row in told for word in str(row).replace("'", " ").split() if word.startswith("ix_")}
    return used


@pytest.mark.parametrize("name", SERVED)
def test_an_index_is_used_by_the_query_it_is_kept_for(name: str, archive: Store, statements: Statements) -> None:
    statements.take()
    if name == "ix_unmatched_found":
        upkeep.forget_unmatched(archive, before=NOW)
    else:
        with archive.read() as conn:
            SERVED[name](archive, conn)
    assert name in _explained_without_scans(archive, statements.take())


def test_every_index_has_its_use_checked_above() -> None:
    checked = {index for _, index in LISTS.values()} | set(SERVED)
    assert {index.name for index in INDEXES} == checked


def _in_database(conn: Connection) -> dict[str, str]:
    """Definitions of the indexes that were made by CREATE INDEX; keys and constraints bring their own."""
    if conn.dialect.name == "sqlite":
        rows = conn.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    else:
        rows = conn.exec_driver_sql(
            "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid "
            "WHERE n.nspname = 'public' AND k.oid IS NULL"
        )
    return {row[0]: row[1] for row in rows}


def test_the_migrations_make_exactly_the_indexes_that_stand_beside_a_query(store: Store) -> None:
    with store.read() as conn:
        made = _in_database(conn)
    made.pop("ix_mention_search_tsv", None)  # the full text of PostgreSQL; SQLite keeps its own inside FTS5
    assert set(made) == {index.name for index in INDEXES}
    for index in INDEXES:
        if store.is_sqlite:
            assert made[index.name] == index.ddl("sqlite")
        else:
            assert _columns(made[index.name]) == _columns(index.ddl("postgresql")), index.name
            assert (" WHERE " in made[index.name]) == (index.where is not None)


def _columns(ddl: str) -> list[str]:
    inside = ddl[ddl.index("(") :].split(" WHERE ", maxsplit=1)[0].strip("() ")
    return [part.strip(" (").lower()[:8] for part in inside.split(",")]


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.name)
def test_an_index_names_queries_that_exist_and_a_reason(index: Index) -> None:
    assert index.why
    for dotted in index.queries:
        module, _, name = dotted.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name)), dotted
