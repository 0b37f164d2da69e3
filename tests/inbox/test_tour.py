"""The tour is for who did not have it."""

from __future__ import annotations

from inbox.permissions import Role
from tests.inbox.conftest import World


def test_everybody_is_shown_around_once(world: World) -> None:
    one, other = world.token(world.person(Role.READ_ONLY)), world.token(world.person())
    assert world.inbox.tour.wanted(one)
    world.inbox.tour.done(one)
    assert not world.inbox.tour.wanted(one)
    assert world.inbox.tour.wanted(other)
