"""Whatever is done with links, the counters equal a recount, and the card shows what was linked first."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from inbox.errors import InboxError
from inbox.permissions import Role
from inbox.themes.views import Draft
from inbox.views import Filters, View
from store import theming
from store.commit.conversations import load
from store.commit.merging import merge
from store.schema import conversation
from store.theme_counts import check_theme_counts
from tests.inbox.conftest import World

STEPS = 40


@pytest.mark.parametrize("seed", range(2))
def test_any_walk_of_steps_leaves_counters_and_cards_true(world: World, seed: int) -> None:
    chance = random.Random(seed)
    lead = world.token(world.person(Role.LEAD))
    box = world.inbox.themes
    ids = [box.make(lead, Draft(name, query=query)) for name, query in (("A", "rood"), ("B", "blauw"), ("C", ""))]
    rows = [world.conversation(text, brand_ids=["x"]) for text in ("rood", "blauw", "rood blauw", "groen")]
    expected = {number: set(_raised(world, number)) for number in rows}
    assert expected[rows[2]] == {ids[0], ids[1]}
    last: tuple[int, set[int], int | None] | None = None
    for _ in range(STEPS):
        world.clock.step(seconds=1)
        number, theme = chance.choice(rows), chance.choice(ids)
        before = set(expected[number])
        match chance.randrange(4):
            case 0:
                done = box.link(lead, number, theme)
                expected[number].add(theme)
            case 1:
                done = box.unlink(lead, number, theme)
                expected[number].discard(theme)
            case 2:
                world.message(number, "nog eens rood en blauw")
                world.route()
                refused = {one for one, said in _said(world, number).items() if said in {"removed", "declined"}}
                expected[number] |= {ids[0], ids[1]} - refused
                last = None
                continue
            case _ if last is not None and last[2] is not None:
                try:
                    world.inbox.undo(lead, last[2])
                except InboxError:
                    continue
                expected[last[0]] = last[1]
                last = None
                continue
            case _:
                continue
        last = (number, before, done.event_id)
    assert {number: set(_raised(world, number)) for number in rows} == expected
    assert check_theme_counts(world.store) == []
    with world.store.read() as conn:
        for number in rows:
            shown = conn.execute(select(conversation.c.theme_id).where(conversation.c.id == number)).scalar()
            assert shown in (expected[number] or {None})


def test_conversations_that_turn_out_to_be_one_raise_each_theme_once(world: World) -> None:
    lead = world.token(world.person(Role.LEAD))
    both, only = (world.inbox.themes.make(lead, Draft(name)) for name in ("Beide", "Een"))
    first, second = world.conversation("een"), world.conversation("twee")
    for number, theme in ((first, both), (second, both), (second, only)):
        world.inbox.themes.link(lead, number, theme)
    with world.store.write() as conn:
        found = load(conn, world.store, [first, second])
        merge(conn, world.store, found[first], [found[second]], now=world.clock())
    assert set(_raised(world, first)) == {both, only}
    assert _raised(world, second) == ()
    assert check_theme_counts(world.store) == []
    with world.store.read() as conn:
        assert theming.n_links(conn, both) == 1


def test_a_search_asks_for_a_theme_by_its_name(world: World) -> None:
    token = world.token(world.person())
    theme = world.inbox.themes.make(token, Draft("Late levering"))
    row_id, _other = world.conversation("pakket kwijt"), world.conversation("pakket stuk")
    world.inbox.themes.link(token, row_id, theme)

    def found(search: str) -> list[int]:
        return [one.id for one in world.inbox.listing(token, View.ALL, Filters(search=search)).cards]

    assert found('pakket theme:"late levering"') == [row_id]
    assert found("pakket theme:late*") == [row_id]
    assert found("pakket theme:iets") == []
    assert row_id not in found('pakket -theme:"Late levering"')


def _raised(world: World, number: int) -> tuple[int, ...]:
    with world.store.read() as conn:
        return theming.themes_of(conn, [number]).get(number, ())


def _said(world: World, number: int) -> dict[int, str]:
    with world.store.read() as conn:
        return theming.verdicts_of(conn, number)
