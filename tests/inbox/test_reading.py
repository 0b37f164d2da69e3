"""Lists, badges, search, the opened conversation, source health."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.errors import NotFound
from inbox.health import bars
from inbox.permissions import Role
from inbox.source_views import CoverState
from inbox.views import Filters, SlaState, View
from store.brands import BrandRecord, sync_brands
from store.records import Span
from store.schema import author, mention, source
from tests.inbox.conftest import World

HOSTILE = (
    "<script>alert(1)</script> :material/home: $x$ [a](javascript:alert(1)) \u202e gnirts \U0001f468\u200d\U0001f469"
)


def counts(world: World, token: str) -> dict[View, int]:
    return {one.view: one.n for one in world.inbox.counts(token)}


def test_each_view_shows_what_its_badge_counts(world: World) -> None:
    agent = world.person()
    token, now = world.token(agent), world.clock()
    rows = [world.conversation() for _ in range(8)]
    world.conversation(said_at=now - timedelta(days=3), priority=0)
    world.conversation(status="archived", old=True)
    world.inbox.claim(token, rows[0])
    world.inbox.claim(token, rows[1])
    world.inbox.wait_for_customer(token, rows[1])
    world.inbox.snooze(token, rows[2], until=now + timedelta(days=1))
    world.inbox.resolve(token, rows[3])
    world.inbox.mark_spam(token, rows[4])
    badges = counts(world, token)
    assert badges == {
        View.NEW: 4,
        View.MINE: 3,
        View.UNASSIGNED: 4,
        View.OVERDUE: 1,
        View.URGENT: 1,
        View.PROMISES: 0,
        View.MENTIONS: 0,
        View.WAITING: 1,
        View.SNOOZED: 1,
        View.RESOLVED: 1,
        View.ARCHIVED: 1,
        View.ALL: 10,
    }
    for view, n in badges.items():
        assert len(world.inbox.listing(token, view).cards) == n, view


def test_the_ring_is_green_then_orange_then_red(world: World) -> None:
    world.conversation()
    token = world.token(world.person())
    seen = []
    for minutes in (0, 47, 1, 12, 1):
        world.clock.step(minutes=minutes)
        seen.append(world.inbox.listing(token, View.NEW).cards[0].sla.state)
    assert seen == [SlaState.GREEN, SlaState.GREEN, SlaState.ORANGE, SlaState.ORANGE, SlaState.RED]


def test_a_claim_that_lapsed_is_not_shown(world: World) -> None:
    row_id, agent = world.conversation(), world.person(name="Jo")
    token = world.token(agent)
    world.inbox.claim(token, row_id)
    card = world.inbox.detail(token, row_id).card
    assert card.claimed_by is not None
    assert card.claimed_by.name == "Jo"
    world.clock.step(minutes=10)
    assert world.inbox.detail(token, row_id).card.claimed_by is None


def test_a_list_is_paged_to_its_end(world: World) -> None:
    wanted = {world.conversation() for _ in range(25)}
    token = world.token(world.person())
    seen, cursor = [], None
    while True:
        page = world.inbox.listing(token, View.NEW, cursor=cursor, limit=10)
        seen += [card.id for card in page.cards]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(wanted)


def test_filters_narrow_and_contradictions_are_empty(world: World) -> None:
    token = world.token(world.person())
    german = world.conversation(lang="de", kind="review")
    world.conversation()
    world.inbox.add_tag(token, german, "refund")
    for filters in (
        Filters(langs=("de",)),
        Filters(kinds=("review",)),
        Filters(tags=("refund",)),
        Filters(team_id="webcare", langs=("de",)),
        Filters(since=world.clock(), langs=("de",)),
    ):
        assert [card.id for card in world.inbox.listing(token, View.ALL, filters).cards] == [german]
    for filters in (Filters(statuses=("resolved",)), Filters(until=world.clock()), Filters(source_ids=("nowhere",))):
        assert world.inbox.listing(token, View.NEW, filters).cards == ()
    other = world.person()
    assert world.inbox.listing(token, View.MINE, Filters(assignee_id=other.id)).cards == ()


def test_search_finds_and_marks_words_in_code_points(world: World) -> None:
    sync_brands(world.store, [BrandRecord("acme", "Acme", "acme")], world.clock())
    text = "\U0001f600 Eén Acme-pakket is KWIJT"
    found = world.conversation(text=text, brand_ids=["acme"])
    world.conversation(text="alles is goed")
    token = world.token(world.person())
    page = world.inbox.listing(token, View.ALL, Filters(search="kwijt AND een NOT goed"))
    assert [card.id for card in page.cards] == [found]
    card = page.cards[0]
    assert [card.snippet[mark.start : mark.end] for mark in card.marks_snippet] == ["Eén", "Acme", "KWIJT"]
    message = world.inbox.detail(token, found, search="pak*").messages[0]
    assert [message.text[mark.start : mark.end] for mark in message.marks_text] == ["Acme", "pakket"]


@pytest.mark.parametrize("search", ['"open', "(a", "AND", "a OR", "*", "a )", "NOT", '"', "-"])
def test_a_search_that_cannot_be_read_says_where_and_shows_nothing(world: World, search: str) -> None:
    world.conversation()
    page = world.inbox.listing(world.token(world.person()), View.ALL, Filters(search=search))
    assert page.cards == ()
    assert page.problem is not None
    assert 0 <= page.problem.position <= len(search)
    assert str(page.problem.text).endswith(".")


def test_an_opened_conversation_shows_everything_verbatim(world: World) -> None:
    row_id = world.conversation(text=HOSTILE, title=HOSTILE)
    jo, sam = world.token(world.person(name="Jo")), world.token(world.person(Role.READ_ONLY))
    with world.store.write() as conn:
        conn.execute(
            author.insert().values(
                id=7, external_id="7", platform="discourse", handle="piet", name=HOSTILE, is_staff=True, is_bot=False
            )
        )
        conn.execute(
            mention.update()
            .where(mention.c.conversation_id == row_id)
            .values(
                author_id=7,
                rating_raw=2.0,
                rating_scale=5.0,
                capabilities={
                    "can_reply": False,
                    "why_not_reply": "Read only.",
                    "deep_link": "https://forum.example/t/1",
                },
            )
        )
        from store.schema import conversation

        conn.execute(conversation.update().where(conversation.c.id == row_id).values(author_id=7))
    world.inbox.add_note(jo, row_id, HOSTILE)
    detail = world.inbox.detail(jo, row_id)
    assert detail.messages[0].text == detail.card.title == detail.notes[0].text == HOSTILE
    assert detail.messages[0].author_name == HOSTILE
    assert detail.messages[0].rating_text == "2/5"
    assert detail.author is not None
    assert detail.author.badges == ("staff",)
    assert (detail.reply.can_reply, detail.reply.why_not, detail.reply.deep_link) == (
        False,
        "Read only.",
        "https://forum.example/t/1",
    )
    assert [one.text for one in detail.events] == ["Came in for team webcare.", "Jo wrote a note."]
    assert detail.may_claim
    assert set(detail.moves) == {"open", "ignored", "spam", "resolved", "snoozed"}
    assert world.inbox.detail(sam, row_id).moves == ()
    assert not world.inbox.detail(sam, row_id).may_claim


def test_a_long_thread_is_read_from_its_newest_end(world: World) -> None:
    row_id = world.conversation(text="0")
    for number in range(1, 12):
        world.clock.step(seconds=1)
        world.message(row_id, str(number))
    token = world.token(world.person())
    detail = world.inbox.detail(token, row_id, messages=5)
    assert [one.text for one in detail.messages] == ["7", "8", "9", "10", "11"]
    assert detail.more_messages
    earlier = world.inbox.earlier_messages(token, row_id, before=detail.messages[0])
    assert [one.text for one in earlier] == ["0", "1", "2", "3", "4", "5", "6"]
    with pytest.raises(NotFound):
        world.inbox.earlier_messages(token, 5, before=detail.messages[0])


def test_choices_offer_what_there_is(world: World) -> None:
    row_id, agent = world.conversation(), world.person(name="Jo")
    token = world.token(agent)
    world.person(Role.READ_ONLY)
    world.inbox.add_tag(token, row_id, "refund")
    offered = world.inbox.choices(token)
    assert [(one.value, one.label, one.n) for one in offered.sources] == [("forum", "Own forum", 1)]
    assert offered.platforms == ("discourse",)
    assert [one.value for one in offered.tags] == ["refund"]
    assert [one.value for one in offered.teams] == ["webcare", "night"]
    assert [one.name for one in offered.people] == ["Jo"]


def test_the_bar_shows_the_worst_first_and_is_quiet_when_all_is_well(world: World) -> None:
    token = world.token(world.person())
    assert world.inbox.health_bar(token).level == "ok"
    world.conversation()
    for source_id, health in (("a", "trouble"), ("b", "login"), ("c", "ok"), ("d", "waiting")):
        with world.store.write() as conn:
            conn.execute(
                source.insert().values(
                    id=source_id,
                    connector="feeds",
                    platform="feeds",
                    name=source_id,
                    every_s=900,
                    own=False,
                    archive_after_s=172_800,
                    enabled=True,
                    health=health,
                    health_text="Log in again.",
                )
            )
    bar = world.inbox.health_bar(token)
    assert (bar.level, bar.n_sources, bar.n_attention, bar.n_dark) == ("dark", 5, 1, 1)
    assert [one.id for one in bar.worst] == ["b", "a"]
    everything = world.inbox.sources(token)
    assert [one.id for one in everything][:2] == ["b", "a"]
    assert next(one for one in everything if one.id == "forum").stored == 1
    with world.store.write() as conn:
        conn.execute(source.update().where(source.c.id == "b").values(enabled=False))
    assert world.inbox.health_bar(token).level == "attention"


NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
spans = st.tuples(st.integers(-30, 30), st.integers(0, 20)).map(
    lambda pair: Span(NOON + timedelta(hours=pair[0]), NOON + timedelta(hours=pair[0] + pair[1]))
)


@given(st.lists(spans, max_size=5), st.lists(st.tuples(spans, st.just("lost")), max_size=5))
def test_the_ledger_fills_the_window_without_overlap(covered: list[Span], gaps: list[tuple[Span, str]]) -> None:
    window = Span(NOON - timedelta(hours=12), NOON + timedelta(hours=12))
    drawn = bars(covered, gaps, window)
    assert drawn[0].start == window.start
    assert drawn[-1].end == window.end
    assert all(one.end == other.start for one, other in pairwise(drawn))
    for hour in range(-12, 12):
        at = NOON + timedelta(hours=hour)
        state = next(one.state for one in drawn if one.start <= at < one.end)
        if any(span.start <= at < span.end for span in covered):
            assert state is CoverState.COVERED
        elif any(span.start <= at < span.end for span, _ in gaps):
            assert state is CoverState.GAP
        else:
            assert state is CoverState.UNKNOWN


def test_a_long_thread_keeps_its_first_message_on_top(world: World) -> None:
    token = world.token(world.person())
    thread = world.conversation("Zo begon het")
    for number in range(6):
        world.message(thread, f"Vervolg {number}")
    whole = world.inbox.detail(token, thread)
    assert whole.opening is None
    part = world.inbox.detail(token, thread, messages=3)
    assert part.opening is not None
    assert part.opening.text == "Zo begon het"
    assert [one.text for one in part.messages] == ["Vervolg 3", "Vervolg 4", "Vervolg 5"]


def test_an_answer_to_a_message_that_is_not_here_says_so(world: World) -> None:
    token = world.token(world.person())
    answer = world.conversation("Dat vind ik ook")
    assert not world.inbox.detail(token, answer).answers_unseen
    with world.store.write() as conn:
        wanted = mention.c.conversation_id == answer
        conn.execute(mention.update().where(wanted).values(parent_external_id="long gone"))
    assert world.inbox.detail(token, answer).answers_unseen
