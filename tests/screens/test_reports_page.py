"""The Reports page by role, without a browser: made now, and by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from inbox.reports import making
from screens import state
from tests.screens.conftest import ROOT, House
from tests.screens.test_app import html


@pytest.fixture
def page(house: House) -> Callable[[str], Any]:
    """The page as somebody sees it."""
    from streamlit.testing.v1 import AppTest

    def go(login: str) -> Any:
        token = house.token(login)
        state.use(lambda: house.inbox, token_of=lambda: token)
        script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom screens import reports_page; reports_page.draw()"
        test = AppTest.from_string(script, default_timeout=30)
        test.context["locale"] = "en-GB"
        test.context["timezone"] = "Europe/Amsterdam"
        return test.run()

    return go


def test_an_agent_makes_a_report_and_finds_it_in_the_list(page: Callable[[str], Any], house: House) -> None:
    test = page("daan")
    assert "None yet." in html(test)
    test.button(key="report_make").click().run()
    assert not test.exception
    (made,) = house.inbox.reports.newest(house.token("daan"))
    assert (made.lang, made.made_by) == ("en", "Daan Mulder")
    assert "by Daan Mulder" in html(test)
    assert not [one for one in test.button if one.key and one.key.startswith("FormSubmitter")]


def test_a_report_of_the_command_line_says_so(page: Callable[[str], Any], house: House) -> None:
    making.make(house.desk, date(2026, 3, 2), date(2026, 3, 8), lang="en", made_by=None)
    (made,) = house.inbox.reports.newest(house.token("daan"))
    assert (made.made_by, made.scheduled) == (None, False)
    told = html(page("daan"))
    assert "from the command line" in told
    assert "by itself</span>" not in told


def test_a_lead_reads_why_nothing_can_go_out_by_itself_yet(page: Callable[[str], Any], house: House) -> None:
    test = page("sanne")
    test.text_area(key="schedule_receivers").set_value("lea@lumerik.example")
    next(one for one in test.button if "Send it by itself" in one.label).click().run()
    assert "No mail goes out from here yet" in html(test)
    assert house.inbox.reports.schedules(house.token("sanne")) == ()
