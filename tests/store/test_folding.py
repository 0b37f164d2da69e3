"""Copies fold under the first one, and a group stays whole whatever becomes of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Row, func, select

from benchmarks.duplicates import COPIES, complaint
from store import schema
from store.commit.duplicates import UNDER_A_KEY, WINDOW
from store.commit.rollups import Deltas
from store.engine import Store
from store.erasing import Erasure, Why, erase_items
from store.folding import fold_again, unfold
from store.ingest import commit_page
from store.records import DeletedRecord, MentionRecord, Near
from store.upkeep import forget_near_keys
from tests.store.copying import OTHER, SAID, check_groups, folded, saying
from tests.store.making import NOW, mention, page

LATER = NOW + timedelta(hours=1)


def talk_of(store: Store, external_id: str) -> Row[Any]:
    """The conversation that holds a mention."""
    with store.read() as conn:
        query = select(schema.conversation).join(
            schema.mention, schema.mention.c.conversation_id == schema.conversation.c.id
        )
        return conn.execute(query.where(schema.mention.c.external_id == external_id)).one()


def id_of(store: Store, external_id: str) -> int:
    with store.read() as conn:
        return int(
            conn.execute(select(schema.mention.c.id).where(schema.mention.c.external_id == external_id)).scalar_one()
        )


def gone(external_id: str) -> DeletedRecord:
    return DeletedRecord(external_id, "forum:a.example")


def test_copies_that_are_not_exact_fold_under_the_best_match(store: Store) -> None:
    commit_page(store, page(saying("1", SAID), saying("2", OTHER)))
    commit_page(store, page(saying("3", f"RT @a: {SAID[:70]}…"), saying("4", OTHER.replace("gisteren", "vandaag"))))
    commit_page(
        store, page(saying("5", f"Echt waar! {SAID}"), saying("6", "Iets heel anders dat niemand hier eerder zei"))
    )
    assert folded(store) == {"1": None, "2": None, "3": "1", "4": "2", "5": "1", "6": None}
    assert talk_of(store, "1").n_duplicates == 2
    assert (talk_of(store, "3").status, talk_of(store, "3").status_reason) == ("archived", "duplicate")
    check_groups(store)


def test_within_a_page_the_oldest_is_the_first_one(store: Store) -> None:
    newest = [saying(str(n), SAID, published_at=NOW - timedelta(minutes=n)) for n in range(1, 4)]
    commit_page(store, page(*newest))
    assert folded(store) == {"1": "3", "2": "3", "3": None}


def test_nothing_folds_across_more_than_thirty_days(store: Store) -> None:
    commit_page(store, page(saying("1", SAID, published_at=NOW - WINDOW - timedelta(hours=1)), archive_after_s=None))
    commit_page(store, page(saying("2", SAID), saying("3", f"{SAID} 😡", published_at=NOW - timedelta(days=10))))
    assert folded(store) == {"1": None, "2": None, "3": "1"}


def test_what_is_said_to_the_brand_itself_is_folded_and_stays_work(store: Store) -> None:
    commit_page(store, page(saying("1", SAID)))
    commit_page(
        store, page(saying("2", SAID, flags=("addressed",)), saying("3", f"Help! {SAID}", visibility="private"))
    )
    assert folded(store) == {"1": None, "2": "1", "3": "1"}
    assert [talk_of(store, each).status for each in "123"] == ["new", "new", "new"]


def test_a_copy_of_what_nobody_was_shown_is_work(store: Store) -> None:
    commit_page(store, page(saying("1", SAID, published_at=NOW - timedelta(days=20))))
    assert talk_of(store, "1").status_reason == "old"
    commit_page(store, page(saying("2", SAID)))
    assert folded(store)["2"] == "1"
    assert talk_of(store, "2").status == "new"


def test_what_turns_out_to_be_addressed_comes_back(store: Store) -> None:
    commit_page(store, page(saying("1", SAID), saying("2", SAID, published_at=NOW)))
    assert talk_of(store, "2").status == "archived"
    commit_page(store, page(saying("2", SAID, published_at=NOW, flags=("addressed",)), fetched_at=LATER))
    found = talk_of(store, "2")
    assert (found.status, found.status_reason, found.routing_pending) == ("new", None, True)
    assert folded(store)["2"] == "1"


def test_context_and_our_own_words_are_nobodys_copy(store: Store) -> None:
    commit_page(store, page(saying("1", SAID, flags=("context",)), saying("2", SAID, direction="outbound")))
    commit_page(store, page(saying("3", SAID)))
    assert set(folded(store).values()) == {None}


def test_news_of_other_sites_is_grouped_and_a_boilerplate_groups_nothing(store: Store) -> None:
    lead = f"{SAID}. Monteurs zijn ter plaatse, zegt een woordvoerder."
    boilerplate = "Lees het hele bericht op onze site, meld je aan voor de nieuwsbrief en mis geen enkel bericht meer"

    def news(number: int, title: str, text: str, url: str) -> MentionRecord:
        return saying(str(number), text, kind="article", title=title, url=url, namespace=f"feeds:{number}")

    commit_page(store, page(news(1, "Storing in Utrecht duurt nog voort", lead, "https://een.example/a")))
    commit_page(
        store,
        page(
            news(2, "Storing in Utrecht duurt nog voort", f"{lead} {OTHER} {OTHER}", "https://twee.example/9"),
            news(3, "Halve stad zit zonder internet", lead, "https://drie.example/b"),
            news(4, "Storing in Utrecht duurt nu al voort", "Kort bericht.", "https://een.example/a?utm_source=rss"),
            news(5, "Wat er deze week te doen is in de stad", boilerplate, "https://vier.example/1"),
            news(6, "De burgemeester opent een nieuwe brug", boilerplate, "https://vier.example/2"),
        ),
    )
    assert folded(store) == {"1": None, "2": "1", "3": "1", "4": "1", "5": None, "6": None}


def test_a_phrase_that_thousands_share_leads_to_a_few(store: Store) -> None:
    near = Near((7,), lambda _: 0.0)
    for start in range(0, 60, 20):
        commit_page(store, page(*(mention(str(n), dup_hash=n, near=near) for n in range(start, start + 20))))
    with store.read() as conn:
        assert len(conn.execute(select(schema.near_key)).all()) == UNDER_A_KEY


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_no_copy_need_not_be_read_when_its_shape_is_kept(store: Store, *, kept: bool) -> None:
    copy, stranger = saying("3", f"Echt? {SAID}"), saying("2", OTHER)
    assert copy.near is not None
    assert stranger.near is not None
    turn_of_phrase = replace(stranger, near=replace(stranger.near, keys=copy.near.keys))
    commit_page(store, page(saying("1", SAID), turn_of_phrase))
    if not kept:
        with store.write() as conn:
            conn.execute(schema.near_key.update().values(shape=None))
    read: list[str] = []
    judge = copy.near.likeness

    def noted(said: Any) -> float:
        read.append(said.text)
        return judge(said)

    commit_page(store, page(replace(copy, near=replace(copy.near, likeness=noted)), fetched_at=LATER))
    assert folded(store)["3"] == "1"
    assert sorted(read) == ([SAID] if kept else sorted((SAID, OTHER)))


# When the first one goes


@pytest.mark.parametrize("how", ["deleted", "erased"])
def test_the_oldest_copy_takes_the_place_of_the_first_one(store: Store, how: str) -> None:
    said = [saying(str(n), SAID, published_at=NOW - timedelta(minutes=9 - n), brand_ids=("acme",)) for n in range(4)]
    for each in said:
        commit_page(store, page(each))
    if how == "deleted":
        commit_page(store, page(deleted=(gone("0"),), fetched_at=LATER))
    else:
        store.write_again(lambda conn: erase_items(conn, store, [id_of(store, "0")], Erasure(Why.ERASED, LATER)))
    found = folded(store)
    assert [found[each] for each in "123"] == ["1", "1", "1"]
    first = talk_of(store, "1")
    assert (first.status, first.n_duplicates, first.routing_pending) == ("new", 2, True)
    commit_page(store, page(saying("5", SAID), saying("6", f"Echt? {SAID}"), fetched_at=LATER))
    assert (folded(store)["5"], folded(store)["6"]) == ("1", "1")
    with store.read() as conn:
        counted = select(func.sum(schema.rollup_day.c.n), func.sum(schema.rollup_day.c.n_copies))
        assert conn.execute(counted.where(schema.rollup_day.c.brand_id == "")).one() == (1, 5)
        told = conn.execute(select(schema.event.c.action).where(schema.event.c.object_id == str(first.id))).scalars()
        assert "first_of_copies" in set(told)
    check_groups(store)


def test_a_copy_of_what_was_settled_stays_folded_away(store: Store) -> None:
    commit_page(store, page(saying("1", SAID)))
    commit_page(store, page(saying("2", SAID)))
    with store.write() as conn:
        conn.execute(
            schema.conversation.update()
            .where(schema.conversation.c.key.like("%1"))
            .values(status="resolved", is_open=False)
        )
    commit_page(store, page(deleted=(gone("1"),), fetched_at=LATER))
    assert folded(store)["2"] == "2"
    assert talk_of(store, "2").status == "archived"


def test_without_a_copy_that_stands_the_next_one_starts_anew(store: Store) -> None:
    commit_page(store, page(saying("1", SAID)))
    commit_page(store, page(saying("2", SAID)))
    commit_page(store, page(deleted=(gone("1"), gone("2")), fetched_at=LATER))
    commit_page(store, page(saying("3", SAID), fetched_at=LATER))
    assert folded(store)["3"] is None
    check_groups(store)


# When a text changes


def test_a_copy_that_says_something_else_now_leaves(store: Store) -> None:
    commit_page(
        store, page(saying("1", SAID), saying("2", SAID, published_at=NOW), saying("3", SAID, published_at=NOW))
    )
    commit_page(
        store, page(saying("2", OTHER, published_at=NOW), saying("3", f"{SAID} 😡", published_at=NOW), fetched_at=LATER)
    )
    assert folded(store) == {"1": None, "2": None, "3": "1"}
    assert (talk_of(store, "2").status, talk_of(store, "3").status) == ("new", "archived")
    commit_page(store, page(saying("4", f"Zo! {OTHER}"), fetched_at=LATER))
    assert folded(store)["4"] == "2"
    check_groups(store)


def test_a_first_one_that_says_something_else_now_leaves_its_place(store: Store) -> None:
    for number in (1, 2, 3):
        commit_page(store, page(saying(str(number), SAID, published_at=NOW - timedelta(minutes=9 - number))))
    commit_page(store, page(saying("1", OTHER, published_at=NOW - timedelta(minutes=8)), fetched_at=LATER))
    commit_page(store, page(saying("4", f"Zo! {OTHER}"), saying("5", f"Zo! {SAID}"), fetched_at=LATER))
    assert folded(store) == {"1": None, "2": "2", "3": "2", "4": "1", "5": "2"}
    check_groups(store)


# By hand


def test_what_was_taken_out_never_folds_again_and_others_fold_under_it(store: Store) -> None:
    commit_page(store, page(saying("1", SAID), saying("2", f"{SAID} zo", published_at=NOW)))

    def out(conn: Connection) -> int | None:
        record = saying("2", f"{SAID} zo")
        deltas = Deltas(ZoneInfo("UTC"))
        under = unfold(conn, store, id_of(store, "2"), record.near, deltas, alone=True)
        deltas.write(conn, store.dialect)
        return under

    assert store.write_again(out) == id_of(store, "1")
    assert store.write_again(out) is None
    commit_page(store, page(saying("2", f"{SAID} zo!", published_at=NOW), fetched_at=LATER))
    commit_page(store, page(saying("3", f"{SAID} zo", published_at=LATER), fetched_at=LATER))
    assert folded(store) == {"1": None, "2": None, "3": "2"}
    check_groups(store)


def test_taking_out_can_be_taken_back(store: Store) -> None:
    commit_page(store, page(saying("1", SAID), saying("2", SAID, published_at=NOW)))

    def there_and_back(conn: Connection) -> None:
        deltas = Deltas(ZoneInfo("UTC"))
        under = unfold(conn, store, id_of(store, "2"), saying("2", SAID).near, deltas, alone=True)
        assert under is not None
        fold_again(conn, store, id_of(store, "2"), under, deltas)
        deltas.write(conn, store.dialect)

    store.write_again(there_and_back)
    assert folded(store)["2"] == "1"
    check_groups(store)


def test_keys_that_are_too_old_to_matter_go(store: Store) -> None:
    commit_page(store, page(saying("1", SAID)))
    assert forget_near_keys(store, before=NOW - timedelta(days=1)) == 0
    assert forget_near_keys(store, before=NOW + timedelta(days=1)) == 4


# Whatever happens


def erase(store: Store, external_id: str, at: datetime, conn: Connection) -> int:
    here = [id_of(store, external_id)] if external_id in folded(store) else []
    return erase_items(conn, store, here, Erasure(Why.UNREFRESHED, at))


@dataclass
class Naive:
    """Every text against every first one: what the keys must find."""

    firsts: list[tuple[MentionRecord, datetime]]

    def add(self, record: MentionRecord) -> str | None:
        at = record.published_at
        assert at is not None
        near = [(first, when) for first, when in self.firsts if abs(at - when) <= WINDOW]
        exact = [first for first, _ in near if record.dup_hash is not None and first.dup_hash == record.dup_hash]
        if exact:
            return exact[-1].external_id
        met = [
            (-record.near.likeness(first), when, order, first.external_id)
            for order, (first, when) in enumerate(near)
            if record.near and first.near and {*record.near.keys} & {*first.near.keys}
        ]
        best = min((each for each in met if each[0] < 0), default=None)
        if best is None:
            self.firsts.append((record, at))
        return None if best is None else best[3]


@pytest.mark.parametrize("seed", range(4))
def test_folding_is_what_comparing_with_everything_gives(store: Store, seed: int) -> None:
    rng = random.Random(seed)
    texts = [complaint(rng) for _ in range(8)]
    naive = Naive([])
    expected: dict[str, str | None] = {}
    number = 0
    for _ in range(6):
        some = []
        for _ in range(rng.randrange(1, 12)):
            number += 1
            text = rng.choice(list(COPIES.values()))(rng.choice(texts), rng)
            some.append(saying(str(number), text, published_at=NOW - timedelta(days=rng.randrange(60), seconds=number)))
        commit_page(store, page(*some, archive_after_s=None))
        for each in sorted(some, key=lambda one: (one.published_at, int(one.external_id))):
            expected[each.external_id] = naive.add(each)
    assert folded(store) == expected
    check_groups(store)


@pytest.mark.parametrize("seed", range(4))
def test_groups_stay_whole_through_edits_deletions_and_erasure(store: Store, seed: int) -> None:
    rng = random.Random(100 + seed)
    texts = [complaint(rng) for _ in range(3)]
    for step in range(25):
        at = NOW + timedelta(hours=step)
        name = str(rng.randrange(12))
        match rng.randrange(5):
            case 0:
                commit_page(store, page(deleted=(gone(name),), fetched_at=at))
            case 1:
                store.write_again(partial(erase, store, name, at))
            case _:
                text = rng.choice(list(COPIES.values()))(rng.choice(texts), rng)
                commit_page(
                    store,
                    page(
                        saying(name, text, brand_ids=("acme",), flags=rng.choice(((), ("addressed",)))), fetched_at=at
                    ),
                )
        check_groups(store)
