"""Thirty agents at one queue: nothing is claimed twice, nothing is left."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from inbox.errors import ClaimedByOther
from inbox.views import CurrentUser
from tests.inbox.conftest import World

AGENTS = 30


def test_thirty_agents_taking_next_empty_the_queue_without_a_double_claim(world: World) -> None:
    wanted = {world.conversation() for _ in range(45)}
    agents = [world.person() for _ in range(AGENTS)]
    start = Barrier(AGENTS)

    def take(agent: CurrentUser) -> list[int]:
        token = world.token(agent)
        start.wait()
        taken = []
        while (done := world.inbox.next_for_me(token)) is not None:
            taken.append(done.conversation_id)
        return taken

    with ThreadPoolExecutor(AGENTS) as pool:
        taken = Counter(row_id for mine in pool.map(take, agents) for row_id in mine)
    assert set(taken) == wanted
    assert set(taken.values()) == {1}
    assert Counter(world.actions(row_id).count("claimed") for row_id in wanted) == {1: len(wanted)}


def test_thirty_agents_claiming_the_same_items_get_each_exactly_once(world: World) -> None:
    wanted = [world.conversation() for _ in range(6)]
    agents = [world.person() for _ in range(AGENTS)]
    start = Barrier(AGENTS)

    def claim(agent: CurrentUser) -> list[int]:
        token = world.token(agent)
        start.wait()
        mine = []
        for row_id in wanted:
            try:
                world.inbox.claim(token, row_id)
            except ClaimedByOther:
                continue
            mine.append(row_id)
        return mine

    with ThreadPoolExecutor(AGENTS) as pool:
        taken = Counter(row_id for mine in pool.map(claim, agents) for row_id in mine)
    assert taken == dict.fromkeys(wanted, 1)


def test_no_change_of_many_at_once_is_lost(world: World) -> None:
    row_id, tokens = world.conversation(), [world.token(world.person()) for _ in range(10)]
    before = world.row(row_id).version
    with ThreadPoolExecutor(len(tokens)) as pool:
        list(pool.map(lambda token: [world.inbox.add_note(token, row_id, f"note {n}") for n in range(3)], tokens))
    row = world.row(row_id)
    assert (row.n_notes, row.version) == (30, before + 30)
    versions = [one.after["version"] for one in world.events(row_id)]
    assert len(set(versions)) == len(versions)
