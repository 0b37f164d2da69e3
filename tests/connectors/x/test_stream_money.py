"""What X's filtered stream costs: charged to the same meter, never over it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import orjson
import pytest

from tests.connectors.x.pushing import Connection
from tests.connectors.x.saying import problem
from tests.connectors.x.streaming import MakeBench


async def test_a_cap_told_inside_the_stream_ends_the_spending(make: MakeBench) -> None:
    bench = await make()
    line = {"errors": [problem("usage-capped", "UsageCapExceeded", "Usage cap exceeded", period="Monthly")]}

    async def ended(one: Connection) -> None:
        await one.response.write(orjson.dumps(line) + b"\r\n")
        await one.says("acme")
        await one.alive(40)

    (query,) = (await bench.run(ended)).queries
    assert query.trouble is not None
    assert query.trouble.error_class == "BudgetExhausted"


@pytest.mark.slow
async def test_the_stream_is_closed_when_the_money_is_used_up_and_the_ledger_says_what_was_not_bought(
    make: MakeBench,
) -> None:
    bench = await make(usd_per_day=1, usd_per_month=None)

    async def endless(one: Connection) -> None:
        while True:
            one.site.step(timedelta(seconds=1))
            await one.says(f"acme {one.site.now()}", f"jo{len(one.site.posts)}")

    report = await bench.run(endless)
    (query,) = report.queries
    assert query.trouble is not None
    assert query.trouble.error_class == "BudgetExhausted"
    under_way = Decimal("0.015")  # written by X while we closed the stream
    assert Decimal("0.55") < bench.used() <= Decimal(str(round(bench.site.paid, 6))) <= bench.used() + under_way
    assert bench.site.paid <= 0.9
    closed = bench.clock()
    bench.clock.step(hours=1)
    unpaid = bench.site.say("acme onbetaald")
    assert (await bench.run()).skipped == (bench.query,)
    midnight = closed.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    bench.clock.now = midnight
    await bench.run()
    (gap,) = (each for each in bench.gaps() if each.reason == "quota")
    assert "not bought" in gap.text
    assert closed - timedelta(seconds=40) <= gap.span.start <= closed
    assert gap.span.end >= midnight - timedelta(minutes=5)
    assert unpaid not in bench.kept()
    bench.clock.now = midnight + timedelta(hours=23)  # by then most of a day's money is there for what is left over
    await bench.run()
    assert unpaid in bench.kept()
    assert not [each for each in bench.gaps() if each.reason == "quota"]


async def test_money_that_would_not_pay_one_batch_opens_no_stream(make: MakeBench) -> None:
    bench = await make(usd_per_day=0.2, usd_per_month=None)
    (query,) = (await bench.run()).queries
    assert query.trouble is not None
    assert query.trouble.error_class == "BudgetExhausted"
    assert bench.site.opened == []
    assert bench.used() == 0


async def test_minutes_are_asked_back_only_where_the_access_has_them(make: MakeBench) -> None:
    bench = await make()
    await bench.run()
    assert "backfill_minutes" not in bench.site.params[0]
    other = await make(backfill_minutes=5)
    await other.run()
    assert other.site.params[-1]["backfill_minutes"] == "5"


@pytest.mark.slow
async def test_money_is_not_overdrawn_by_a_stream_that_stands_over_midnight(make: MakeBench) -> None:
    bench = await make(usd_per_day=1, usd_per_month=None)
    midnight = bench.clock().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    bench.clock.now = midnight - timedelta(seconds=30)
    paid_before: list[float] = []

    async def endless(one: Connection) -> None:
        while True:
            one.site.step(timedelta(seconds=1 if paid_before else 5))
            if one.site.now() >= midnight and not paid_before:
                paid_before.append(one.site.paid)
            await one.says(f"acme {one.site.now()}", f"jo{len(one.site.posts)}")

    (query,) = (await bench.run(endless)).queries
    assert query.trouble is not None
    assert query.trouble.error_class == "BudgetExhausted"
    assert query.trouble.not_before == midnight + timedelta(days=1)
    today = bench.site.paid - paid_before[0]
    assert 0.55 < today <= 0.9
    assert Decimal("0.55") < bench.used() <= Decimal("0.9")
