"""What a source used of a budget, on the Sources page: in words, as a bar, in both languages and on every screen."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inbox.source_views import MeterView
from screens import i18n, meter_bar
from store.engine import Store
from store.meters import MICRO, MeterRecord, declare, settle
from store.periods import stretch
from store.records import MeterCharge
from store.schema import coverage, meter_use, query_state
from store.sources import set_query_state
from tests.screens.conftest import House, Served

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def meter(used: str, **more: Any) -> MeterView:
    values: dict[str, Any] = {
        "name": "usd",
        "unit": "USD",
        "period": "day",
        "most": Decimal(50),
        "kept": Decimal(5),
        "used": Decimal(used),
        "today": Decimal(used),
        "month": Decimal("1210.5"),
        "ends_at": NOON + timedelta(hours=12),
    }
    return MeterView(**(values | more))


@pytest.fixture(autouse=True)
def _english() -> Any:
    i18n.choose("en", "Europe/Amsterdam")
    yield
    i18n.choose("en", "Europe/Amsterdam")


def test_a_budget_says_how_much_of_how_much_and_until_when() -> None:
    shown = meter_bar.bar(meter("12.345"), NOON)
    assert "12.34 of 50 USD today · 1,210.50 USD this month · begins anew at 11 Mar 01:00" in shown
    assert 'class="kb-meter green"' in shown
    assert "width:24.69%" in shown
    assert "width:10.00%" in shown


def test_a_budget_that_will_not_last_says_until_when_it_does() -> None:
    shown = meter_bar.bar(meter("30", used_up_at=NOON + timedelta(hours=5)), NOON)
    assert "at this rate used up at 18:00" in shown
    assert 'class="kb-meter orange"' in shown


def test_a_budget_that_is_used_up_says_when_reading_goes_on_and_what_stays_for_answers() -> None:
    i18n.choose("nl", "Europe/Amsterdam")
    shown = meter_bar.bar(meter("45", used_up=True), NOON)
    words = "45 van 50 USD vandaag · 1.210,50 USD deze maand · op; het lezen gaat verder vanaf 11 mrt 01:00"
    assert f"{words} · 5 USD blijft over voor antwoorden" in shown
    assert 'class="kb-meter red"' in shown


def test_what_is_only_counted_has_no_bar() -> None:
    shown = meter_bar.bar(meter("80", unit="units", most=None, kept=Decimal(0), month=Decimal(2_000)), NOON)
    assert "80 units used today · 2,000 units this month" in shown
    assert "kb-bars" not in shown


def test_a_budget_of_a_month_tells_today_too() -> None:
    shown = meter_bar.bar(meter("30", period="month", today=Decimal("2.5")), NOON)
    assert "30 of 50 USD this month · 2.50 USD today" in shown


def test_a_unit_is_shown_as_text_whoever_wrote_it() -> None:
    assert "<b>" not in meter_bar.bar(meter("1", unit="<b>USD</b>"), NOON)


def spend(store: Store, now: datetime, source: str, share: Decimal) -> None:
    """Three meters, of which the first has used this share of what reading may use."""
    month = MeterRecord("calls", "calls", 20_000 * MICRO, 0, "month", "UTC")
    units = MeterRecord("units", "units", None, 0, "day", "America/Los_Angeles")
    declare(store, source, [MeterRecord("usd", "USD", 50 * MICRO, 5 * MICRO, "day", "UTC"), month, units])
    today = stretch("day", "UTC", now).today
    with store.write() as conn:
        conn.execute(meter_use.delete().where(meter_use.c.source_id == source))
    used = int(45 * MICRO * share)
    settle(
        store, source, [MeterCharge("usd", today, used, calls=90), MeterCharge("calls", today, 512 * MICRO, calls=9)]
    )


def test_a_source_is_shown_with_its_budgets_in_the_order_of_its_connector(house: House) -> None:
    spend(house.store, datetime.now(UTC), "mastodon", Decimal(1))
    (found,) = [one for one in house.inbox.sources(house.token("daan")) if one.id == "mastodon"]
    usd, calls, units = found.meters
    assert (usd.used, usd.most, usd.kept, usd.used_up) == (45, 50, 5, True)
    assert (calls.used, calls.used_up, units.most) == (512, False, None)


def test_what_is_not_asked_while_a_budget_is_used_up_is_a_gap_in_the_ledger(house: House) -> None:
    now = datetime.now(UTC)
    stopped = now - timedelta(hours=3)
    with house.store.write() as conn:
        conn.execute(query_state.delete())
        conn.execute(coverage.delete())
        conn.execute(
            coverage.insert().values(
                source_id="mastodon", query_id="q", start_at=now - timedelta(days=9), end_at=stopped
            )
        )
        waiting = {"error_class": "BudgetExhausted", "error_text": "45 of 50 USD a day used"}
        set_query_state(conn, house.store, "mastodon", "q", waiting | {"not_before": now + timedelta(hours=2)})
    (found,) = [one for one in house.inbox.sources(house.token("daan")) if one.id == "mastodon"]
    (query,) = [one for one in found.queries if one.query_id == "q"]
    assert [(bar.state.value, bar.text) for bar in query.bars] == [("covered", ""), ("gap", "45 of 50 USD a day used")]
    assert query.bars[-1].start == stopped


SHOTS = os.environ.get("KLANKBORD_SHOTS")
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "dutch": {"locale": "nl-NL"},
}


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_the_budgets_fit_every_screen(served: Served, visit: Callable[..., Any], look: str) -> None:
    spend(served.house.store, datetime.now(UTC), "mastodon", Decimal("0.4"))
    spend(served.house.store, datetime.now(UTC), "reviews", Decimal(1))
    page = visit("sanne", "/sources", **LOOKS[look])
    page.locator(".kb-meter").first.wait_for()
    words = "vandaag" if look == "dutch" else "today"
    page.locator(".kb-meter", has_text=words).first.wait_for()
    assert page.locator(".kb-meter").count() == 6
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    wide = page.locator(".kb-meter").evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth + 1)")
    assert wide
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"budgets-{look}.png"), full_page=True)
