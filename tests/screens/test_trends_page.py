"""The Trends page without a browser: who sees it, what its address asks for, and figures as long as their lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from inbox.tone.views import Accuracy, Right
from inbox.trends.views import Slice
from inbox.views import CurrentUser
from screens import tone_accuracy
from screens.trends import picked, steps
from screens.trends.asked import SPLITS, STEPS
from store.schema import mention
from tests.screens.conftest import House
from tests.screens.test_rules_page import html, page
from understanding.measuring import Share

App = Callable[..., Any]


def figure(test: Any, key: str) -> str:
    """A headline figure as it is shown."""
    found = re.search(rf'id="kb-figure-{key}">.*?<b>(.*?)</b>', html(test))
    assert found is not None
    return found[1]


def period_field(test: Any, part: str) -> Any:
    """A field of the period; its key has a number that grows."""
    fields = [*test.button_group, *test.date_input]
    return next(one for one in fields if re.fullmatch(rf"trends_period_\d+_{part}", str(one.key)))


def address(test: Any, name: str) -> str:
    """What the address holds under a name."""
    found = test.query_params[name]
    return found if isinstance(found, str) else found[0]


def shown(test: Any) -> int:
    """How many messages the open list holds, all pages of it."""
    while "trends_more" in {one.key for one in test.button}:
        test.button(key="trends_more").click().run()
    return html(test).count('<a href="/?c=')


def test_days_that_cannot_be_are_told_in_a_sentence_and_nonsense_is_left_away(app: App) -> None:
    query = {"from": "2026-11-09", "to": "2026-11-01", "source": "\u202ex,\u0000", "by": "'; drop", "pick": "~" * 3_000}
    test = page(app, "sanne", "trends_page", period="own", **query)
    assert not test.exception
    assert "ends before it begins" in html(test)


def test_who_sees_no_figures_is_refused_and_others_are_not(app: App) -> None:
    assert "does not allow this" in html(page(app, "robin", "trends_page"))
    test = page(app, "daan", "trends_page")
    assert not test.exception
    assert int(figure(test, "all")) > 10


@pytest.mark.parametrize(
    ("by", "step"),
    [
        ("brand", "hour"),
        *(pytest.param(by, STEPS[at % 3], marks=pytest.mark.slow) for at, by in enumerate(SPLITS)),
    ],
)
def test_every_split_and_step_is_drawn(app: App, by: str, step: str) -> None:
    test = page(app, "sanne", "trends_page", by=by, step=step, period="7d")
    assert not test.exception
    assert len(test.get("vega_lite_chart")) + len(test.get("arrow_vega_lite_chart")) >= 2
    assert ("is linked to a theme" in html(test)) is (by == "theme")


def test_an_address_narrows_the_page_and_fills_its_fields(app: App) -> None:
    every = page(app, "sanne", "trends_page")
    test = page(app, "sanne", "trends_page", source="forum", by="source", step="week", period="7d")
    assert int(figure(test, "all")) < int(figure(every, "all"))
    assert test.multiselect(key=steps.field("sources")).value == ["forum"]
    assert test.selectbox(key=steps.field("by")).value == "source"
    assert address(test, "source") == "forum"


@pytest.mark.slow
def test_a_filter_that_is_chosen_goes_into_the_address_and_off_again(app: App) -> None:
    test = page(app, "sanne", "trends_page")
    test.multiselect(key=steps.field("langs")).set_value(["en"]).run()
    assert address(test, "lang") == "en"
    assert not test.exception
    test.button(key="trends_clear").click().run()
    assert "lang" not in test.query_params
    assert test.multiselect(key=steps.field("langs")).value == []


def test_a_headline_figure_is_as_long_as_its_list(app: App) -> None:
    test = page(app, "sanne", "trends_page")
    n = int(figure(test, "all"))
    test.button(key="trends_show_all").click().run()
    assert f'data-n="{n}"' in html(test)
    assert shown(test) == n
    test.button(key="trends_close").click().run()
    assert "kb-behind" not in html(test)
    assert "pick" not in test.query_params


@pytest.mark.parametrize(
    ("step", "by"),
    [
        ("day", "source"),
        *(
            pytest.param(*one, marks=pytest.mark.slow)
            for one in (("hour", "sentiment"), ("week", "kind"), ("day", "lang"))
        ),
    ],
)
def test_every_bar_is_as_long_as_its_list(app: App, house: House, step: Any, by: Any) -> None:
    today = house.inbox.now().astimezone(house.inbox.zone()).date()
    asked = Slice(today - timedelta(days=6), today)
    drawn = house.inbox.trends.volume(house.token("sanne"), asked, step=step, by=by)
    bars = [one for one in drawn.points if one.n]
    assert sum(one.n for one in bars) == drawn.total
    for one in bars[:3]:
        pick = picked.written("volume", one.at.isoformat(), one.key)
        test = page(app, "sanne", "trends_page", period="7d", step=step, by=by, pick=pick)
        assert f'data-n="{one.n}"' in html(test)
        assert shown(test) == one.n


def test_the_inbox_opens_with_what_is_behind_a_figure(house: House) -> None:
    today = house.inbox.now().astimezone(house.inbox.zone()).date()
    behind = house.inbox.trends.rows(house.token("sanne"), Slice(today, today, source_ids=("forum",)))
    found = house.inbox.listing(house.token("sanne"), behind.view, behind.filters, limit=100)
    assert found.problem is None
    assert len(found.cards) == behind.n_conversations


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "2026-11-09", "to": "2026-11-01"}, "ends before it begins"),
        ({"from": "2999-01-01", "to": "2999-01-02"}, "has not begun yet"),
        ({"from": "0001-01-01", "to": "2026-01-02"}, "from the year 2000 on"),
        ({"from": "yesterday", "to": "2026-01-02"}, "Choose a first and a last day"),
    ],
)
def test_days_that_cannot_be_are_told_beside_the_fields(app: App, query: dict[str, str], said: str) -> None:
    test = page(app, "sanne", "trends_page", period="own", **query)
    assert not test.exception
    assert said in html(test)
    assert period_field(test, "name") is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        {"source": "no-such-source"},
        {"brand": "\u202eevil", "theme": "999999"},
        {"source": "x" * 100_000},
        {"lang": "💥,\u0000,z̸̢͎̫a̵l̶g̷o̸"},
        {"pick": "volume~2026-11-03T00:00:00+01:00~<script>alert(1)</script>"},
        {"pick": "~" * 3_000, "by": "'; drop table mention", "step": "century", "period": "-1d"},
    ],
)
def test_an_address_with_nonsense_is_answered_in_words(app: App, query: dict[str, str]) -> None:
    test = page(app, "sanne", "trends_page", **query)
    assert not test.exception
    assert "<script>" not in html(test)
    assert "Trends" in html(test)


def test_own_dates_begin_with_the_days_that_were_looked_at(app: App) -> None:
    test = page(app, "sanne", "trends_page", period="7d")
    period_field(test, "name").set_value("own").run()
    assert not test.exception
    first, last = (period_field(test, name).value for name in ("first", "last"))
    assert (last - first).days == 6
    assert address(test, "from") == first.isoformat()


def test_an_empty_workspace_is_told_where_to_look(app: App, house: House) -> None:
    with house.store.write() as conn:
        conn.execute(mention.delete())
    from store.rollups import rebuild_rollups

    rebuild_rollups(house.store, timezone="Europe/Amsterdam")
    test = page(app, "sanne", "trends_page")
    assert not test.exception
    assert "Nothing was collected yet" in html(test)
    assert "trends_sources" in {one.key for one in test.button}


@pytest.mark.slow
def test_filters_that_nothing_fits_can_be_taken_off(app: App) -> None:
    test = page(app, "sanne", "trends_page", source="forum", kind="review")
    assert "Nothing fits" in html(test)
    test.button(key="trends_everything").click().run()
    assert int(figure(test, "all")) > 10


def test_a_theme_counts_conversations_and_says_so(app: App, house: House) -> None:
    from inbox.themes import background
    from inbox.themes.views import Draft
    from tests.screens import sample

    who = house.token("sanne")
    theme = house.inbox.themes.make(who, Draft("Bereik", query="northwind"))
    house.inbox.themes.apply(who, theme, days=90)
    while background.link(house.store, sample.SETTINGS, house.desk.clock()):
        pass
    test = page(app, "sanne", "trends_page", theme=str(theme), step="hour")
    assert not test.exception
    assert "Themes are counted by day" in html(test)
    n = int(figure(test, "all"))
    assert n > 5
    test.button(key="trends_show_all").click().run()
    assert shown(test) == n


@pytest.mark.slow
def test_where_only_competitors_are_compared_there_is_no_share_of_ours(app: App, house: House) -> None:
    from datetime import UTC, datetime

    from store.brands import BrandRecord, all_brands, sync_brands

    with house.store.read() as conn:
        rivals = [BrandRecord(one.id, one.name, "northwind", competitor=True) for one in all_brands(conn)]
    sync_brands(house.store, rivals, datetime.now(UTC))
    test = page(app, "sanne", "trends_page", pick=picked.written("tile", "voice"), period="90d")
    assert not test.exception
    assert "kb-figure-all" in html(test)
    assert "kb-figure-voice" not in html(test)
    assert "kb-behind" not in html(test)


@pytest.mark.slow
def test_hostile_names_stay_words(app: App, house: House) -> None:
    from datetime import UTC, datetime

    from store.brands import BrandRecord, sync_brands

    sync_brands(house.store, [BrandRecord("evil", "<b>**x**</b>", "northwind", competitor=True)], datetime.now(UTC))
    test = page(app, "sanne", "trends_page", by="brand", pick="voice~evil")
    assert not test.exception
    assert "<b>**x**" not in html(test)


def test_the_accuracy_stands_beside_the_tone_with_its_margin() -> None:
    right = Right("", Share(84, 100), 3)
    found = Accuracy("2026-10", 120, 103, 0, 0, right, (right,), {}, "", None)  # type: ignore[arg-type]
    told = tone_accuracy.beside(found, _somebody())
    assert "84% (76% to 90%), of 100 messages of October 2026" in told
    assert tone_accuracy.in_short(found) == "the tone is right 84% (76% to 90%), of 100"


@pytest.mark.slow
def test_a_tone_that_nobody_measured_leads_to_labelling(app: App) -> None:
    told = html(page(app, "daan", "trends_page"))
    assert "was not measured here yet" in told
    assert '<a href="/label">' in told


def _somebody() -> CurrentUser:
    from inbox.permissions import Role, permissions_of

    return CurrentUser(1, "x", "X", Role.AGENT, None, "en", permissions_of(Role.AGENT))


def test_a_cell_of_the_week_is_as_long_as_its_list(app: App, house: House) -> None:
    today = house.inbox.now().astimezone(house.inbox.zone()).date()
    asked = Slice(today - timedelta(days=6), today)
    cell = max(house.inbox.trends.heat_map(house.token("sanne"), asked).cells, key=lambda one: one.n)
    assert cell.n
    test = page(
        app, "sanne", "trends_page", pick=picked.written("week", str(cell.weekday), str(cell.hour)), period="7d"
    )
    assert f'data-n="{cell.n}"' in html(test)
    assert shown(test) == cell.n


@pytest.mark.slow
@pytest.mark.parametrize("key", ["late", "voice"])
def test_every_other_headline_figure_is_as_long_as_its_list(app: App, key: str) -> None:
    test = page(app, "sanne", "trends_page", pick=picked.written("tile", key), period="90d")
    assert not test.exception
    assert f'data-n="{shown(test)}"' in html(test)
