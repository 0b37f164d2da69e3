"""Killed in the middle of corrections and labels: what stands is whole, and every step that stands was told."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from sqlalchemy import select

from inbox.permissions import Role
from store.label_samples import items
from store.rollups import check_rollups
from store.schema import conversation, event, mention
from tests.inbox.conftest import World
from tests.inbox.tone.conftest import ZONE, bring

pytestmark = pytest.mark.slow


def test_after_a_kill_message_card_figures_and_events_agree(world: World) -> None:
    bring(world, *(f"Bericht {n}, slecht geholpen" for n in range(60)))
    month = world.inbox.tones.draw(world.token(world.person(Role.LEAD)))
    people = [world.person() for _ in range(2)]
    chance = random.Random(1)
    command = [sys.executable, "-m", "tests.inbox.tone.correcting_process", world.store.url]
    busy = [
        subprocess.Popen([*command, str(person.id)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for person in people
    ]
    for process in busy:
        assert process.stdout is not None
        assert process.stdout.readline() == b"at work\n"
    for process in busy:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0.1, 0.6))
        process.kill()
        process.wait()
    # A server may be some moments at what a killed client asked last.
    world.store.write_again(lambda conn: world.store.dialect.lock_tables(conn, (conversation, mention, event)))
    assert check_rollups(world.store, timezone=ZONE) == []
    with world.store.read() as conn:
        said = {row.id: row for row in conn.execute(select(mention))}
        told = conn.execute(
            select(event.c.action, event.c.after, event.c.object_type).where(
                event.c.action.in_(("toned", "tone_back", "tone_labelled"))
            )
        ).all()
        for card in conn.execute(select(conversation)):
            assert card.sentiment == said[card.last_mention_id].sentiment
        labelled = [one for one in items(conn, month) if one.label is not None]
    steps = [one for one in told if one.object_type == "conversation"]
    # By version: ids of two processes within one second tell no order.
    last = {one.after["facts"]["mention_id"]: one for one in sorted(steps, key=lambda one: one.after["version"])}
    assert len(last) > 5
    for number, row in said.items():
        step = last.get(number)
        by_hand = step is not None and step.action == "toned"
        assert (row.sentiment_by == "hand") is by_hand is (row.sentiment_corrected_by is not None)
        if step is not None and by_hand:
            assert row.sentiment == step.after["facts"]["tone"]
    assert len(labelled) == sum(one.action == "tone_labelled" for one in told) > 0
