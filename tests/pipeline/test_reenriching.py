"""Reading kept mentions again: newest first, in slices, gone on with after any end, and nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pipeline import again
from pipeline.again import Step, begin, step
from pipeline.meaning import Meaning, outdated
from pipeline.reenriching import Reenrichment
from store import schema, walks
from store.engine import Store
from store.enriching import Enriched, rewrite
from store.ingest import commit_page
from store.records import DeletedRecord, PageCommit
from store.sentiments import HAND, Sentiment, by_tier
from tests.store.making import NOW, mention, page, person
from tests.store.test_ingest_properties import check_shown
from understanding.language import Language
from understanding.prepared import Prepared
from understanding.sentiment import tier_one

ANGRY = "wat een slechte service, ik ben boos en teleurgesteld"


class Tongue:
    """Says of every text that it is in one language; another version of a detector is another tongue."""

    def __init__(self, code: str, confidence: float = 0.9) -> None:
        self.version = f"tongue {code}"
        self._answer = Language(code, confidence)

    def detect(self, text: Prepared) -> Language:  # noqa: ARG002
        return self._answer

    def detect_each(self, texts: Sequence[Prepared]) -> list[Language]:
        return [self.detect(text) for text in texts]


class Slices(Reenrichment):
    """Small slices, and a list of what was read."""

    rows = 3

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.read: list[int] = []
        self.fails_at = -1

    def derive(self, told: Sequence[Any]) -> Sequence[Enriched]:
        if len(self.read) >= self.fails_at >= 0:
            msg = "the process ends here"
            raise RuntimeError(msg)
        self.read += [row.id for row in told]
        return super().derive(told)


def dutch(code: str = "nl", confidence: float = 0.9) -> Meaning:
    return Meaning(Tongue(code, confidence), tier_one())


def old(count: int, **values: Any) -> PageCommit:
    """Mentions that came in before there was any enrichment."""
    made = [mention(str(number), text=f"{ANGRY} {number}", lang="en", **values) for number in range(count)]
    return page(*(replace(each, lang_confidence=0.9, brand_ids=("acme",)) for each in made))


def walk_through(store: Store, work: Reenrichment, *, now: datetime = NOW) -> list[Step]:
    begin(store, work, now=now, again=True)
    done = [step(store, work, now=now, timezone="UTC")]
    while done[-1].more:
        done.append(step(store, work, now=now, timezone="UTC"))
        assert len(done) < 100
    return done


def rows_of(store: Store) -> list[Any]:
    with store.read() as conn:
        return list(conn.execute(select(schema.mention).order_by(schema.mention.c.id)))


def test_old_mentions_are_read_newest_first_and_counted_where_they_belong(store: Store) -> None:
    commit_page(store, old(8))
    work = Slices(dutch())
    last = walk_through(store, work)[-1].walk
    assert work.read == sorted(work.read, reverse=True)
    assert (last.done, last.total, last.changed) == (8, 8, 8)
    assert last.ended_at is not None
    for row in rows_of(store):
        assert (row.lang, row.sentiment) == ("nl", "negative")
        assert outdated(row.enriched, dutch().code) == {"duplicates"}
    check_shown(store)


def test_what_this_version_read_is_not_read_again(store: Store) -> None:
    commit_page(store, old(4))
    walk_through(store, Slices(dutch()))
    work = Slices(dutch())
    walk_through(store, work)
    assert work.read == []


def test_work_that_broke_off_goes_on_where_it_was(store: Store) -> None:
    commit_page(store, old(10))
    work = Slices(dutch())
    work.fails_at = 4
    with pytest.raises(RuntimeError):
        walk_through(store, work)
    done_before = list(work.read)
    with store.read() as conn:
        known = walks.find_walk(conn, work.name)
    assert known is not None
    assert (known.done, known.ended_at) == (6, None)
    work.fails_at = -1
    last = walk_through(store, work)[-1].walk
    assert done_before == work.read[:6]
    assert len(set(work.read)) == len(work.read) == 10
    assert (last.done, last.changed) == (10, 10)


def test_only_the_part_that_changed_is_read(store: Store) -> None:
    commit_page(store, old(3))
    walk_through(store, Slices(dutch()))
    with store.write() as conn:
        conn.execute(schema.mention.update().values(sentiment="positive"))
    walk_through(store, Slices(dutch("de")))
    assert {(row.lang, row.sentiment) for row in rows_of(store)} == {("de", "positive")}


def test_one_part_asked_for_leaves_the_other_to_be_done(store: Store) -> None:
    commit_page(store, old(3))
    walk_through(store, Slices(dutch(), parts=["language"], name="asked"))
    assert {(row.lang, row.sentiment) for row in rows_of(store)} == {("nl", None)}
    walk_through(store, Slices(dutch()))
    assert {(row.lang, row.sentiment) for row in rows_of(store)} == {("nl", "negative")}
    check_shown(store)


def test_a_source_and_a_day_narrow_it(store: Store) -> None:
    commit_page(store, old(3))
    commit_page(store, replace(old(3, namespace="news"), source_id="news"))
    commit_page(store, old(1, namespace="long ago", published_at=NOW - timedelta(days=40)))
    walk_through(store, Slices(dutch(), name="asked", source_id="forum", since=NOW - timedelta(days=2)))
    read = {(row.source_id, row.namespace) for row in rows_of(store) if row.lang == "nl"}
    assert read == {("forum", "forum:a.example")}


def test_what_comes_in_later_from_an_older_process_is_found(store: Store) -> None:
    commit_page(store, old(4))
    walk_through(store, Slices(dutch()))
    commit_page(store, old(2, namespace="later"))
    work = Slices(dutch())
    while step(store, work, now=NOW, timezone="UTC").more:
        pass
    assert len(work.read) == 2
    assert {row.lang for row in rows_of(store)} == {"nl"}


def test_a_great_many_newcomers_are_all_found(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (walks, again):
        monkeypatch.setattr(module, "WINDOW", 5)
    commit_page(store, old(7))
    walk_through(store, Slices(dutch()))
    commit_page(store, old(12, namespace="later"))
    work = Slices(dutch())
    while step(store, work, now=NOW + timedelta(hours=1), timezone="UTC").more:
        pass
    assert len(work.read) == 12
    assert {row.lang for row in rows_of(store)} == {"nl"}


def test_two_processes_at_once_change_nothing_twice(store: Store) -> None:
    commit_page(store, old(24))
    begin(store, Slices(dutch()), now=NOW)

    def go_on() -> None:
        work = Slices(dutch())
        while step(store, work, now=NOW, timezone="UTC").more:
            pass

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(go_on), pool.submit(go_on)]:
            done.result()
    with store.read() as conn:
        last = walks.find_walk(conn, "enrichment")
    assert last is not None
    assert (last.done, last.changed) == (24, 24)
    check_shown(store)


def test_agents_words_better_scores_and_what_is_gone_stay(store: Store) -> None:
    commit_page(store, old(3))
    first, second, third = (row.id for row in rows_of(store))
    said, thorough = Sentiment("positive", 1.0, 1.0, HAND), Sentiment("neutral", 0.0, 0.9, by_tier(2, "head"))
    with store.write() as conn:
        rewrite(conn, store, [Enriched(first, sentiment=said, corrected_by=7)], timezone="UTC", by_hand=True)
        rewrite(conn, store, [Enriched(second, sentiment=thorough)], timezone="UTC")
    commit_page(store, page(deleted=(DeletedRecord("2", "forum:a.example"),)))
    walk_through(store, Slices(dutch()))
    assert [row.sentiment for row in rows_of(store)] == ["positive", "neutral", None]
    assert [row.lang for row in rows_of(store)] == ["nl", "nl", "en"]
    assert rows_of(store)[2].id == third
    check_shown(store)


def test_our_own_words_get_a_language_and_no_sentiment(store: Store) -> None:
    commit_page(store, old(1, direction="outbound"))
    walk_through(store, Slices(dutch()))
    assert [(row.lang, row.sentiment) for row in rows_of(store)] == [("nl", None)]


def test_what_is_not_told_any_more_has_the_language_of_its_author(store: Store) -> None:
    commit_page(store, old(2, author=person("piet")))
    walk_through(store, Slices(dutch("nl", 0.2)))
    assert {(row.lang, row.lang_confidence, *row.flags) for row in rows_of(store)} == {("en", 0.2, "lang_inherited")}
    walk_through(store, Slices(dutch("de")))
    assert [(row.lang, row.flags) for row in rows_of(store)] == [("de", [])] * 2
    check_shown(store)


def test_the_language_a_platform_told_stays_where_no_detector_is_sure(store: Store) -> None:
    commit_page(store, page(mention("1", lang="fy", lang_confidence=0.1)))
    walk_through(store, Slices(dutch("nl", 0.2)))
    assert [row.lang for row in rows_of(store)] == ["fy"]


def test_one_process_goes_on_at_a_time(store: Store) -> None:
    work = Slices(dutch())
    begin(store, work, now=NOW)
    minute = timedelta(minutes=1)
    assert walks.take(store, work.name, owner="one", now=NOW, lease=minute)
    assert not walks.take(store, work.name, owner="other", now=NOW, lease=minute)
    assert walks.take(store, work.name, owner="one", now=NOW, lease=minute)
    assert walks.take(store, work.name, owner="other", now=NOW + minute, lease=minute), "the first was killed"
    walks.give_back(store, work.name, owner="other")
    assert walks.take(store, work.name, owner="one", now=NOW, lease=minute)
