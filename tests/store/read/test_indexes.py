"""Every index is in the database, is used by the query it is kept for, and no list sorts or scans."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from benchmarks.corpus import NOW
from store import (
    accounts,
    alert_deliveries,
    alerts,
    contacts,
    corrections,
    coverage,
    drafts,
    duties,
    export_jobs,
    figures,
    hand_overs,
    intake,
    kpi_facts,
    lab,
    mail,
    named,
    noise,
    outbox,
    persons,
    pictures,
    presence,
    promises,
    quarantine,
    record,
    reports,
    retention,
    ruling,
    saved,
    source_health,
    specialists,
    templates,
    theming,
    thread,
    tone_words,
    upkeep,
    volumes,
    waiting,
)
from store.badges import count_views, facet
from store.engine import Store
from store.export_rows import ExportFilter, export_mentions
from store.filters import NOBODY, ConversationFilter
from store.handing import Recipient
from store.indexes import INDEXES, Index
from store.kpi_facts import Wanted
from store.lists import list_conversations, next_unclaimed
from store.ordering import Order
from store.search_nodes import Anything, Prefix
from tests.store.read.conftest import Statements
from tests.store.read.plans import Plan, plan
from tests.store.read.searches import judged

_F = ConversationFilter
_WEEK = Wanted(NOW - timedelta(days=7), NOW)
# Few rows or none on purpose: they hold what is configured or what waits, and a scan of nothing is the best plan.
SMALL = {
    "backlog_snapshot",
    "source",
    "source_duty",
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
    lacking = judged(Anything(), Prefix("word3"))
    for wanted in (_F(scope="all", text=lacking), _F(text=lacking), _F(text=judged(Prefix("word1")))):
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
    list(export_mentions(archive, ExportFilter(langs=("de",)), to=Recipient("command", date(2026, 3, 10))))
    asked = statements.take()
    with archive.read() as conn:
        for statement, parameters in asked:
            one = plan(conn, statement, parameters)
            if archive.is_sqlite:  # PostgreSQL reads a table this small as a whole, and may
                assert not one.scanned - SMALL, one.text
                assert one.sorted_rows == 0, one.text


SERVED: dict[str, Callable[[Store, Connection], object]] = {
    "ix_conversation_closed": lambda _, c: list_conversations(c, _F(scope="all", statuses=("spam",))),
    "ix_conversation_routing": lambda _, c: waiting.routing_pending(c),
    "ix_conversation_snoozed": lambda _, c: waiting.snoozes_over(c, now=NOW),
    "ix_conversation_claim": lambda _, c: waiting.claims_lapsed(c, now=NOW),
    "ix_conversation_tag_conversation": lambda _, c: thread.tags_of(c, [1, 2]),
    "ix_conversation_theme_conversation": lambda _, c: theming.themes_of(c, [1, 2]),
    "ix_conversation_theme_day": lambda _, c: theming.raised_in(c, 5, since=NOW.date(), limit=5),
    "ix_theme_day_source": lambda _, c: volumes.theme_volumes(
        c, volumes.Wanted(source_ids=("source150",)), first=NOW.date(), until=NOW.date() + timedelta(days=9)
    ),
    "ix_theme_verdict_theme": lambda _, c: theming.verdicts_on(c, 5),
    "ix_mention_thread": lambda _, c: thread.mentions_of(c, 1, before=(NOW, 5)),
    "ix_mention_author": lambda _, c: contacts.author_history(c, [5], before=(NOW, 5)),
    "ix_mention_dup_of": lambda _, c: thread.copies_in(c, 1),
    "ix_near_key_mention": lambda s, _: upkeep.forget_near_keys(s, before=NOW),
    "ix_mention_source": lambda _, c: source_health.delays(c, "source150", since=NOW, archive_after_s=10),
    "ix_mention_source_found": lambda _, c: source_health.totals(c),
    "ix_mention_brand_mention": lambda _, c: thread.brands_of(c, [1]),
    "ix_author_person": lambda _, c: contacts.accounts_of(c, 1),
    "ix_person_merged": lambda _, c: persons.badges_of(c, [1, 2]),
    "ix_person_clue_author": lambda _, c: persons.clues_of(c, [1, 2]),
    "ix_person_suggestion_other": lambda _, c: persons.suggestions_of(c, [5]),
    "ix_event_object": lambda _, c: thread.events_of(c, "conversation", "5"),
    "ix_event_rule": lambda _, c: ruling.hit_counts(c, now=NOW),
    "ix_event_record": lambda _, c: record.record(c, limit=5, before=10**12, actions=("signed_in",), person_id=3),
    "ix_user_session_user": lambda _, c: accounts.sessions_of(c, 5, now=NOW, seen_after=NOW, limit=5),
    "ix_recovery_code_user": lambda _, c: accounts.recovery_codes_left(c, 5),
    "ix_user_account_oidc": lambda _, c: accounts.account_at_provider(c, "https://id.example", "5"),
    "ix_export_job_open": lambda _, c: export_jobs.unfinished(c),
    "ix_export_job_kept": lambda _, c: export_jobs.kept(c),
    "ix_export_job_untold": lambda _, c: export_jobs.untold(c),
    "ix_export_job_period": lambda _, c: export_jobs.runs_of(c, 5, limit=5),
    "ix_outgoing_mail_state": lambda _, c: mail.waiting(c, states=mail.STUCK, limit=5),
    "ix_specialist_link_conversation": lambda _, c: specialists.questions_of(c, 5),
    "ix_note_conversation": lambda _, c: thread.notes_of(c, 5),
    "ix_gap_open": lambda s, _: coverage.open_gaps(s, "source001", "q"),
    "ix_run_source": lambda _, c: source_health.last_runs(c, "source001"),
    "ix_quarantine_waiting": lambda s, _: quarantine.list_quarantine(s, source_id="source001"),
    "ix_quarantine_answer": lambda s, _: quarantine.waiting_answers(s, "source001"),
    "ix_presence_at": lambda _, c: presence.recent(c, since=NOW),
    "ix_draft_user": lambda _, c: drafts.of_person(c, 5),
    "ix_template_owner": lambda _, c: templates.of_owner(c, None),
    "ix_outbox_due": lambda _, c: outbox.due(c, now=NOW),
    "ix_outbox_lapsed": lambda _, c: outbox.lapsed(c, now=NOW),
    "ix_outbox_conversation": lambda _, c: outbox.of_conversation(c, 5),
    "ix_outbox_approval": lambda _, c: outbox.waiting_for_approval(c),
    "ix_outbox_troubled": lambda _, c: outbox.troubled(c),
    "ix_saved_view_owner": lambda _, c: saved.seen_by(c, user_id=1, team_id="webcare"),
    "ix_conversation_promise": lambda _, c: promises.promised(c),
    "ix_promise_conversation": lambda _, c: promises.of_conversation(c, 5),
    "ix_promise_pending": lambda _, c: promises.over(c, now=NOW),
    "ix_promise_remind": lambda _, c: promises.to_remind(c, now=NOW),
    "ix_kpi_fact_period": lambda _, c: kpi_facts.of_period(c, ["resolution"], _WEEK),
    "ix_kpi_fact_begun": lambda _, c: kpi_facts.begun_in(c, _WEEK),
    "ix_kpi_fact_cycle": lambda _, c: kpi_facts.arrived(c, _WEEK),
    "ix_kpi_fact_conversation": lambda _, c: kpi_facts.all_of_conversation(c, 1),
    "ix_report_of_schedule": lambda _, c: reports.made_for(c, 5, date(2026, 3, 9)),
    "ix_report_quote_report": lambda _, c: reports.quotes_of(c, 5),
    "ix_conversation_arrived": lambda _, c: kpi_facts.arrived(c, _WEEK),
    "ix_promise_due": lambda _, c: promises.fell_due(c, _WEEK),
    "ix_note_mention_unseen": lambda _, c: named.count_unseen(c, 3),
    "ix_note_mention_user": lambda _, c: named.conversations_naming(c, 3),
    "ix_query_label_brand": lambda _, c: lab.said_to_be(c, "brand00", relevant=False, limit=5),
    "ix_hand_over_standing": lambda _, c: hand_overs.standing(c, "webcare"),
    "ix_tone_word_now": lambda _, c: tone_words.standing(c),
    "ix_label_item_mention": lambda _, c: corrections.to_learn_from(c),
    "ix_mention_corrected": lambda _, c: corrections.to_learn_from(c),
    "ix_mention_recheck": lambda _, c: duties.to_recheck(c, "source001", now=NOW, limit=5),
    "ix_mention_erase": lambda _, c: retention.over(c, now=NOW),
    "ix_author_profile": lambda _, c: retention.profiles_over(c, now=NOW),
    "ix_outgoing_mail_conversation": lambda _, c: mail.of_conversations(c, [5]),
    "ix_intake_waiting": lambda _, c: intake.waiting(c, now=NOW, limit=5),
    "ix_intake_received": lambda s, _: intake.forget_seen(s, before=NOW),
    "ix_media_wanted": lambda _, c: pictures.wanted(c, now=NOW, without=("s.example",)),
    "ix_media_kept": lambda _, c: (pictures.used(c), pictures.oldest(c, before=NOW)),
    "ix_media_link": lambda _, c: pictures.by_link(c, "abc", large=True),
    "ix_noise_rule_updated": lambda _, c: noise.stamp_of_rules(c),
    "ix_noise_rule_value": lambda _, c: noise.same_rule(c, "site", "casino.example"),
    "ix_noise_hit_rule": lambda _, c: noise.hit_counts(c, now=NOW),
    "ix_noise_hit_at": lambda _, c: noise.set_aside(c, before=(NOW, 5), limit=5),
    "ix_noise_hit_conversation": lambda _, c: noise.standing_in(c, 5),
    "ix_alert_fired": lambda _, c: alerts.since(c, NOW),
    "ix_alert_delivery_alert": lambda _, c: alert_deliveries.of_alerts(c, [5]),
    "ix_alert_delivery_receiver": lambda _, c: alert_deliveries.latest_of(c, 5),
    "ix_alert_delivery_state": lambda _, c: alert_deliveries.anything_to_do(c, now=NOW),
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
    if name in {"ix_unmatched_found", "ix_intake_received"}:
        SERVED[name](archive, None)
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
