"""What holds for any order of arrival, any crash and any neighbour."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from store import schema
from store.commit.conversations import read_facts, shown
from store.commit.facts import MentionFacts, combine, summarize
from store.commit.linking import group
from store.coverage import covered, merge, subtract
from store.engine import Store
from store.ingest import commit_page
from store.records import DeletedRecord, MentionRecord, Span
from store.rollups import check_rollups
from tests.store.making import NOW, mention, page, person

COLUMNS = ("n_inbound", "n_outbound", "title", "snippet", "first_inbound_at", "last_inbound_at", "last_outbound_at")


TOUCHED = (
    schema.mention,
    schema.mention_key,
    schema.mention_edit,
    schema.author,
    schema.conversation,
    schema.thread_node,
    schema.event,
    schema.rollup_day,
    schema.rollup_day_all,
    schema.rollup_day_brand,
    schema.rollup_day_source,
    schema.rollup_hour,
    schema.rollup_hour_all,
    schema.coverage,
    schema.query_state,
)


def tree(rng: random.Random, size: int) -> list[MentionRecord]:
    """Replies to earlier messages, some own, some naming their thread, each at its own minute."""
    made: list[MentionRecord] = []
    roots: list[str] = []
    for number in range(size):
        parent = rng.randrange(-2, number) if number else -1
        root = str(number) if parent < 0 else roots[parent]
        roots.append(root)
        made.append(
            mention(
                str(number),
                published_at=NOW - timedelta(minutes=200 - number),
                parent_external_id=None if parent < 0 else str(parent),
                thread_external_id=root if parent >= 0 and rng.random() < 0.3 else None,
                direction="outbound" if rng.random() < 0.3 else "inbound",
                author=person(str(number % 3), name=f"N{number % 3}"),
                brand_ids=("acme",),
                rating=0.5,
            )
        )
    return made


def picture(store: Store) -> dict[frozenset[str], tuple[Any, ...]]:
    """Which messages are together, and what their conversation shows."""
    with store.read() as conn:
        members: dict[int, set[str]] = {}
        for row in conn.execute(select(schema.mention.c.conversation_id, schema.mention.c.external_id)):
            members.setdefault(row.conversation_id, set()).add(row.external_id)
        conversations = {row.id: row for row in conn.execute(select(schema.conversation))}
    assert set(members) == set(conversations)
    return {
        frozenset(members[each]): tuple(getattr(row, name) for name in COLUMNS) for each, row in conversations.items()
    }


def check_shown(store: Store) -> None:
    """Every conversation shows what its mentions say, and the roll-ups count them."""
    with store.read() as conn:
        conversations = list(conn.execute(select(schema.conversation)))
        facts = read_facts(conn, store, [row.id for row in conversations])
    for row in conversations:
        true = shown(summarize(facts[row.id]))
        assert {name: getattr(row, name) for name in true} == true
    assert check_rollups(store, timezone="UTC") == []


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_arrival_gives_the_same_conversations(store: Store, seed: int) -> None:
    rng = random.Random(seed)
    records = tree(rng, 14)
    commit_page(store, page(*records))
    expected = picture(store)
    assert sum(map(len, expected)) == len(records)
    for namespace in ("again", "once more"):
        moved = [
            replace(
                each,
                namespace=namespace,
                thread_key=None if each.thread_key is None else each.thread_key.replace(each.namespace, namespace),
            )
            for each in records
        ]
        rng.shuffle(moved)
        while moved:
            cut = rng.randrange(1, 5)
            some, moved = moved[:cut], moved[cut:]
            # Overlap: some of it comes twice.
            commit_page(store, page(*some, *rng.sample(some, rng.randrange(len(some) + 1)), fetched_at=NOW))
        with store.write() as conn:
            ours = select(schema.mention.c.conversation_id).where(schema.mention.c.namespace != namespace)
            conn.execute(schema.conversation.delete().where(schema.conversation.c.id.in_(ours)))
            conn.execute(schema.mention.delete().where(schema.mention.c.namespace != namespace))
        assert picture(store) == expected


@pytest.mark.parametrize("seed", range(3))
def test_conversations_show_what_their_mentions_say_after_edits_and_deletions(store: Store, seed: int) -> None:
    rng = random.Random(seed)
    records = tree(rng, 12)
    for each in records:
        commit_page(store, page(each))
    for step in range(6):
        at = NOW + timedelta(minutes=step)
        some = rng.choice(records)
        if rng.random() < 0.5:
            commit_page(store, page(deleted=(DeletedRecord(some.external_id, some.namespace),), fetched_at=at))
        else:
            edited = replace(some, text=f"edit {step}", content_hash=bytes([step]), edited_at=at, lang="en", rating=0.4)
            commit_page(store, page(edited, fetched_at=at))
    check_shown(store)


def test_a_crash_between_any_two_statements_leaves_nothing_behind(store: Store) -> None:
    commit_page(store, page(mention("1"), mention("4", parent_external_id="3")))
    span = Span(NOW - timedelta(hours=1), NOW)
    busy = page(
        mention("1", text="edited", rating=0.2),
        mention("2", parent_external_id="1", author=person("p"), brand_ids=("a",), payload=b"x", html="h", dup_hash=1),
        mention("3", parent_external_id="2"),
        covered=span,
        state={"cursor": 1},
    )

    class CrashError(Exception):
        """The machine stops here."""

    def state() -> list[Any]:
        with store.read() as conn:
            return [conn.execute(select(table).order_by(*table.primary_key)).all() for table in TOUCHED]

    before = state()
    for stop_at in itertools.count(1):
        seen = itertools.count(1)

        def crash(*_: Any, seen: Any = seen, stop_at: int = stop_at) -> None:
            if next(seen) == stop_at:
                raise CrashError

        event.listen(store.engine, "after_cursor_execute", crash)
        try:
            commit_page(store, busy)
        except CrashError:
            pass
        else:
            break
        finally:
            event.remove(store.engine, "after_cursor_execute", crash)
        assert state() == before
    assert stop_at > 20
    assert covered(store, "forum", "latest") == [span]
    check_shown(store)


def test_threads_that_commit_the_same_pages_store_each_item_once(store: Store) -> None:
    records = tree(random.Random(1), 60)
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        mine = random.Random(seed).sample(records, len(records))
        try:
            for start in range(0, len(mine), 10):
                commit_page(store, page(*mine[start : start + 10]))
        except BaseException as error:  # noqa: BLE001  handed to the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.read() as conn:
        stored = [row.external_id for row in conn.execute(select(schema.mention.c.external_id))]
    assert sorted(stored) == sorted(each.external_id for each in records)
    check_shown(store)


COMMITTER = """
import sys
from store.engine import open_store
from store.ingest import commit_page
from tests.store.making import mention, page
store = open_store(sys.argv[1])
sys.stdin.readline()
for start in range(0, 300, 50):
    commit_page(store, page(*[mention(str(n), parent_external_id=str(n - 1) if n % 5 else None)
                              for n in range(start, start + 50)]))
