"""Persons in the store: badges, notes, suggestions that are asked and never acted on, merging and splitting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Role
from inbox.persons.gathering import gather
from store.contacts import accounts_of
from store.schema import author, event, mention, person, person_suggestion
from tests.inbox.conftest import World

Make = Callable[..., int]


@pytest.fixture
def token(world: World) -> str:
    return world.token(world.person(name="Sanne"))


def _gather(world: World) -> int:
    read = gather(world.store, world.desk.settings, world.clock() + timedelta(minutes=5))
    while gather(world.store, world.desk.settings, world.clock() + timedelta(minutes=5)):
        pass
    return read


def test_a_badge_names_who_gave_it_and_when_and_can_be_taken_off(world: World, account: Make, token: str) -> None:
    someone = account(name="Piet")
    world.inbox.persons.give_badge(token, someone, "vip")
    world.inbox.persons.give_badge(token, someone, "vip")
    (badge,) = world.inbox.persons.customer(token, someone).badges
    assert (badge.code, badge.given_by and badge.given_by.name, badge.given_at) == ("vip", "Sanne", world.clock())
    world.inbox.persons.take_badge(token, someone, "vip")
    assert world.inbox.persons.customer(token, someone).badges == ()
    with pytest.raises(BadInput):
        world.inbox.persons.give_badge(token, someone, "king")
    with pytest.raises(NotFound):
        world.inbox.persons.give_badge(token, 12, "vip")


def test_who_only_reads_changes_nothing_about_a_person(world: World, account: Make) -> None:
    someone = account()
    reader = world.token(world.person(Role.READ_ONLY))
    assert world.inbox.persons.customer(reader, someone).badges == ()
    for act in (
        lambda: world.inbox.persons.give_badge(reader, someone, "vip"),
        lambda: world.inbox.persons.describe(reader, someone, note="x"),
        lambda: world.inbox.persons.accept(reader, someone, account()),
        lambda: world.inbox.persons.split(reader, someone),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_note_name_and_consent_stay_with_the_person_and_keep_what_was_before(
    world: World, account: Make, token: str
) -> None:
    someone = account(name="xX_piet_Xx")
    world.inbox.persons.describe(token, someone, note="Belt liever", name="Piet Wouda", consent="mag gebeld worden")
    world.inbox.persons.describe(token, someone, note="Belt nooit")
    seen = world.inbox.persons.customer(token, someone)
    assert (seen.notes, seen.name, seen.consent) == ("Belt nooit", "Piet Wouda", "mag gebeld worden")
    with world.store.read() as conn:
        rows = conn.execute(select(event).where(event.c.object_type == "person").order_by(event.c.id)).all()
    assert rows[-1].before == {"notes": "Belt liever"}
    with pytest.raises(BadInput):
        world.inbox.persons.describe(token, someone, note="x" * 5_001)


def test_the_same_telling_handle_on_two_platforms_is_suggested_and_nobody_is_merged(
    world: World, account: Make, wrote: Make, token: str
) -> None:
    one = account(platform="mastodon", handle="wokkelfabriek@social.example", name="Tjeerd")
    other = account(platform="discourse", handle="Wokkelfabriek", name="T.")
    wrote(one), wrote(other)
    _gather(world)
    (asked,) = world.inbox.persons.customer(token, one).suggestions
    assert (asked.account_id, asked.other_id, asked.reasons) == (one, other, ("same_handle",))
    with world.store.read() as conn:
        assert accounts_of(conn, one) == [one]
        assert conn.execute(select(func.count()).select_from(person)).scalar_one() == 0


def test_a_refused_suggestion_never_comes_back(world: World, account: Make, wrote: Make, token: str) -> None:
    one, other = account(handle="wokkelfabriek"), account(platform="discourse", handle="wokkelfabriek")
    wrote(one), wrote(other)
    _gather(world)
    world.inbox.persons.refuse(token, one, other)
    wrote(one, "Bestelling 90017723 is kwijt"), wrote(other, "Bestelling 90017723 is kwijt")
    _gather(world)
    assert world.inbox.persons.customer(token, one).suggestions == ()
    assert world.inbox.persons.customer(token, other).suggestions == ()


def test_a_clue_that_many_accounts_share_suggests_nobody(world: World, account: Make, wrote: Make) -> None:
    for _ in range(12):
        wrote(account(platform="files"), "Mijn contact was jansmans@partner.example")
    _gather(world)
    with world.store.read() as conn:
        left = conn.execute(select(func.count()).select_from(person_suggestion)).scalar_one()
    # Until the ninth wrote it, it looked like one person's address; nobody acted on that.
    assert left <= 8 * 9 // 2


def test_saying_yes_joins_accounts_over_which_everything_is_shown_together(
    world: World, account: Make, wrote: Make, token: str
) -> None:
    one, other = account(name="Tjeerd"), account(platform="discourse", name="T. Wouda")
    first, second = wrote(one), wrote(other)
    world.inbox.persons.give_badge(token, other, "journalist")
    world.inbox.persons.describe(token, other, note="Schrijft voor de krant")
    world.inbox.persons.accept(token, one, other)
    seen = world.inbox.persons.customer(token, one)
    assert {row.id for row in seen.accounts} == {one, other}
    assert {row.conversation_id for row in seen.history} == {first, second}
    assert [badge.code for badge in seen.badges] == ["journalist"]
    assert "Schrijft voor de krant" in (seen.notes, *seen.merged_notes)
    assert seen.counts.contacts == 2


def test_a_merge_is_taken_back_at_any_time_with_everybody_who_came_along(
    world: World, account: Make, token: str, later: Any
) -> None:
    one, two, three = account(), account(), account()
    world.inbox.persons.describe(token, one, name="A")
    world.inbox.persons.accept(token, two, three)
    done = world.inbox.persons.accept(token, one, two)
    later(hours=11)
    with world.store.read() as conn:
        assert set(accounts_of(conn, one)) == {one, two, three}
    world.inbox.persons.unmerge(token, done.event_id)
    with world.store.read() as conn:
        assert accounts_of(conn, one) == [one]
        assert set(accounts_of(conn, two)) == {two, three}
    with pytest.raises(NotFound):
        world.inbox.persons.unmerge(token, 1)


def test_an_account_that_is_split_off_keeps_what_was_its_own_and_is_not_suggested_again(
    world: World, account: Make, wrote: Make, token: str
) -> None:
    one, other, third = (account(platform=name, handle="wokkelfabriek") for name in ("mastodon", "discourse", "files"))
    for someone in (one, other, third):
        wrote(someone)
    world.inbox.persons.give_badge(token, one, "vip")
    world.inbox.persons.accept(token, one, other)
    world.inbox.persons.accept(token, one, third)
    world.inbox.persons.split(token, one)
    with world.store.read() as conn:
        assert accounts_of(conn, one) == [one]
        assert set(accounts_of(conn, other)) == {other, third}
    assert [badge.code for badge in world.inbox.persons.customer(token, one).badges] == ["vip"]
    assert world.inbox.persons.customer(token, other).badges == ()
    _gather(world)
    assert world.inbox.persons.customer(token, one).suggestions == ()
    with pytest.raises(BadInput):
        world.inbox.persons.split(token, one)


def test_the_history_shows_what_was_said_how_it_stands_and_what_we_answered(
    world: World, account: Make, wrote: Make, token: str, later: Any
) -> None:
    someone = account(name="Tjeerd")
    first = wrote(someone, "Waar is mijn pakket?")
    later(minutes=5)
    world.inbox.answered_by_hand(token, first, text="We zoeken het uit.")
    world.inbox.resolve(token, first)
    later(hours=11)
    second = wrote(someone, "En nu is het kapot")
    seen = world.inbox.persons.customer(token, someone)
    assert [row.conversation_id for row in seen.history] == [second, first]
    assert (seen.history[1].status, seen.history[1].answered) == ("resolved", "We zoeken het uit.")
    assert seen.history[0].answered is None
    assert (seen.counts.contacts, seen.counts.open) == (2, 1)
    page = world.inbox.persons.customer(token, someone, limit=1)
    assert len(page.history) == 1
    assert page.more


def test_a_person_without_a_name_or_with_a_hostile_one_is_shown(world: World, account: Make, token: str) -> None:
    for name in (None, "", "\u202e\u0301" * 50, "<script>alert(1)</script>"):
        someone = account(name=name, handle=None)
        assert world.inbox.persons.customer(token, someone).name == (name or "")
    with pytest.raises(NotFound):
        world.inbox.persons.customer(token, 5)


def test_five_thousand_mentions_of_one_account_are_counted_along_the_index(
    world: World, account: Make, wrote: Make, token: str
) -> None:
    someone = account(name="Veelschrijver")
    thread = wrote(someone)
    now = world.clock()
    with world.store.write() as conn:
        conn.execute(
            mention.insert(),
            [
                {
                    "id": number, "platform": "discourse", "source_id": "forum", "namespace": "test",
                    "external_id": f"m{number}", "conversation_id": thread, "author_id": someone, "kind": "post",
                    "direction": "inbound", "text": "x", "lang": "nl", "sort_at": now - timedelta(minutes=number),
                    "first_seen_at": now, "last_seen_at": now, "flags": [], "visibility": "public", "revision": 0,
                    "capabilities": {}, "extra": {},
                }
                for number in range(1, 5001)
            ],
        )  # fmt: skip
    seen = world.inbox.persons.customer(token, someone)
    assert seen.counts.capped
    assert seen.history[0].n_said == 2000
    assert seen.counts.first_at == now - timedelta(minutes=5000)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ams"), st.integers(0, 4), st.integers(0, 4)), max_size=12))
def test_whatever_is_merged_and_split_a_root_is_never_merged_itself(
    world: World, account: Make, token: str, steps: list[tuple[str, int, int]]
) -> None:
    ids = [account() for _ in range(5)]
    done: list[int] = []
    for what, one, other in steps:
        if what == "a":
            done.append(world.inbox.persons.accept(token, ids[one], ids[other]).event_id)
        elif what == "s":
            try:
                world.inbox.persons.split(token, ids[one])
            except BadInput:
                continue
        elif done and done[-1]:
            world.inbox.persons.unmerge(token, done.pop())
    with world.store.read() as conn:
        merged = dict(conn.execute(select(person.c.id, person.c.merged_into)).all())
        homes = dict(conn.execute(select(author.c.id, author.c.person_id).where(author.c.id.in_(ids))).all())
    assert all(merged[root] is None for root in merged.values() if root is not None)
    assert len({home for home in homes.values() if home}) == sum(home is not None for home in homes.values())
