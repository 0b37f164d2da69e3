"""What is counted on the page of service levels opens exactly what it counts: in the inbox, on the page, on Trends."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.kpis.views import Asked
from inbox.states import Status
from inbox.views import EVERYTHING, Filters, View
from screens import i18n, inbox_address, words
from screens.levels import listed, load
from screens.trends import asked as trends_asked
from screens.trends import picked
from tests.screens.conftest import House
from tests.screens.test_levels_page import BAD, PAGE, answered
from tests.screens.test_rules_page import html, page

App = Callable[..., Any]
__all__ = ["answered"]
CELL = re.compile(r"<dt>([^<]+)</dt><dd>(?:<a href=\"([^\"]+)\"[^>]*>)?([^<]+)<")


def told(test: Any) -> dict[str, tuple[str, str]]:
    """Each count by its name: its value and where it leads."""
    assert not test.exception
    return {name: (value, markup.unescape(opens)) for name, opens, value in CELL.findall(html(test))}


def opened(house: House, opens: str) -> list[int]:
    view, filters = inbox_address.read(dict(parse_qsl(urlsplit(opens).query)))
    assert view is not None
    return [one.id for one in house.inbox.listing(house.token("sanne"), view, filters, limit=200).cards]


@pytest.mark.slow
@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("narrowed", [{}, {"team": "webcare"}, {"source": "forum"}], ids=str)
def test_what_is_counted_now_opens_as_many_in_the_inbox(app: App, house: House, narrowed: dict[str, str]) -> None:
    found = told(page(app, "sanne", PAGE, section="backlog", **narrowed))
    counts = {name: (int(value), opens) for name, (value, opens) in found.items() if value.isdecimal()}
    for name, (n, opens) in counts.items():
        assert (len(opened(house, opens)) if opens else 0) == n, name
    states = [words.status(one) for one in listed.OPEN]
    assert sum(counts[name][0] for name in states if name in counts) == counts["Open now"][0]
    assert counts["Wait for an answer"][0]
    assert len(opened(house, found["Oldest open"][1])) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("answered")
def test_what_is_not_there_opens_nothing(app: App) -> None:
    found = told(page(app, "sanne", PAGE, section="backlog", team="press"))
    assert found["Open now"] == ("0", "")
    assert not any(opens for _value, opens in found.values())


@pytest.mark.slow
def test_of_several_teams_the_page_says_why_nothing_opens(app: App) -> None:
    test = page(app, "sanne", PAGE, section="backlog", team="webcare,press")
    assert all(not opens for _value, opens in told(test).values())
    assert "choose one team" in html(test)


@pytest.mark.slow
@pytest.mark.usefixtures("answered")
def test_a_step_of_the_curve_lists_its_conversations_and_so_do_those_that_wait(app: App, house: House) -> None:
    now = house.desk.clock()
    whole = house.inbox.figures.survival(house.token("sanne"), Asked(now - timedelta(days=31), now + timedelta(days=1)))
    test = page(app, "sanne", PAGE, section="answers", within="waiting")
    assert not test.exception
    shown = html(test)
    assert f'id="kb-begun" data-n="{whole.n_open}"' in shown
    assert shown.count('href="/?c=') == whole.n_open
    assert 'id="kb-begun"' not in html(page(app, "sanne", PAGE, section="answers"))
    soon = html(page(app, "sanne", PAGE, section="answers", within="900"))
    n = re.search(r'id="kb-begun" data-n="([0-9]+)"', soon)
    assert n is not None
    assert soon.count('href="/?c=') == int(n[1]) <= whole.n


@pytest.mark.slow
def test_where_nobody_was_answered_yet_those_that_wait_are_listed(app: App, house: House) -> None:
    now = house.desk.clock()
    asked = Asked(now - timedelta(days=31), now + timedelta(days=1), source_ids=("reviews",))
    whole = house.inbox.figures.survival(house.token("sanne"), asked)
    assert (whole.n, whole.n_open > 0) == (0, True)
    shown = html(page(app, "sanne", PAGE, section="answers", source="reviews", within="waiting"))
    assert "Nobody waited" not in shown
    assert f'data-n="{whole.n_open}"' in shown


def test_an_hour_of_the_load_opens_the_messages_that_it_is_the_mean_of(house: House) -> None:
    i18n.choose("en", "Europe/Amsterdam")
    who = house.token("sanne")
    found = house.inbox.availability.load(who, days=21)
    busy = [cell for cell in found.cells if cell.inflow]
    assert busy
    for cell in busy:
        address = urlsplit(load.opened(found, cell))
        asked = trends_asked.read(dict(parse_qsl(address.query)))
        one = picked.read(asked.pick)
        assert address.path == "/trends"
        assert one is not None
        wanted = trends_asked.slice_of(asked, date.max)
        rows = house.inbox.trends.messages(who, wanted, only=one.only("day"), limit=200).rows
        assert len(rows) == round(cell.inflow * 3)


# --- pure -----------------------------------------------------------------------------------------------------------

IDS = st.lists(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True), unique=True, max_size=5).map(tuple)
MOMENTS = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    st.sampled_from(View),
    st.builds(
        Filters,
        search=st.text(max_size=50).map(str.strip),
        statuses=st.lists(st.sampled_from([one.value for one in Status]), unique=True).map(tuple),
        source_ids=IDS,
        team_id=st.none() | st.sampled_from(["webcare", "press"]),
        unanswered=st.booleans(),
        since=MOMENTS,
        until=MOMENTS,
    ),
)
def test_the_address_of_a_list_gives_back_the_list(view: View, filters: Filters) -> None:
    query = urlsplit(inbox_address.written(view, filters)).query
    assert inbox_address.read(dict(parse_qsl(query, keep_blank_values=True))) == (view, filters)


@pytest.mark.parametrize("bad", [*BAD, "", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1,2"])
def test_an_address_that_means_nothing_narrows_nothing_but_what_can_be_chosen(bad: str) -> None:
    names = ("view", "state", "waits", "since", "until")
    assert inbox_address.read(dict.fromkeys(names, bad)) == (None, EVERYTHING)
    whole = inbox_address.read(dict.fromkeys((*names, "q", "source", "team"), bad))[1]
    assert len(whole.search) <= 4_000
    assert len(whole.team_id or "") <= 100
