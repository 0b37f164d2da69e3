"""Badges of persons on the list: over all their accounts, in one query per page."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import event as listen

from inbox.views import View
from store.persons import badges_of
from store.schema import author, person
from tests.inbox.conftest import World


def _person(world: World, *author_ids: int, badges: tuple[str, ...], merged_into: int | None = None) -> int:
    person_id = world.store.new_id()
    with world.store.write() as conn:
        conn.execute(person.insert().values(id=person_id, notes="", badges=list(badges), merged_into=merged_into))
        conn.execute(author.update().where(author.c.id.in_(author_ids)).values(person_id=person_id))
    return person_id


def test_a_card_shows_the_badges_of_who_wrote(
    world: World, account: Callable[..., int], wrote: Callable[..., int]
) -> None:
    known, unknown = account(), account()
    first, second = wrote(known), wrote(unknown)
    _person(world, known, badges=("journalist", "vip"))
    token = world.token(world.person())
    cards = {card.id: card for card in world.inbox.listing(token, View.ALL).cards}
    assert cards[first].badges == ("vip", "journalist")
    assert cards[second].badges == ()
    assert world.inbox.detail(token, first).card.badges == ("vip", "journalist")


def test_badges_of_merged_persons_count_together(world: World, account: Callable[..., int]) -> None:
    forum, toot = account(platform="discourse"), account()
    root = _person(world, forum, badges=("vip",))
    _person(world, toot, badges=("employee",), merged_into=root)
    with world.store.read() as conn:
        assert badges_of(conn, [forum, toot]) == {forum: ("vip", "employee"), toot: ("vip", "employee")}


def test_a_page_of_rows_asks_for_badges_once(world: World, account: Callable[..., int]) -> None:
    ids = [account() for _ in range(40)]
    for one in ids:
        _person(world, one, badges=("vip",))
    asked: list[str] = []
    with world.store.read() as conn:
        listen.listen(conn, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))
        assert set(badges_of(conn, ids)) == set(ids)
    assert len(asked) == 1
