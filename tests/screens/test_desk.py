"""The list, the sidebar and the keyboard without a browser: what pressing does, what the reader is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from inbox.bulk.views import Action, Kind
from inbox.errors import BadInput
from inbox.views import View
from screens.bulk import action_of
from tests.screens.conftest import House

App = Callable[..., Any]


def pressing(call: Callable[..., None], **given: Any) -> Any:
    """Run one callback in a session of its own, as the browser would; gives what the tab knows afterwards."""
    test = AppTest.from_function(call, kwargs=given, default_timeout=30)
    test.context["locale"] = "en-GB"
    test.run()
    assert not test.exception
    return test.session_state["klankbord_tab"]


def _bulk(what: str, rows: list[list[int]], *, whole: bool = False, back: bool = False) -> None:
    from screens import bulk
    from screens.state import tab

    bulk.apply(what, rows, whole=whole)
    if back:
        bulk.undo(tab(), tab().step.bulk)


def test_one_thing_is_done_to_many_rows_and_refusals_are_told(app: App, house: House) -> None:
    cards = app("daan").session_state["klankbord_tab"].cards[:3]
    other = house.token("sanne")
    house.inbox.claim(other, cards[1].id)
    here = pressing(_bulk, what="spam", rows=[[card.id, card.version] for card in cards])
    assert here.notice.text.startswith("Done for 2 conversations. 1 refused:")
    assert "(a colleague has it)" in here.notice.text
    assert len(here.step.bulk) == 2
    statuses = [house.inbox.detail(other, card.id).card.status for card in cards]
    assert statuses == ["spam", "open", "spam"]


def test_a_whole_view_is_done_and_taken_back(app: App, house: House) -> None:
    app("daan")
    before = house.inbox.listing(house.token("sanne"), View.NEW, limit=500).cards
    here = pressing(_bulk, what="resolve", rows=[], whole=True, back=True)
    assert here.notice.text.startswith(f"{len(before)} conversations are as they were.")
    after = house.inbox.listing(house.token("sanne"), View.NEW, limit=500).cards
    assert {card.id for card in after} == {card.id for card in before}


def test_who_only_reads_is_told_so_and_nothing_is_done(app: App, house: House) -> None:
    cards = app("robin").session_state["klankbord_tab"].cards[:2]
    here = pressing(_bulk, what="resolve", rows=[[card.id, card.version] for card in cards])
    assert "does not allow this" in here.notice.text
    assert house.inbox.detail(house.token("sanne"), cards[0].id).card.status == "new"


def test_what_the_browser_sends_becomes_an_action_or_nothing(app: App, house: House) -> None:
    app("daan")
    me = house.inbox.current_user(house.token("daan"))
    assert action_of("assign_me", me) == Action(Kind.ASSIGN, me.id)
    assert action_of("assign:", me) == Action(Kind.ASSIGN, None)
    assert action_of("team:press", me) == Action(Kind.TEAM, "press")
    assert action_of("tag:storing", me) == Action(Kind.TAG, "storing")
    assert action_of("priority:0", me) == Action(Kind.PRIORITY, 0)
    assert action_of("drop table", me) is None
    for what in ("priority:x", "assign:x", "snooze:never"):
        with pytest.raises(BadInput):
            action_of(what, me)
