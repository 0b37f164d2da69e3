"""`klankbord budget`: what sources used of what their platforms charge or count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store.engine import open_store
from store.meters import MICRO, Claim, MeterRecord, declare, hold, settle
from store.periods import stretch
from store.records import MeterCharge
from tests.klankbord.conftest import Workspace


@pytest.fixture
def spent(collected: Workspace) -> Workspace:
    """A workspace whose sources used 45.5 of 50 USD, and 3 of something that is only counted."""
    store = open_store(f"sqlite:///{collected.database}")
    day = stretch("day", "UTC", datetime.now(UTC)).today
    declare(store, "news", [MeterRecord("usd", "USD", 50 * MICRO, 5 * MICRO, "day", "UTC")])
    settle(store, "news", [MeterCharge("usd", day, used=45 * MICRO, calls=90)])
    assert hold(store, "news", [Claim("usd", day, day, day + timedelta(days=1), MICRO // 2, 50 * MICRO)]) is None
    declare(store, "mail", [MeterRecord("calls", "calls", None, 0, "month", "UTC")])
    settle(store, "mail", [MeterCharge("calls", day, used=3 * MICRO, calls=3)])
    store.close()
    return collected


def test_what_was_used_of_how_much_is_told_in_json(spent: Workspace) -> None:
    mail, news = spent.json("budget")
    told = {"limit", "kept_for_answers", "used", "not_settled", "today", "month", "calls"}
    assert {key: news[key] for key in told} == {
        "limit": 50,
        "kept_for_answers": 5,
        "used": 45.5,
        "not_settled": 0.5,
        "today": 45.5,
        "month": 45.5,
        "calls": 91,
    }
    assert (news["source"], news["meter"], news["unit"], news["period"]) == ("news", "usd", "USD", "day")
    assert [(day["used"], day["calls"]) for day in news["days"]] == [(45.5, 91)]
    assert (mail["limit"], mail["used"], mail["used_up_at"]) == (None, 3, None)


def test_the_same_is_told_in_words(spent: Workspace) -> None:
    shown = " ".join(spent.run("budget").stdout.split())
    assert "45.50 of 50 USD a day" in shown
    assert "used up until" in shown
    assert "3 calls a month" in shown
    assert "only counted" in shown


def test_a_workspace_without_meters_says_so(collected: Workspace) -> None:
    result = collected.run("budget")
    assert result.exit_code == 0
    assert "no source has a meter yet" in result.stderr
    assert collected.json("budget") == []
