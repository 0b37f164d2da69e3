"""Many at once on the same conversations and themes: nobody waits in a circle, and the counters stay true."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from inbox.bulk.views import Action, Kind
from inbox.errors import StoreBusy
from inbox.permissions import Role
from inbox.themes import background
from inbox.themes.views import Draft
from store.theme_counts import check_theme_counts
from tests.inbox.conftest import SETTINGS, World

pytestmark = pytest.mark.slow


def test_agents_bulk_routing_and_merging_at_once_leave_counters_true(world: World) -> None:
    lead = world.token(world.person(Role.LEAD))
    box = world.inbox.themes
    ids = [box.make(lead, Draft(name, query=query)) for name, query in (("A", "rood"), ("B", "blauw"), ("C", ""))]
    rows = [world.conversation("hallo", routed=False) for _ in range(40)]
    world.route()
    busy: list[str] = []

    def work(seed: int) -> None:
        chance, token = random.Random(seed), world.token(world.person())
        for _ in range(12):
            some = chance.sample(rows, 10)
            try:
                match seed % 4:
                    case 0:
                        world.inbox.bulk.apply(token, dict.fromkeys(some), Action(Kind.THEME, chance.choice(ids)))
                    case 1:
                        box.link(token, some[0], chance.choice(ids))
                        box.unlink(token, some[1], chance.choice(ids))
                    case 2:
                        world.message(some[0], chance.choice(("rood", "blauw", "rood en blauw")))
                        world.route()
                    case _:
                        background.link(world.store, SETTINGS, world.clock())
            except StoreBusy as problem:
                busy.append(str(problem))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert busy == []
    assert check_theme_counts(world.store) == []
    told = box.merge(lead, ids[0], ids[1])
    while not told.done:
        told = box.go_on(lead, told)
    assert check_theme_counts(world.store) == []
