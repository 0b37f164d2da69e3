"""Calls with a price: asked before they are made, settled with their page, never more than the limit."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from connectors.contract import Task
from connectors.requests import HttpRequest
from pipeline.ledger import Ledger
from store.engine import Store
from tests.conftest import Clock
from tests.pipeline.bench import CrashError, CrashingLedger, collector, enrolled, source
from tests.pipeline.bought import Market, priced_source
from tests.pipeline.fake_platform import Platform, Post, transport
from tests.pipeline.priced_platform import BoughtOptions, BoughtSearch, PricedPlatform, post_id

Make = Callable[..., Market]


@pytest.fixture
def market(store: Store, clock: Clock) -> Make:
    """A market of so many posts in the last five minutes, a call costing up to 0.50 USD."""

    def make(posts: int = 250, *, ledger: Callable[[Store], Ledger] = Ledger, **options: Any) -> Market:
        start = clock() - timedelta(minutes=5)
        ids = [post_id(start + timedelta(milliseconds=n * 200_000 // posts), n) for n in range(posts)]
        settings = {"kept_for_answers": options.pop("kept_for_answers", 0.1)}
        platform = PricedPlatform(clock, ids)
        return Market(store, clock, platform, priced_source(options=options, **settings), ledger=ledger)

    return make


def test_a_page_is_charged_what_it_really_cost(market: Make) -> None:
    here = market(250)
    report = here.collect()
    assert report.total("new") == 250
    assert here.used() == Decimal("1.25") == sum(here.platform.bill.values())
    assert (here.meter().held, here.meter().calls) == (0, 3)


def test_what_does_not_fit_is_not_bought_and_the_ledger_says_which_stretch(market: Make, clock: Clock) -> None:
    here = market(250, usd_a_day=1.2)  # 0.12 of it is kept for answers: two pages fit
    began = clock() - timedelta(minutes=5)
    report = here.collect()
    assert report.total("new") == 200
    assert sum(here.platform.bill.values()) == Decimal("1.00")
    (proven,), (gap,) = here.covered(), here.unbought()
    assert (proven.end, gap.start, gap.end) == (clock(), began, proven.start)
    assert report.health.text == (
        "the bought quota is used up (1 of 1.20 USD a day used, 0.12 kept for answers); next at 2026-03-11 00:00"
    )


def test_new_money_is_for_what_is_new_and_what_is_left_over_for_what_was_not_bought(market: Make, clock: Clock) -> None:
    here = market(250, usd_a_day=1.2)
    stopped = here.collect().started_at
    clock.step(hours=13)
    assert here.collect().queries == ()
    clock.step(hours=1)
    here.collect()
    below, since = here.unbought()
    assert (below.end, since.start, since.end) == (here.covered()[0].start, stopped, clock() - timedelta(minutes=4))
    assert here.used() == 0
    clock.step(hours=16)  # two thirds of the day have passed: 0.65 USD may be used by now, and a page costs up to 0.50
    report = here.collect()
    assert report.total("new") == 50
    assert (here.unbought(), report.health.text) == ([], "")
    assert len(here.covered()) == 1


def test_a_budget_that_will_not_last_the_day_is_told_beforehand(market: Make) -> None:
    report = market(250, usd_a_day=2.5).collect()
    assert (report.health.state, report.health.text) == (
        "ok",
        "at this rate the budget of 2.50 USD a day is used up at 18:00",
    )
    assert market(250, usd_a_day=50).collect().health.text == ""


def test_a_raised_limit_counts_as_soon_as_the_worker_starts_anew(market: Make, store: Store, clock: Clock) -> None:
    here = market(250, usd_a_day=1.2)
    here.collect()
    clock.step(minutes=5)
    richer = Market(store, clock, here.platform, priced_source(options={"usd_a_day": 5}))
    assert richer.collect(fresh=True).total("new") == 50
    assert richer.unbought() == []


def test_a_limit_below_the_price_of_one_call_is_told(market: Make) -> None:
    report = market(250, usd_a_day=0.3).collect()
    assert report.health.text == (
        "the bought quota is used up (0 of 0.30 USD a day used, 0.03 kept for answers; one call alone may cost 0.50, "
        "so it never fits); next at 2026-03-11 00:00"
    )


def test_nothing_is_kept_for_answers_where_the_settings_say_so(market: Make) -> None:
    here = market(250, usd_a_day=1.5, kept_for_answers=0)
    assert here.collect().total("new") == 250


@pytest.mark.parametrize("fault", ["503", "html", "cut"])
def test_an_answer_that_cannot_be_read_counts_as_its_whole_price(market: Make, fault: str) -> None:
    here = market(250)
    here.platform.faults = deque([fault])
    assert here.collect().failed
    assert len(here.platform.asked) == 1, "a call that was paid for is not repeated unasked"
    assert here.used() == Decimal("0.50") >= sum(here.platform.bill.values())


def test_a_call_the_platform_refuses_for_being_too_many_costs_nothing(market: Make, clock: Clock) -> None:
    here = market(250)
    here.platform.calls = 1
    here.collect()
    assert here.platform.announced == 0
    assert here.used() == Decimal("0.50")
    assert here.meter().held == 0
    clock.step(minutes=1)
    here.collect()
    assert here.platform.announced == 0, "the wait is kept by a process that has just started too"


def test_a_worker_that_dies_with_the_answer_in_its_hands_leaves_the_price_counted(market: Make) -> None:
    here = market(250, ledger=lambda store: CrashingLedger(store, before=frozenset({1})))
    with pytest.raises(CrashError):
        here.collect()
    assert sum(here.platform.bill.values()) == Decimal("1.00")
    assert here.used() == Decimal("1.00")
    assert here.meter().held == 500_000


def test_a_worker_that_dies_after_the_commit_has_settled(market: Make) -> None:
    here = market(250, ledger=lambda store: CrashingLedger(store, after=frozenset({1})))
    with pytest.raises(CrashError):
        here.collect()
    assert here.used() == Decimal("1.00")
    assert here.meter().held == 0


def test_other_queries_of_the_source_say_themselves_what_was_not_bought(market: Make) -> None:
    here = market(100, usd_a_day=0.6, words=("acme", "other"))
    report = here.collect()
    assert [query.trouble is None for query in report.queries] == [True, False]
    assert (here.unbought("acme"), len(here.unbought("other"))) == ([], 1)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_calls_without_a_price_touch_no_account(store: Store, clock: Clock) -> None:
    platform = Platform(now=clock, posts=[Post(f"p{n}", clock(), clock()) for n in range(30)])
    feed = source()
    enrolled(store, clock(), feed)
    ledger = Ledger(store)
    worker = collector(ledger, clock, transport=transport(platform))
    import asyncio

    clock.step(seconds=1)
    asyncio.run(worker.collect(feed))
    asked: list[str] = []

    def note(*args: Any) -> None:
        asked.append(args[2])

    event.listen(store.engine, "before_cursor_execute", note)
    clock.step(minutes=5)
    asyncio.run(worker.collect(feed))
    ledger.close()
    assert len(asked) > 10
    assert [statement for statement in asked if "meter" in statement] == []


class Thrifty(BoughtSearch):
    """Asks for no more posts than it can pay."""

    def _ask(self, task: Task, token: str | None, top: str) -> HttpRequest:
        request = super()._ask(task, token, top)
        left = task.left["usd"]
        if token is not None:
            left -= 0.5  # the page that is being read, at its price: careful
        most = max(10, min(100, round(left / 0.005)))
        params = tuple((name, str(most) if name == "max_results" else value) for name, value in request.params)
        return replace(request, params=params, price={"usd": most * 0.005})


def test_a_connector_that_looks_at_what_is_left_buys_smaller_pages_at_the_end(store: Store, clock: Clock) -> None:
    ids = [post_id(clock() - timedelta(minutes=5) + timedelta(seconds=n), n) for n in range(250)]
    platform, options = PricedPlatform(clock, ids), {"usd_a_day": 1.3}
    here = Market(
        store,
        clock,
        platform,
        priced_source(options=options, kept_for_answers=0),
        make_connector=lambda settings: Thrifty(BoughtOptions(**settings.options)),
    )
    here.collect()
    assert [params["max_results"] for params in platform.asked] == ["100", "100", "60"]
    assert here.used() == Decimal("1.25")
