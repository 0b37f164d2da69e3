"""Who is around: what a tab says, who is told, and when it no longer counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from inbox.errors import BadInput, NotSignedIn
from inbox.permissions import Role
from inbox.presence import decide
from store.presence import PresenceRow
from store.schema import presence
from tests.inbox.conftest import World

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_a_colleague_is_seen_looking_and_writing(world: World) -> None:
    daan, sanne = world.person(name="Daan"), world.person(name="Sanne")
    one, other = world.conversation(), world.conversation()
    door = world.inbox.presence
    assert door.touch(world.token(daan), tab="a", conversation_id=one)
    seen = door.around(world.token(sanne), [one, other])
    assert [(who.person.name, who.writing) for who in seen[one]] == [("Daan", False)]
    assert other not in seen
    assert door.touch(world.token(daan), tab="a", conversation_id=one, writing=True)
    assert door.around(world.token(sanne), [one])[one][0].writing
    assert [who.name for who in door.people(world.token(sanne))] == ["Daan"]


def test_nobody_is_told_about_oneself(world: World) -> None:
    daan = world.person(name="Daan")
    one = world.conversation()
    world.inbox.presence.touch(world.token(daan), tab="a", conversation_id=one, writing=True)
    assert world.inbox.presence.around(world.token(daan), [one]) == {}


def test_a_word_of_a_minute_ago_says_nothing(world: World, later: Callable[..., datetime]) -> None:
    daan, sanne = world.person(), world.person()
    one = world.conversation()
    world.inbox.presence.touch(world.token(daan), tab="a", conversation_id=one)
    later(seconds=59)
    assert one in world.inbox.presence.around(world.token(sanne), [one])
    later(seconds=1)
    assert world.inbox.presence.around(world.token(sanne)) == {}


def test_a_tab_that_goes_elsewhere_is_no_longer_where_it_was(world: World) -> None:
    daan, sanne = world.person(), world.person()
    one, other = world.conversation(), world.conversation()
    door, who = world.inbox.presence, world.token(daan)
    door.touch(who, tab="a", conversation_id=one)
    door.touch(who, tab="a", conversation_id=other)
    assert set(door.around(world.token(sanne))) == {other}


def test_the_same_word_is_written_once_in_fifteen_seconds(world: World, later: Callable[..., datetime]) -> None:
    daan = world.person()
    one = world.conversation()
    who = world.token(daan)
    written = []
    for _second in range(31):
        written.append(world.inbox.presence.touch(who, tab="a", conversation_id=one))
        later(seconds=1)
    assert sum(written) == 3
    assert written[0]
    assert written[15]
    assert written[30]


def test_who_stops_typing_is_soon_only_looking(world: World, later: Callable[..., datetime]) -> None:
    daan, sanne = world.person(), world.person()
    one = world.conversation()
    door, who = world.inbox.presence, world.token(daan)
    door.touch(who, tab="a", conversation_id=one, writing=True)
    later(seconds=5)
    assert not door.touch(who, tab="a", conversation_id=one)
    assert door.around(world.token(sanne))[one][0].writing
    later(seconds=15)
    assert door.touch(who, tab="a", conversation_id=one)
    assert not door.around(world.token(sanne))[one][0].writing


def test_tabs_of_long_ago_do_not_pile_up(world: World, later: Callable[..., datetime]) -> None:
    daan = world.person()
    one = world.conversation()
    for number in range(5):
        world.inbox.presence.touch(world.token(daan), tab=str(number), conversation_id=one)
        later(minutes=2)
    with world.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(presence)).scalar_one() == 1


def test_who_only_reads_is_around_too_and_who_is_signed_out_is_not(world: World) -> None:
    robin = world.person(Role.READ_ONLY)
    one = world.conversation()
    token = world.token(robin)
    assert world.inbox.presence.touch(token, tab="a", conversation_id=one)
    world.inbox.sign_out(token)
    with pytest.raises(NotSignedIn):
        world.inbox.presence.touch(token, tab="a", conversation_id=one)


def test_a_tab_has_a_name_of_sensible_length(world: World) -> None:
    with pytest.raises(BadInput):
        world.inbox.presence.touch(world.token(world.person()), tab="x" * 65, conversation_id=1)


ROWS = st.lists(
    st.builds(
        PresenceRow,
        user_id=st.integers(1, 4),
        conversation_id=st.integers(1, 3),
        state=st.sampled_from(["viewing", "writing"]),
        at=st.integers(0, 120).map(lambda seconds: NOON - timedelta(seconds=seconds)),
    ),
    max_size=12,
)


@given(ROWS, st.integers(1, 4), st.none() | st.sets(st.integers(1, 3)))
def test_exactly_the_fresh_words_of_others_are_told(rows: list[PresenceRow], me: int, asked: set[int] | None) -> None:
    told = decide.around(rows, asked, names={}, without=me, now=NOON)
    expected = {
        (row.conversation_id, row.user_id)
        for row in rows
        if row.user_id != me and row.at > NOON - decide.FRESH and (asked is None or row.conversation_id in asked)
    }
    assert {(number, who.person.id) for number, people in told.items() for who in people} == expected
    for people in told.values():
        assert len({who.person.id for who in people}) == len(people)
        assert [who.writing for who in people] == sorted((who.writing for who in people), reverse=True)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 2), st.booleans()), max_size=20))
def test_what_the_store_says_is_never_far_from_the_truth(words: list[tuple[int, int, bool]]) -> None:
    """However words follow each other, what is written names the right conversation, and is never a minute old."""
    kept: tuple[int, str, datetime] | None = None
    now = NOON
    for seconds, where, writing in words:
        now += timedelta(seconds=seconds)
        state = decide.WRITING if writing else decide.VIEWING
        if decide.worth_writing(kept, conversation_id=where, state=state, now=now):
            kept = (where, state, now)
        assert kept is not None
        assert kept[0] == where
        assert now - kept[2] < decide.FRESH
        assert not writing or kept[1] == decide.WRITING
