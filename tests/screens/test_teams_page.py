"""The Teams page: an administrator makes a team, sees what it means, and others do not see it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from inbox.workspace.views import Preview
from screens import i18n, team_words
from tests.screens.conftest import House


@pytest.fixture
def page(house: House) -> Any:
    """The page alone, as it runs for the administrator."""
    from streamlit.testing.v1 import AppTest

    from screens import state

    token = house.token("sanne")
    state.use(lambda: house.inbox, token_of=lambda: token)
    test = AppTest.from_string("from screens.teams_page import draw; draw()", default_timeout=30)
    test.context["locale"] = "en-GB"
    test.context["timezone"] = "Europe/Amsterdam"
    return test.run()


def test_a_team_is_made_with_its_example_in_view(page: Any, house: House) -> None:
    page.text_input(key="newteam_name").set_value("Winkels Noord")
    page.text_input(key="newteam_hours").set_value("ma-vr 09:00-17:00")
    page.text_input(key="newteam_first_response").set_value("30m").run()
    page.button(key="newteam_save").click().run()
    assert not page.exception
    made = [one for one in house.inbox.workspace.teams(house.token("sanne")) if not one.declared]
    assert [(one.name, one.first_response_s) for one in made] == [("Winkels Noord", 1800)]


def test_a_value_that_cannot_be_used_is_told_and_nothing_is_made(page: Any, house: House) -> None:
    page.text_input(key="newteam_name").set_value("Winkels")
    page.text_input(key="newteam_hours").set_value("altijd eigenlijk").run()
    page.button(key="newteam_save").click().run()
    assert not page.exception
    assert not [one for one in house.inbox.workspace.teams(house.token("sanne")) if not one.declared]


def test_a_day_is_closed_and_taken_off(page: Any, house: House) -> None:
    page.date_input(key="day_on_webcare").set_value(date(2026, 12, 31))
    page.text_input(key="day_name_webcare").set_value("Oudjaarsdag")
    page.button(key="day_save_webcare").click().run()
    (day,) = house.inbox.workspace.teams(house.token("sanne"))[0].days
    assert (day.day, day.hours, day.name) == (date(2026, 12, 31), "", "Oudjaarsdag")
    page.button(key="day_off_webcare_2026-12-31").click().run()
    assert house.inbox.workspace.teams(house.token("sanne"))[0].days == ()


def test_the_example_is_a_sentence_in_both_languages() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    shown = Preview(
        datetime(2026, 3, 13, 16, 45, tzinfo=zone), 1800, datetime(2026, 3, 16, 9, 15, tzinfo=zone), str(zone)
    )
    assert team_words.example(shown) == "A message of Friday 16:45 with a target of 30 minutes is due Monday 09:15."
    i18n.choose("nl")
    assert "vrijdag 16:45" in team_words.example(shown)
    assert team_words.hours("mon-fri 09:00-17:00, sat 10:00-14:00") == "ma-vr 09:00-17:00; za 10:00-14:00"


@pytest.mark.parametrize(
    ("text", "seconds"), [("30m", 1800), ("4 uur", 14_400), ("2d", 172_800), ("", None), ("1 hour", 3600)]
)
def test_a_promised_time_is_read_as_people_write_it(text: str, seconds: int | None) -> None:
    assert team_words.seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["soon", "-3m", "4", "1y"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no length of time"):
        team_words.seconds_of(text)
