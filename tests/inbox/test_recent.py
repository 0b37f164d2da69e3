"""What may be some seconds old is counted once; what people decide upon is always counted anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from inbox.recent import Recent
from inbox.views import View
from tests.inbox.conftest import World

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_value_is_read_once_within_its_seconds_and_again_after_them() -> None:
    recent, read = Recent(), iter(range(9))
    for after_s, expected in ((0, 0), (9.9, 0), (10, 1), (19, 1), (5, 2)):
        value = recent.get("n", NOW + timedelta(seconds=after_s), seconds=10, read=lambda: next(read))
        assert value == expected, f"after {after_s} s"


def test_a_value_that_may_not_be_kept_is_read_every_time() -> None:
    recent, read = Recent(), iter([1000, 7, 8])
    found = [
        recent.get("n", NOW + timedelta(seconds=at), seconds=1, read=lambda: next(read), keep=lambda n: n > 999)
        for at in (0, 0.5, 2, 2)
    ]
    assert found == [1000, 1000, 7, 8]


def test_a_badge_that_says_a_number_is_never_old(world: World) -> None:
    token = world.token(world.person())
    for n in (1, 2, 3):
        world.inbox.resolve(token, world.conversation())
        badges = {count.view: count.n for count in world.inbox.counts(token)}
        assert badges[View.RESOLVED] == n


def test_menus_are_at_most_ten_seconds_behind(world: World) -> None:
    token = world.token(world.person())
    world.inbox.choices(token)
    newcomer = world.person(name="Noor Nieuw")
    world.clock.step(seconds=11)
    assert newcomer.id in {one.id for one in world.inbox.choices(token).people}
