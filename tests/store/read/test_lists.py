"""Lists keep their order, their filter and their place, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from benchmarks.corpus import NOW
from store.badges import capped_count, count_views, facet
from store.cards import ConversationRow
from store.engine import Store
from store.filters import NOBODY, ConversationFilter
from store.lists import list_conversations, next_unclaimed
from store.ordering import Order, Position, decode, encode
from store.schema import conversation
from store.thread import tags_of

_F = ConversationFilter
LATER = datetime.max.replace(tzinfo=UTC)


def everything(conn: Connection, wanted: ConversationFilter, order: Order = Order.INBOX) -> list[ConversationRow]:
    """All pages."""
    rows: list[ConversationRow] = []
    cursor = None
    while True:
        page = list_conversations(conn, wanted, order=order, limit=170, cursor=cursor)
        rows += page.rows
        cursor = page.next_cursor
        if cursor is None:
            return rows


def inbox_key(row: ConversationRow) -> tuple[Any, ...]:
    """Overdue and due soonest, then priority, then oldest."""
    return (row.sla_due_at or LATER, row.priority, row.sort_at, row.id)


MIXES: dict[str, tuple[ConversationFilter, Callable[[ConversationRow], bool]]] = {
    "queue": (_F(), lambda r: r.is_open),
    "all": (_F(scope="all"), lambda _: True),
    "closed": (_F(scope="closed"), lambda r: not r.is_open),
    "new": (_F(statuses=("new",)), lambda r: r.status == "new"),
    "spam": (_F(scope="all", statuses=("spam",)), lambda r: r.status == "spam"),
    "spam and new": (_F(scope="all", statuses=("spam", "new")), lambda r: r.status in {"spam", "new"}),
    "team": (_F(team_id="sales"), lambda r: r.is_open and r.team_id == "sales"),
    "nobody": (
        _F(team_id=NOBODY, assignee_id=NOBODY),
        lambda r: r.is_open and r.team_id is None and r.assignee_id is None,
    ),
    "agent": (_F(scope="all", assignee_id=4), lambda r: r.assignee_id == 4),
    "source": (_F(scope="closed", source_ids=("source002",)), lambda r: not r.is_open and r.source_id == "source002"),
    "sources": (
        _F(scope="all", source_ids=("source002", "source004")),
        lambda r: r.source_id in {"source002", "source004"},
    ),
    "brand": (_F(brand_ids=("brand03",)), lambda r: r.is_open and "brand03" in r.brand_ids),
    "rare brand": (_F(scope="all", brand_ids=("brand17",)), lambda r: "brand17" in r.brand_ids),
    "stars": (_F(scope="all", rating_min=0.4, rating_max=0.6), lambda r: r.rating in {0.4, 0.6}),
    "waits": (_F(unanswered=True), lambda r: r.is_open and r.unanswered_since is not None),
    "nobody waits": (_F(unanswered=False), lambda r: r.is_open and r.unanswered_since is None),
    "overdue": (_F(due_before=NOW), lambda r: r.is_open and r.sla_due_at is not None and r.sla_due_at < NOW),
    "mixed": (
        _F(langs=("nl", "en"), kinds=("review", "post"), sentiments=("negative", "neutral"), priorities=(0, 1, 2, 3)),
        lambda r: (
            r.is_open
            and r.lang in {"nl", "en"}
            and r.kind in {"review", "post"}
            and r.sentiment != "positive"
            and r.priority < 4
        ),
    ),
    "a stretch": (
        _F(scope="all", since=NOW - timedelta(days=60), until=NOW - timedelta(days=30)),
        lambda r: NOW - timedelta(days=60) <= r.sort_at < NOW - timedelta(days=30),
    ),
    "why": (_F(whys=("question",), visibility="public"), lambda r: r.is_open and r.why == "question"),
}


@pytest.mark.parametrize("name", MIXES)
def test_a_filter_gives_exactly_the_rows_it_describes_in_every_order(name: str, conn: Connection) -> None:
    wanted, described = MIXES[name]
    expected = [row for row in everything(conn, _F(scope="all")) if described(row)]
    assert expected, "the archive holds nothing for this mix"
    in_order = sorted(expected, key=lambda row: (row.sort_at, row.id))
    assert everything(conn, wanted, Order.NEWEST) == in_order[::-1]
    assert everything(conn, wanted, Order.OLDEST) == in_order
    queue = sorted(expected, key=inbox_key) if wanted.settled().scope == "open" else in_order[::-1]
    assert everything(conn, wanted, Order.INBOX) == queue
    count = capped_count(conn, wanted, cap=50)
    assert (count.n, count.capped) == (min(50, len(expected)), len(expected) > 50)


def test_tags_are_found_rare_or_common(conn: Connection) -> None:
    rows = everything(conn, _F(scope="all"))
    tags = tags_of(conn, [row.id for row in rows])
    for wanted in (("invoice",), ("rare",), ("invoice", "rare")):
        expected = {row.id for row in rows if set(wanted) & set(tags.get(row.id, ()))}
        assert {row.id for row in everything(conn, _F(scope="all", tags=wanted))} == expected


def test_badges_count_what_the_lists_show(conn: Connection) -> None:
    views = {name: wanted for name, (wanted, _) in MIXES.items() if wanted.settled().scope == "open"}
    assert count_views(conn, views) == {name: len(everything(conn, wanted)) for name, wanted in views.items()}
    by_source = facet(conn, _F(team_id="sales"), "source_id")
    assert sum(by_source.values()) == count_views(conn, {"team": _F(team_id="sales")})["team"]
    with pytest.raises(ValueError, match="capped_count"):
        count_views(conn, {"all": _F(scope="all")})


def test_a_row_that_arrives_while_reading_moves_no_page(store: Store) -> None:
    _conversations(store, 30)
    with store.read() as conn:
        first = list_conversations(conn, _F(), limit=10)
        rest = everything(conn, _F())[10:]
    _conversations(store, 5, start=100, due=NOW - timedelta(days=9))
    with store.read() as conn:
        second = list_conversations(conn, _F(), limit=50, cursor=first.next_cursor)
    assert list(second.rows) == rest


def test_next_is_the_head_of_the_queue_that_nobody_holds(store: Store) -> None:
    _conversations(store, 6)
    c = conversation.c
    held = NOW + timedelta(minutes=5)
    with store.write() as conn:
        conn.execute(conversation.update().where(c.id == 1).values(assignee_id=7, status="open"))
        conn.execute(conversation.update().where(c.id == 2).values(claimed_by=7, claimed_until=held))
        conn.execute(conversation.update().where(c.id == 3).values(claimed_by=7, claimed_until=NOW))
        conn.execute(conversation.update().where(c.id == 4).values(team_id="sales"))
        conn.execute(conversation.update().where(c.id == 5).values(team_id="press"))

        def head(**options: Any) -> int | None:
            row = next_unclaimed(conn, now=NOW, **options)
            return None if row is None else row.id

        assert head() == 3, "its claim has just lapsed"
        assert head(skip=(3,)) == 4
        assert head(skip=(3,), team_ids=("press",)) == 5
        assert head(skip=(3, 4, 5), team_ids=()) == 6, "work without a team is everybody's"
        assert head(skip=(3, 4, 5, 6), lock=True) is None


def _conversations(store: Store, count: int, *, start: int = 1, due: datetime | None = None) -> None:
    with store.write() as conn:
        for number in range(start, start + count):
            at = NOW + timedelta(seconds=number)
            conn.execute(
                conversation.insert().values(
                    id=number, key=f"k{number}", source_id="s", platform="p", cycle_started_at=at, sort_at=at,
                    sla_due_at=due, brand_ids=[], status="new", is_open=True, priority=2,
                )
            )  # fmt: skip


def test_a_damaged_or_foreign_cursor_gives_the_first_page(conn: Connection) -> None:
    first = list_conversations(conn, _F(), limit=10)
    newest = list_conversations(conn, _F(), order=Order.NEWEST, limit=10)
    assert first.next_cursor is not None
    for broken in ("", "x", first.next_cursor[:-3], first.next_cursor[3:], newest.next_cursor, "é" * 20, "A" * 9000):
        assert list_conversations(conn, _F(), limit=10, cursor=broken) == first


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_no_text_breaks_the_cursor(text: str) -> None:
    for order in Order:
        assert decode(text, order) is None or decode(text, order).order is order  # type: ignore[union-attr]


@given(
    st.sampled_from(Order),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.integers(-1, 9),
    st.datetimes(timezones=st.just(UTC)),
    st.integers(0, (1 << 53) - 1),
)
def test_a_cursor_comes_back_as_it_went(
    order: Order, due: datetime | None, priority: int, at: datetime, row_id: int
) -> None:
    position = Position(order, due, priority, at, row_id)
    assert decode(encode(position), order) == position


@pytest.mark.parametrize("tags", [("invoice",), ("invoice", "praise")])
@pytest.mark.parametrize("scope", ["open", "all"])
def test_every_way_to_a_tag_gives_the_same_list(
    conn: Connection, monkeypatch: pytest.MonkeyPatch, scope: str, tags: tuple[str, ...]
) -> None:
    wanted = _F(scope=scope, tags=tags, langs=("nl",))  # type: ignore[arg-type]
    looked_up = everything(conn, wanted)
    monkeypatch.setattr("store.lists.GATHERED", 0)
    assert everything(conn, wanted) == looked_up
    assert looked_up
