"""Whatever happens to mentions, the roll-ups equal a recount; a store that was filled before they were gets them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import migrate, schema
from store.commit.rollups import KEYS, Deltas
from store.engine import Store
from store.enriching import Enriched, rewrite
from store.erasing import Erasure, Why, erase_items
from store.folding import fold_again, unfold
from store.ingest import commit_page
from store.records import DeletedRecord
from store.rollups import KEPT_BY, check_rollups, keep_by, rebuild_rollups
from store.sentiments import HAND, Sentiment
from store.volumes import SENTIMENTS, Wanted, totals, volumes
from tests.store.making import NOW, mention, page

ZONE = "Europe/Amsterdam"
ALWAYS = {"first": date(2000, 1, 1), "until": date(2100, 1, 1)}
MOODS = ("negative", "neutral", "positive", "unsure", None)


class Happenings:
    """What can happen to a few mentions, by chance."""

    def __init__(self, store: Store, chance: random.Random) -> None:
        self.store = store
        self.chance = chance
        self.now = NOW

    def step(self) -> None:
        self.now += timedelta(hours=self.chance.choice((1, 30)))
        getattr(self, self.chance.choice(("said", "said", "edited", "gone", "felt", "erased", "apart", "repeated")))()

    def said(self) -> None:
        many = [self._one(str(self.chance.randrange(12))) for _ in range(self.chance.randrange(1, 4))]
        self._commit(*many)

    def edited(self) -> None:
        number = str(self.chance.randrange(12))
        self._commit(self._one(number, text=f"anders {self.chance.random()}", edited_at=self.now))

    def repeated(self) -> None:
        same = "woord voor woord hetzelfde bericht over een merk"
        self._commit(self._one(str(20 + self.chance.randrange(6)), text=same, dup_hash=77))

    def gone(self) -> None:
        one = DeletedRecord(namespace="forum", external_id=str(self.chance.randrange(26)))
        commit_page(self.store, page(deleted=(one,), fetched_at=self.now, timezone=ZONE))

    def felt(self) -> None:
        if ids := self._ids():
            said = Sentiment(self.chance.choice(("negative", "positive")), 0.1, 0.9, HAND)
            lang = self.chance.choice(("nl", "en", "und"))
            row = Enriched(self.chance.choice(ids), lang=lang, lang_confidence=0.9, sentiment=said, corrected_by=1)
            self.store.write_again(lambda conn: rewrite(conn, self.store, [row], timezone=ZONE, by_hand=True))

    def erased(self) -> None:
        if ids := self._ids():
            why = self.chance.choice((Why.ERASED, Why.RETENTION))
            one = [self.chance.choice(ids)]
            self.store.write_again(lambda conn: erase_items(conn, self.store, one, Erasure(why, self.now)))

    def apart(self) -> None:
        with self.store.write() as conn:
            c = schema.mention.c
            copies = conn.execute(sa.select(c.id).where(c.dup_of.is_not(None), c.dup_of != c.id)).scalars().all()
            if not copies:
                return
            one, deltas = self.chance.choice(copies), Deltas(ZoneInfo(ZONE))
            under = unfold(conn, self.store, one, None, deltas, alone=True)
            if under is not None and self.chance.random() < 0.5:
                fold_again(conn, self.store, one, under, deltas)
            deltas.write(conn, self.store.dialect)

    def _one(self, number: str, **values: Any) -> Any:
        mood = self.chance.choice(MOODS)
        brands = self.chance.sample(("acme", "rival", "dochter"), self.chance.randrange(3))
        told: dict[str, Any] = {
            "text": f"bericht {number}",
            "kind": self.chance.choice(("post", "comment")),
            "lang": self.chance.choice(("nl", "en")),
            "brand_ids": tuple(brands),
            "direction": self.chance.choice(("inbound", "inbound", "inbound", "outbound")),
            "published_at": self.now - timedelta(minutes=self.chance.randrange(6_000)),
            "sentiment": None if mood is None else Sentiment(mood, 0.0, 0.5, "1:test"),
            **values,
        }
        return mention(number, **told)

    def _commit(self, *records: Any) -> None:
        source = self.chance.choice(("forum", "app"))
        commit_page(self.store, page(*records, source_id=source, fetched_at=self.now, timezone=ZONE))

    def _ids(self) -> list[int]:
        with self.store.read() as conn:
            return list(conn.execute(sa.select(schema.mention.c.id).order_by(schema.mention.c.id)).scalars())


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_any_sequence_of_happenings_leaves_the_rollups_equal_to_a_recount(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    happenings = Happenings(store, chance)
    for _ in range(12):
        happenings.step()
    assert check_rollups(store, timezone=ZONE) == []
    before = everything(store)
    rebuild_rollups(store, timezone=ZONE)
    assert everything(store) == before


def everything(store: Store) -> dict[str, set[tuple[Any, ...]]]:
    """All roll-ups, without what counts nothing."""
    with store.read() as conn:
        return {
            table.name: {tuple(row) for row in conn.execute(sa.select(table)) if row.n or row.n_copies}
            for table in KEYS
        }


def test_a_split_adds_up_to_the_whole_whatever_is_asked(store: Store) -> None:
    happenings = Happenings(store, random.Random(5))
    for _ in range(30):
        happenings.said()
    first, until = ALWAYS["first"], ALWAYS["until"]
    long_ago, far = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    with store.read() as conn:
        for wanted in (
            Wanted(),
            Wanted(("acme",)),
            Wanted(kinds=("post",), langs=("nl", "en")),
            Wanted(source_ids=("app",)),
        ):
            whole = totals(conn, wanted, **ALWAYS).get("", (0, 0, 0))
            days = volumes(conn, wanted, grain="day", first=first, until=until)
            hours = volumes(conn, wanted, grain="hour", first=long_ago, until=far)
            for rows in (days, hours):
                assert (sum(row.n for row in rows), sum(row.late for row in rows)) == whole[:2]
            for by in ("source_id", "lang", "kind", "sentiment"):
                parts = totals(conn, wanted, **ALWAYS, by=by)  # type: ignore[arg-type]
                split = volumes(conn, wanted, grain="day", first=first, until=until, by=by)  # type: ignore[arg-type]
                assert sum(n for n, _, _ in parts.values()) == sum(row.n for row in split) == whole[0]
            moods = [totals(conn, replace(wanted, sentiments=(mood,)), **ALWAYS) for mood in SENTIMENTS]
            assert sum(n for found in moods for n, _, _ in found.values()) == whole[0]


def test_a_store_that_was_filled_before_gets_its_rollups_from_the_first_start_on(
    empty_store_url: str, open_stores: Callable[..., Store]
) -> None:
    store = open_stores(empty_store_url)
    store.migrate()
    commit_page(store, page(mention("1", brand_ids=("acme",)), mention("2", kind="review"), timezone=ZONE))
    true = everything(store)
    with store.write() as conn:
        for table in KEYS:
            conn.execute(table.delete())
    assert len(check_rollups(store, timezone=ZONE)) > 0
    assert keep_by(store, timezone=ZONE)
    assert everything(store) == true
    assert not keep_by(store, timezone=ZONE), "once is enough"
    assert keep_by(store, timezone="Pacific/Auckland"), "another time zone has other days"
    assert check_rollups(store, timezone="Pacific/Auckland") == []
    with store.read() as conn:
        kept = conn.execute(sa.select(schema.setting.c.value).where(schema.setting.c.key == KEPT_BY)).scalar_one()
    assert kept == "Pacific/Auckland"


def test_the_upgrade_makes_the_rollups_anew_and_keeps_counters_of_themes(
    empty_store_url: str, open_stores: Callable[..., Store]
) -> None:
    store = open_stores(empty_store_url)
    with store.write() as conn:
        migrate.upgrade(conn, "0017")
        conn.execute(
            sa.text("INSERT INTO rollup_day (brand_id, day, source_id, lang, sentiment, n, n_rating, sum_rating) "
                    "VALUES ('', '2026-03-01', 'forum', 'nl', '', 3, 0, 0)")
        )  # fmt: skip
        for source in ("forum", "app"):
            conn.execute(
                sa.text(
                    "INSERT INTO theme_day (theme_id, day, brand_id, source_id, n) VALUES (1, '2026-03-01', '', :s, 2)"
                ),
                {"s": source},
            )
    store.migrate()
    with store.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(schema.rollup_day)).scalar_one() == 0
        assert conn.execute(sa.select(schema.theme_day_all.c.n)).scalars().all() == [4]
    assert keep_by(store, timezone=ZONE)
    assert check_rollups(store, timezone=ZONE) == []


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "UTC"])
def test_hours_are_those_of_the_local_clock_in_every_time_zone(store: Store, zone: str) -> None:
    local = ZoneInfo(zone)
    moments = [datetime(2026, 4, 4, 0, 0, tzinfo=local).astimezone(UTC) + timedelta(minutes=17 * n) for n in range(120)]
    commit_page(
        store,
        page(
            *(mention(str(n), published_at=at) for n, at in enumerate(moments)),
            fetched_at=moments[-1] + timedelta(hours=1),
            timezone=zone,
        ),
    )
    assert check_rollups(store, timezone=zone) == []
    with store.read() as conn:
        for wanted in (Wanted(), Wanted(source_ids=("forum",))):
            rows = volumes(conn, wanted, grain="hour", first=moments[0], until=moments[-1])
            assert {row.at.astimezone(local).minute for row in rows} == {0}
            assert sum(row.n for row in rows) == len(moments)
