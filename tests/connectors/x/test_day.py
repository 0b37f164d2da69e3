"""Days with X's prices and limits: never over the amount, and what was not bought is known and bought later."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from connectors.contract import Connector, Options
from connectors.x import X, XOptions
from pipeline.settings import SourceSettings
from store.engine import Store
from store.schema import mention
from tests.conftest import Clock
from tests.pipeline.bought import Market
from tests.pipeline.priced_platform import PricedPlatform, _author, busy_day, post_id, written_at

pytestmark = pytest.mark.slow

DAY = datetime(2026, 11, 20, tzinfo=UTC)
INDEX_LAG = timedelta(seconds=31)


@dataclass
class OncePriced(PricedPlatform):
    """Charges each post and each user once a UTC day, as X's price list says."""

    once: set[tuple[str, str]] = field(default_factory=set)

    def _body(self, page: Sequence[int], following: int | None, *, users: bool) -> bytes:
        today = self.now().date()
        whole = len(page) * self.per_post + (len(page) * self.per_user if users else 0)
        self.bill[today] -= whole  # what the plain platform has just put on the bill
        names = [(f"p{number}", self.per_post) for number in page]
        names += [(f"u{_author(number)}", self.per_user) for number in page] if users else []
        for name, price in names:
            if (today.isoformat(), name) not in self.once:
                self.once.add((today.isoformat(), name))
                self.bill[today] += price
        return super()._body(page, following, users=users)


def made(settings: SourceSettings) -> Connector[Options]:
    return X(XOptions.model_validate(settings.options))


def source(usd: float) -> SourceSettings:
    options = {"bearer_token": "app-token", "terms": ["acme"], "usd_per_day": usd, "usd_per_month": None}
    defaults: dict[str, Any] = {"every": timedelta(minutes=5), "match": "all", "backfill": timedelta(minutes=5)}
    return SourceSettings(id="bought", connector="x", options=options, **defaults)


def bought(store: Store) -> set[int]:
    with store.read() as conn:
        return {int(key) for key in conn.execute(select(mention.c.external_id)).scalars()}


@pytest.fixture
def market(store: Store, clock: Clock) -> Callable[..., Market]:
    def make(platform: type[PricedPlatform], count: int, usd: float) -> Market:
        clock.now = DAY
        there = platform(clock, busy_day(DAY, count))
        return Market(store, clock, there, source(usd), make_connector=made)

    return make


def hold(here: Market, usd: float, end: datetime) -> set[int]:
    """The bill is within the amount, no limit was run into, and what the ledger claims was read.

    Of a stretch's last half minute only what X's index showed then: going on reads it again.
    """
    assert here.platform.bill
    assert max(here.platform.bill.values()) <= Decimal(str(usd))
    assert here.platform.announced == 0
    (query,) = made(here.source).queries(("acme",))
    seen, posts = bought(here.store), here.platform.posts
    for span in here.covered(query.id):
        first = bisect_left(posts, post_id(span.start))
        last = bisect_left(posts, post_id(min(span.end, end) - INDEX_LAG))
        missing = [written_at(number) for number in posts[first:last] if number not in seen]
        assert not missing, f"{len(missing)} of {span} were never read, such as {missing[0]}"
    return seen


def test_a_day_of_a_hundred_thousand_posts_stays_within_fifty_dollars(market: Callable[..., Market]) -> None:
    here = market(OncePriced, 100_000, 50)
    end = DAY + timedelta(days=1) - timedelta(minutes=1)
    here.run_until(end)
    seen = hold(here, 50, end)
    assert len(seen) > 4_000
    (query,) = made(here.source).queries(("acme",))
    assert here.unbought(query.id)
    assert sum(here.platform.bill.values()) > Decimal(35)  # a tenth is kept for answers, and the account is careful


def test_what_one_day_could_not_pay_is_bought_on_the_next_without_a_hole(market: Callable[..., Market]) -> None:
    here = market(OncePriced, 14_000, 50)
    end = DAY + timedelta(days=3)
    here.run_until(end)
    seen = hold(here, 50, end)
    (query,) = made(here.source).queries(("acme",))
    assert len(here.platform.bill) >= 2
    assert not here.unbought(query.id)
    assert seen == set(here.platform.posts)
