"""The Export page: who sees it, what it says before and after, and what its buttons do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from inbox.desk import Desk
from inbox.export_jobs.making import make_next
from inbox.export_jobs.starting import shelf_of
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.settings import ExportSettings
from inbox.views import EVERYTHING, Filters, View
from screens import export_words, state
from store import export_jobs
from store.duties import DutyRecord, sync_duties
from tests.screens import sample
from tests.screens.conftest import ROOT, House
from tests.screens.test_app import html

Open = Callable[..., Any]


@pytest.fixture
def exporting(house: House, tmp_path: Path) -> House:
    """The house, with a folder of its own for exports."""
    exports = ExportSettings(
        folder=tmp_path / "exports", below=tmp_path / "out", stores={"lake": "Data lake"}, spare_gb=0
    )
    settings = sample.SETTINGS.model_copy(update={"exports": exports})
    house.inbox, house.desk = Inbox(house.store, settings), Desk(house.store, settings)
    house.person("lotte", "Lotte Bos", Role.LEAD)
    return house


@pytest.fixture
def page(exporting: House) -> Open:
    from streamlit.testing.v1 import AppTest

    def go(login: str, *, filters: Filters = EVERYTHING, locale: str = "en-GB") -> Any:
        token = exporting.token(login)
        state.use(lambda: exporting.inbox, token_of=lambda: token)

        script = (
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
            "from inbox.views import Filters\nfrom screens import export_page, state\n"
            f"state.tab().filters = Filters(kinds={filters.kinds!r})\nexport_page.draw()\n"
        )
        test = AppTest.from_string(script, default_timeout=30)
        test.context["locale"] = locale
        test.context["timezone"] = "Europe/Amsterdam"
        return test.run()

    return go


def work(house: House) -> None:
    while make_next(house.desk, shelf_of(house.desk), owner="worker"):
        pass


def test_who_may_not_export_is_told_so(page: Open) -> None:
    test = page("daan")
    assert "does not allow this" in html(test)
    assert not test.button


def test_it_says_what_is_held_back_of_which_source_and_why(page: Open, exporting: House) -> None:
    assert "do not let out" not in html(page("lotte"))
    who = exporting.token("lotte")
    sources = sorted({card.source_id for card in exporting.inbox.listing(who, View.ALL).cards})
    sync_duties(
        exporting.store,
        [
            DutyRecord(sources[0], may_export=False, basis="Terms <b>1</b>"),
            DutyRecord(sources[1], export_per_day=1, basis="Terms 2"),
        ],
    )
    test = page("lotte")
    assert not test.exception
    assert "allows no export" in html(test)
    assert "Terms &lt;b&gt;1&lt;/b&gt;" in html(test)
    assert "allows you 1 messages a day in full" in html(test)


def test_the_list_narrows_it_and_everything_can_be_chosen(page: Open) -> None:
    test = page("lotte", filters=Filters(kinds=("review",)))
    few = html(test)
    assert test.selectbox(key="export_which").value == "now"
    test.selectbox(key="export_which").set_value("all").run()
    assert "Messages: " in few
    assert html(test) != few


def test_a_search_without_messages_and_days_the_wrong_way_round_are_said(page: Open) -> None:
    test = page("lotte")
    test.text_input(key="export_search_all").set_value("bestaatniet").run()
    assert "No message is found so" in html(test)
    assert not [one for one in test.button if one.key == "export_start"]
    test.text_input(key="export_search_all").set_value('"open').run()
    assert "notice error" in html(test)
    test.text_input(key="export_search_all").set_value("").run()
    test.date_input(key="export_first").set_value(date(2026, 11, 29)).run()
    test.date_input(key="export_last").set_value(date(2026, 11, 28)).run()
    assert "last day lies before the first" in html(test)
    assert not test.exception


def test_an_export_is_made_and_can_be_fetched_by_its_owner(page: Open, exporting: House) -> None:
    test = page("lotte")
    test.selectbox(key="export_form").set_value("jsonl").run()
    test.button(key="export_start").click().run()
    assert not test.exception
    assert "you may close this page" in html(test)
    assert "waits" in html(test)
    work(exporting)
    done = html(page("lotte"))
    (job,) = exporting.inbox.exports.all(exporting.token("lotte")).rows
    assert f'href="/exports/{job.id}/file"' in done
    assert job.sha256 in done
    assert "pseudonymised" in done
    others = html(page("sanne"))
    assert "Lotte Bos" in others
    assert f'href="/exports/{job.id}/file"' not in others
    test = page("lotte")
    test.button(key=f"export_delete_{job.id}").click().run()
    assert "Nothing was exported yet" in html(test)


def test_progress_is_shown_and_a_worker_that_is_missing_is_named(page: Open, exporting: House) -> None:
    test = page("lotte")
    test.button(key="export_start").click().run()
    now = exporting.desk.clock()
    job = export_jobs.take(exporting.store, export_jobs.QUEUED, owner="w", now=now, lease=timedelta(minutes=1))
    assert job is not None
    export_jobs.say(exporting.store, job, now=now, lease=timedelta(minutes=1), rows=1_500, total=6_000)
    shown = page("lotte")
    assert "is being made" in html(shown)
    assert shown.get("progress")[0].proto.text == "1,500 of 6,000 rows"
    export_jobs.say(exporting.store, job, now=now - timedelta(minutes=5), lease=timedelta(0))
    with exporting.store.write() as conn:
        export_jobs.change(conn, job.id, asked_at=now - timedelta(minutes=5), not_before=now - timedelta(minutes=5))
    assert "No worker takes these jobs" in html(page("lotte"))


def test_the_first_rows_are_shown_as_they_would_leave(page: Open) -> None:
    test = page("lotte")
    assert not test.dataframe
    test.session_state["export_first_rows"] = True
    test.run()
    assert not test.exception


def test_a_schedule_is_kept_paused_and_ended(page: Open, exporting: House) -> None:
    test = page("lotte")
    test.text_input(key="export_name").set_value("Elke dag <b>").run()
    test.selectbox(key="export_destination").set_value("folder").run()
    test.text_input(key="export_folder").set_value("analisten").run()
    test.button(key="export_keep").click().run()
    assert not test.exception
    assert "It is scheduled" in html(test)
    (schedule,) = exporting.inbox.exports.schedules(exporting.token("lotte"))
    assert schedule.place == "analisten"
    assert "Elke dag &lt;b&gt;" in html(test)
    test.button(key=f"export_pause_{schedule.id}").click().run()
    assert "paused" in html(test)
    test.button(key=f"export_end_{schedule.id}").click().run()
    assert "Elke dag" not in html(test)


def test_it_speaks_dutch(page: Open) -> None:
    shown = html(page("lotte", locale="nl-NL"))
    assert "Berichten: " in shown


@pytest.mark.parametrize(
    ("size", "told"), [(0, "0 B"), (999, "999 B"), (1_000, "1 kB"), (1_234_567, "1.2 MB"), (10**13, "10,000 GB")]
)
def test_sizes_are_said_in_a_unit_that_suits(size: int, told: str) -> None:
    assert export_words.size(size) == told


def test_every_table_has_a_name() -> None:
    from inbox.export import TABLES

    assert set(TABLES) == set(export_words.TABLES)