"""


@pytest.mark.slow
def test_two_processes_that_commit_the_same_pages_store_each_item_once(
    store_url: str, open_stores: Callable[..., Store]
) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", COMMITTER, store_url], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        _, told = process.communicate(timeout=120)
        assert process.returncode == 0, told
    store = open_stores(store_url)
    with store.read() as conn:
        assert len(conn.execute(select(schema.mention.c.id)).all()) == 300
        assert len(conn.execute(select(schema.conversation.c.id)).all()) == 60
    check_shown(store)


# Pure


Moments = st.integers(0, 30)
Facts = st.lists(st.tuples(Moments, st.booleans(), st.booleans(), st.integers(0, 1)), min_size=1, max_size=8)


@given(Facts, st.randoms(use_true_random=False), st.integers(1, 4))
@settings(deadline=None)
def test_adding_newcomers_is_deriving_anew(
    drawn: list[tuple[int, bool, bool, int]], rng: random.Random, cut: int
) -> None:
    facts = [
        MentionFacts(
            id=number,
            direction="inbound" if inbound else "outbound",
            sort_at=NOW + timedelta(minutes=minute),
            first_seen_at=NOW + timedelta(minutes=minute + 40),
            kind="post",
            visibility="private" if private else "public",
            lang="nl",
            text=str(number),
            brand_ids=(str(minute % 3),),
            old=old,
        )
        for number, (minute, inbound, old, private) in enumerate(drawn)
    ]
    rng.shuffle(facts)
    so_far = facts[:1]
    summary = summarize(so_far)
    for start in range(1, len(facts), cut):
        newcomers = facts[start : start + cut]
        so_far = [*so_far, *newcomers]
        summary = combine(summary, newcomers) or summarize(so_far)
        assert summary == summarize(so_far)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(-1, 12)), max_size=12, unique_by=lambda pair: pair[0]))
def test_grouping_puts_together_what_is_tied_and_nothing_else(pairs: list[tuple[int, int]]) -> None:
    records = [mention(str(own), parent_external_id=None if to < 0 else str(to)) for own, to in pairs]
    together = {frozenset(each.members) for each in group(records, {})}
    tied: dict[int, set[int]] = {own: {own} for own, _ in pairs} | {to: {to} for _, to in pairs if to >= 0}
    for own, to in [*pairs, *pairs]:
        if to >= 0:
            both = tied[own] | tied[to]
            for each in both:
                tied[each] = both
    expected = {frozenset(n for n, (own, _) in enumerate(pairs) if own in tied[start]) for start, _ in pairs}
    assert together == expected


Spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8).map(
    lambda pairs: [Span(NOW + timedelta(hours=a), NOW + timedelta(hours=b)) for a, b in pairs]
)


def hours_in(spans: list[Span]) -> set[int]:
    return {h for h in range(41) for s in spans if s.start <= NOW + timedelta(hours=h) < s.end}


@given(Spans)
def test_merged_spans_cover_the_same_and_never_touch(spans: list[Span]) -> None:
    merged = merge(spans)
    assert hours_in(merged) == hours_in(spans)
    assert all(one.end < other.start for one, other in itertools.pairwise(merged))


@given(Spans, st.integers(0, 40), st.integers(0, 40))
def test_what_is_left_of_a_span_is_what_nothing_covers(spans: list[Span], start: int, end: int) -> None:
    span = Span(NOW + timedelta(hours=start), NOW + timedelta(hours=end))
    assert hours_in(subtract(span, spans)) == hours_in([span]) - hours_in(spans)
