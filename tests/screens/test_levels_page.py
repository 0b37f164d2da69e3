"""The page of service levels without a browser: who sees it, what stands in its address, rows, and bad input."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.availability.views import Cell
from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.kpis.catalogue import KPIS
from inbox.kpis.views import Asked, By, Part
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.views import KpiValue, View
from screens import i18n, period_choice
from screens.levels import answers, backlog, load, wish, words
from screens.levels.wish import Wish
from screens.period_choice import Wanted
from store.engine import open_store
from tests.screens import sample
from tests.screens.conftest import House
from tests.screens.test_rules_page import html, page

App = Callable[..., Any]
PAGE = "levels_page"


@pytest.fixture
def answered(house: House) -> list[int]:
    """Four conversations that were answered by hand, two of which were resolved; the forum answered a fifth."""
    who = house.token("daan")
    cards = [one for one in house.inbox.listing(who, View.ALL, limit=50).cards if one.unanswered_since][:4]
    for place, card in enumerate(cards):
        house.inbox.answered_by_hand(who, card.id, text="We kijken het na.")
        if place < 2:
            house.inbox.resolve(who, card.id, reason="answered")
    return [one.id for one in cards]


@pytest.mark.usefixtures("answered")
def test_figures_stand_with_n_both_clocks_and_what_is_still_open(app: App) -> None:
    test = page(app, "daan", PAGE)
    assert not test.exception
    told = html(test)
    assert "First response time" in told
    assert "wall clock" in told
    assert "business time" in told
    assert "n 5" in told
    assert "still open" in told
    assert {f"kpi_open_{kpi.id}" for kpi in KPIS} <= {one.key for one in test.button}


def test_who_sees_no_figures_is_refused(app: App) -> None:
    told = html(page(app, "robin", PAGE))
    assert "does not allow this" in told
    assert "First response" not in told


def test_a_figure_opens_its_rows_its_formula_and_its_calendar(app: App, answered: list[int]) -> None:
    test = page(app, "sanne", PAGE)
    test.button(key="kpi_open_first_response_time").click().run()
    assert not test.exception
    told = html(test)
    assert all(f'href="/?c={number}"' in told for number in answered)
    assert "to the first answer by a person" in told
    assert "Webcare" in told
    assert "always open" in told
    assert test.query_params["figure"] == "first_response_time"
    test.button(key="figure_back").click().run()
    assert "figure" not in test.query_params
    assert "Promised times" in html(test)


@pytest.mark.slow
@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("kpi_id", [kpi.id for kpi in KPIS])
def test_every_figure_opens(app: App, kpi_id: str) -> None:
    test = page(app, "sanne", PAGE, figure=kpi_id, period="90d")
    assert not test.exception
    told = html(test)
    assert "kb-notice error" not in told
    assert words.NAMES[kpi_id] in told
    assert words.DEFINITIONS[kpi_id][:40].replace("'", "&#x27;") in told


@pytest.mark.slow
@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("section", wish.SECTIONS[1:])
def test_every_part_of_the_page_opens(app: App, section: str) -> None:
    test = page(app, "sanne", PAGE, section=section)
    assert not test.exception
    assert "kb-notice error" not in html(test)


@pytest.mark.usefixtures("answered")
def test_what_is_chosen_stands_in_the_address_and_a_link_shows_the_same(app: App) -> None:
    test = page(app, "sanne", PAGE)
    key = next(one.key for one in test.multiselect if "team" in one.key)
    test.multiselect(key=key).set_value(["press"]).run()
    assert test.query_params["team"] == "press"
    assert "Nothing happened in this period for these teams" in html(test)
    again = page(app, "sanne", PAGE, team="press", period="7d")
    assert next(one.value for one in again.multiselect if "team" in one.key) == ["press"]
    assert "Nothing happened" in html(again)


def test_own_dates_begin_with_those_that_were_shown(app: App, house: House) -> None:
    test = page(app, "sanne", PAGE, period="7d")
    test.button_group[0].set_value("own").run()
    assert not test.exception
    today = house.desk.clock().astimezone(house.inbox.zone()).date()
    first, last = test.date_input
    assert (first.value, last.value) == (today - timedelta(days=6), today)
    first.set_value(today - timedelta(days=2)).run()
    assert test.query_params["from"] == (today - timedelta(days=2)).isoformat()


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-09", "2026-03-01", "ends before it begins"),
        ("0001-01-01", "9999-12-31", "from the year 2000 on"),
    ],
)
def test_an_impossible_period_is_told_in_a_sentence(app: App, first: str, last: str, said: str) -> None:
    test = page(app, "sanne", PAGE, period="own", **{"from": first, "to": last})
    assert not test.exception
    told = html(test)
    assert said in told
    assert "kb-kpi" not in told


@pytest.mark.usefixtures("answered")
def test_one_figure_alone_is_what_it_is_among_all_and_its_rows_are_those_of_its_parts(house: House) -> None:
    who, now = house.token("sanne"), house.desk.clock()
    figures = Inbox(house.store, sample.SETTINGS, clock=lambda: now).figures
    asked = Asked(now - timedelta(days=7), now + timedelta(days=7))
    for kpi in figures.values(who, asked):
        assert figures.value(who, kpi.id, asked) == kpi
    for by in ("team", "source", "hour", "weekday", "day"):
        whole = figures.rows(who, "sla_met", asked)
        parts = [
            row
            for key, _kpi in figures.split(who, "sla_met", asked, by)
            for row in figures.rows(who, "sla_met", asked, only=(by, key))
        ]
        assert sorted(parts, key=str) == sorted(whole, key=str)
        assert whole


@pytest.mark.parametrize(
    ("kpi_id", "part", "only"),
    [
        ("sla_met", "counted", ("agent", "1")),
        ("sla_met", "open", ("hour", "09")),
        ("inflow", "counted", ("hour", "09")),
    ],
)
def test_rows_of_a_part_that_cannot_be_told_are_refused(
    house: House, kpi_id: str, part: Part, only: tuple[By, str]
) -> None:
    now = house.desk.clock()
    with pytest.raises(BadInput, match="cannot be split that way"):
        house.inbox.figures.rows(house.token("sanne"), kpi_id, Asked(now - timedelta(days=7), now), part, only=only)


BAD = ("x" * 100_000, "\x00", "😀👍🏽", "Z̸̢̛a̴l̶g̷o", "\u202eabc\u202c", "сметка-請求書", "<script>alert(1)</script>")


@pytest.mark.parametrize("bad", BAD)
def test_an_address_that_means_nothing_is_read_as_what_is_usual(bad: str) -> None:
    found = wish.read(dict.fromkeys(wish.NAMES, bad), words.NAMES)
    assert (found.section, found.figure, found.part, found.by, found.period) == (
        "overview", "", "counted", "team", period_choice.USUAL,
    )  # fmt: skip


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("bad", [BAD[0], BAD[-1]], ids=["long", "markup"])
def test_a_page_at_a_bad_address_opens_and_stays_whole(app: App, bad: str) -> None:
    test = page(app, "sanne", PAGE, **{name: bad for name in wish.NAMES if name != "source"})
    assert not test.exception
    assert "Service levels" in html(test)
    assert "<script>" not in html(test)


def test_an_empty_workspace_says_kindly_that_there_is_nothing_yet(app: App, house: House, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    house.store.close()
    house.store = open_store(url)
    house.store.migrate()
    house.inbox, house.desk = Inbox(house.store, sample.SETTINGS), Desk(house.store, sample.SETTINGS)
    house.person("sanne", "Sanne de Wit", Role.LEAD)
    test = page(app, "sanne", PAGE)
    assert not test.exception
    told = html(test)
    assert "No figures yet" in told
    assert "Open now" in told
    parts = {
        "answers": ("Nobody waited for a first answer in this period", "the curve begins with the first answer"),
        "promised": ("No deadline fell in this period", "stands on the Teams page"),
        "load": ("Nothing came in during this period", "Every message that comes in counts here"),
    }
    for section, said in parts.items():
        told = html(page(app, "sanne", PAGE, section=section))
        assert all(one in told for one in (*said, "Or choose a longer period"))


@pytest.mark.usefixtures("answered")
def test_figures_of_persons_are_not_told_of_a_small_group(app: App) -> None:
    told = html(page(app, "sanne", PAGE, section="people"))
    assert "told of larger groups only" in told
    assert "Daan" not in told.partition("kb-pagehead")[2]
    alone = html(page(app, "sanne", PAGE, figure="first_response_time", person="1"))
    assert "told of groups of" in alone


@pytest.mark.usefixtures("answered")
def test_figures_of_a_large_group_stand_per_person_and_open_the_rows_of_one(app: App, house: House) -> None:
    for place in range(4):
        house.person(f"agent{place}", f"Agent {place}", Role.AGENT)
    told = html(page(app, "sanne", PAGE, section="people"))
    daan = house.ids["daan"]
    assert "Daan Mulder" in told
    assert f"figure=first_response_time&amp;person={daan}" in told
    test = page(app, "sanne", PAGE, figure="first_response_time", person=str(daan))
    assert test.button(key="levels_everybody").label == "Only Daan Mulder: show all"
    assert html(test).count('href="/?c=') == 4
    test.button(key="levels_everybody").click().run()
    assert html(test).count('href="/?c=') == 5


@pytest.mark.usefixtures("answered")
def test_the_page_is_dutch_for_who_reads_dutch(app: App, house: House) -> None:
    house.inbox.set_language(house.token("sanne"), "nl")
    told = html(page(app, "sanne", PAGE))
    assert "Eerste reactietijd" in told
    assert "nog 10 open" in told
    assert "First response" not in told


# --- pure -----------------------------------------------------------------------------------------------------------


def test_every_figure_stands_in_one_group() -> None:
    listed = [one for _heading, ids in words.GROUPS for one in ids]
    assert sorted(listed) == sorted(kpi.id for kpi in KPIS)


DAYS = st.none() | st.dates(date(2000, 1, 1), date(2030, 12, 31))
IDS = st.lists(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True), unique=True, max_size=5).map(tuple)


@given(
    period=st.sampled_from(list(period_choice.NAMES)),
    first=DAYS,
    last=DAYS,
    teams=IDS,
    sources=IDS,
    section=st.sampled_from(wish.SECTIONS),
    figure=st.sampled_from(["", *words.NAMES]),
    part=st.sampled_from(wish.PARTS),
    by=st.sampled_from(wish.SPLITS),
    person=st.none() | st.integers(1, 10**15),
    within=st.sampled_from(wish.WITHIN),
)
def test_an_address_gives_back_what_was_wished(**parts: Any) -> None:
    period, first, last = (parts.pop(name) for name in ("period", "first", "last"))
    own = period == period_choice.OWN
    asked = Wish(period=Wanted(period, first if own else None, last if own else None), **parts)
    assert wish.read(wish.written(asked), words.NAMES) == asked


@given(st.dictionaries(st.sampled_from(wish.NAMES), st.text(max_size=300)))
def test_any_address_can_be_read(address: dict[str, str]) -> None:
    found = wish.read(address, words.NAMES)
    assert found.section in wish.SECTIONS
    assert len(found.teams) <= 50
    assert wish.read(wish.written(found), words.NAMES) == found


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (3570, "1 h"),
        (3599, "1 h"),
        (8040, "2 h 14 min"),
        (86_399, "1 d"),
        (273_600, "3 d 4 h"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(seconds: float, said: str) -> None:
    i18n.choose("en", "UTC")
    assert words.lasting(seconds) == said


def kpi(kpi_id: str, unit: str, value: float | None, n: int = 10) -> KpiValue:
    return KpiValue(kpi_id, kpi_id, unit, value, n)


@pytest.mark.parametrize(
    ("kpi_id", "unit", "before", "now", "said", "tone"),
    [
        ("first_response_time", "seconds", 3600, 1800, "▼ 30 min (was 1 h, n 10)", "good"),
        ("sla_met", "share", 0.9, 0.8, "▼ 10 points (was 90%, n 10)", "bad"),
        ("inflow", "count", 50, 75, "▲ 50% (was 50, n 10)", ""),
        ("inflow", "count", 0, 75, "▲ 75 (was 0, n 10)", ""),
        ("sentiment_shift", "points", 0.1, 0.35, "▲ 0.25 (was +0.1, n 10)", "good"),
        ("reopen_rate", "share", 0.1, 0.1, "as before (was 10%, n 10)", ""),
        ("handle_time", "seconds", None, 60, "nothing to compare with", ""),
        ("handle_time", "seconds", 60, None, "", ""),
    ],
)
def test_a_change_is_told_with_what_it_was(  # noqa: PLR0917 - a table
    kpi_id: str, unit: str, before: float | None, now: float | None, said: str, tone: str
) -> None:
    i18n.choose("en", "UTC")
    assert words.change(kpi(kpi_id, unit, now), kpi(kpi_id, unit, before)) == (said, tone)


def test_the_curve_is_told_only_as_far_as_somebody_was_seen() -> None:
    assert answers.reached([(600.0, 0.25), (3000.0, 0.5), (7200.0, 0.75)]) == [(900, 0.25), (3600, 0.5)]


def test_snapshots_are_thinned_evenly_and_the_last_one_stays() -> None:
    some: Any = list(range(1001))
    kept: Any = backlog.thinned(some, 100)
    assert len(kept) <= 100
    assert kept[-1] == 1000
    assert len({later - earlier for earlier, later in pairwise(kept)}) == 1
    few: Any = backlog.thinned(some[:3], 100)
    assert few == [0, 1, 2]


def test_the_busiest_hours_are_those_with_most_for_each_person() -> None:
    cells = [Cell(0, 9, 10.0, 5.0), Cell(0, 20, 3.0, 1.0), Cell(6, 3, 1.0, 0.0), Cell(1, 9, 0.0, 5.0)]
    assert [(cell.hour, round(each, 1)) for cell, each in load.busiest(cells)] == [(20, 3.0), (9, 2.0)]
    assert load.unmanned(cells) == pytest.approx(1 / 14)
    assert load.unmanned([Cell(0, 9, 10.0, None)]) is None
    assert load.unmanned([]) is None


@pytest.mark.parametrize(("section", "figures"), [("backlog", ("backlog", "oldest_open")), ("load", ("load",))])
def test_backlog_and_load_open_their_rows_where_they_stand(app: App, section: str, figures: tuple[str, ...]) -> None:
    test = page(app, "sanne", PAGE, section=section)
    assert not test.exception
    assert {f"kpi_open_{one}" for one in figures} <= {one.key for one in test.button}
