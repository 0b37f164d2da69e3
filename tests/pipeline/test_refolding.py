"""Folding kept mentions anew: what ingest folded stays, what lost its keys finds its group, and nobody's work moves."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from pipeline.again import begin, step
from pipeline.refolding import Refolding
from store import schema
from store.commit.duplicates import WINDOW
from store.engine import Store
from store.ingest import commit_page
from store.rollups import rebuild_rollups
from tests.store.copying import OTHER, SAID, check_groups, folded, saying
from tests.store.making import NOW, page

CODE = "aaaaaa.bbbbbb.cccccc"


class Slices(Refolding):
    """Small slices, and an end on demand."""

    rows = 3
    fails_after = 10**9

    def derive(self, told: Sequence[Any]) -> Sequence[Any]:
        self.fails_after -= 1
        if self.fails_after < 0:
            msg = "the process ends here"
            raise RuntimeError(msg)
        return super().derive(told)


def all_over(**values: Any) -> Slices:
    return Slices(CODE, timezone="UTC", everything=True, **values)


def go_over(store: Store, work: Refolding) -> int:
    """Do all of it; how many changed."""
    begin(store, work, now=NOW, again=True)
    done = step(store, work, now=NOW, timezone="UTC")
    for _ in range(2_000):
        if not done.more:
            return done.walk.changed
        done = step(store, work, now=NOW, timezone="UTC")
    pytest.fail("never ends")


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that going over may change, but for what the version of each mention says."""
    with store.read() as conn:
        return {
            table.name: [
                tuple(value for name, value in row._mapping.items() if name != "enriched")
                for row in conn.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in (schema.mention, schema.conversation, schema.dup_key, schema.near_key, schema.event)
        }


def groups(store: Store) -> set[frozenset[str]]:
    """Who is folded together, whoever is the first."""
    found: dict[str, set[str]] = {}
    for external_id, first in folded(store).items():
        found.setdefault(first or external_id, set()).add(external_id)
    return {frozenset(each) for each in found.values()}


def forget(store: Store, *, folds: bool) -> None:
    """Lose the keys, and with `folds` also who is folded under whom."""
    with store.write() as conn:
        conn.execute(delete(schema.dup_key))
        conn.execute(delete(schema.near_key))
        if folds:
            conn.execute(update(schema.mention).values(dup_of=None))
            conn.execute(update(schema.conversation).values(n_duplicates=0))
    if folds:
        rebuild_rollups(store, timezone="UTC")


def many(store: Store, seed: int) -> None:
    """Five stories told by many over three months, each for less than thirty days, and what nobody repeats."""
    chance = random.Random(seed)
    number = 0
    for each in range(90, 0, -3):
        at = NOW - timedelta(days=each)
        made = []
        for _ in range(chance.randrange(1, 5)):
            number += 1
            story = (90 - each) // 20
            words = f"{SAID} verhaal {story} " + " ".join(f"deel{story}x{n}" for n in range(6))
            text = chance.choice(
                (words, f"RT @a: {words}", f"{words} #storing", words.upper(), f"{OTHER} {number} {each}")
            )
            made.append(saying(str(number), text, published_at=at - timedelta(minutes=chance.randrange(500))))
        commit_page(store, page(*made, fetched_at=at, archive_after_s=None))


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_going_over_what_this_version_folded_changes_nothing(store: Store, seed: int) -> None:
    many(store, seed)
    before = everything(store)
    assert go_over(store, all_over()) == 0
    assert everything(store) == before


@pytest.mark.parametrize("folds", [False, True])
def test_what_lost_its_keys_finds_its_group_again(store: Store, folds: bool) -> None:
    many(store, 3)
    before = groups(store)
    assert max(map(len, before)) > 5
    forget(store, folds=folds)
    go_over(store, all_over())
    assert groups(store) == before
    check_groups(store)
    commit_page(store, page(saying("new", f"{SAID} verhaal 4 " + " ".join(f"deel4x{n}" for n in range(6)))))
    assert folded(store)["new"] is not None


@pytest.mark.slow
def test_a_run_that_ends_anywhere_is_gone_on_with_and_comes_to_the_same(store: Store) -> None:
    many(store, 4)
    before = groups(store)
    forget(store, folds=True)
    for slices in (1, 4, 9):
        work = all_over()
        work.fails_after = slices
        with pytest.raises(RuntimeError):
            go_on(store, work)
        check_groups(store)
    go_on(store, all_over())
    assert groups(store) == before
    check_groups(store)


def test_only_what_another_version_folded_is_gone_over_unless_all_is_asked_for(store: Store) -> None:
    commit_page(store, page(saying("1", SAID), saying("2", SAID, published_at=NOW)))
    forget(store, folds=True)
    with store.write() as conn:
        conn.execute(update(schema.mention).where(schema.mention.c.external_id == "1").values(enriched=CODE))
    go_over(store, Slices(CODE, timezone="UTC"))
    with store.read() as conn:
        told = dict(conn.execute(select(schema.mention.c.external_id, schema.mention.c.enriched)).all())
    assert told["1"] == CODE
    assert told["2"].endswith("cccccc")
    assert not step(store, Slices(CODE, timezone="UTC"), now=NOW, timezone="UTC").more


def test_what_somebody_answered_closed_or_has_in_hand_keeps_its_state_and_is_never_unfolded(store: Store) -> None:
    texts = {"1": SAID, "2": SAID, "3": SAID, "4": SAID}
    commit_page(store, page(*(saying(each, text, flags=("addressed",)) for each, text in texts.items())))
    talk = schema.conversation.c
    with store.write() as conn:
        of = dict(conn.execute(select(schema.mention.c.external_id, schema.mention.c.conversation_id)).all())
        told = {"2": {"n_outbound": 1}, "3": {"status": "resolved", "is_open": False}}
        for each, values in told.items():
            conn.execute(update(schema.conversation).where(talk.id == of[each]).values(**values))
        # As if the rule of what says the same had changed: the copies no longer say what the first one says.
        conn.execute(update(schema.mention).where(schema.mention.c.external_id == "1").values(text=OTHER))
    before = states(store)
    go_over(store, all_over())
    assert folded(store) == {"1": None, "2": "1", "3": "1", "4": None}
    assert states(store) == before
    check_groups(store)


def test_what_a_person_took_out_of_a_group_stays_out(store: Store) -> None:
    commit_page(store, page(saying("1", SAID), saying("2", SAID, flags=("alone",), published_at=NOW)))
    forget(store, folds=True)
    with store.write() as conn:
        conn.execute(update(schema.mention).where(schema.mention.c.external_id == "2").values(flags=["alone"]))
    go_over(store, all_over())
    assert folded(store) == {"1": None, "2": None}


def test_what_lies_further_apart_than_thirty_days_stays_apart(store: Store) -> None:
    early = NOW - WINDOW - timedelta(hours=2)
    commit_page(store, page(saying("1", SAID, published_at=early), fetched_at=early, archive_after_s=None))
    commit_page(store, page(saying("2", SAID, published_at=NOW)))
    forget(store, folds=True)
    go_over(store, all_over())
    assert folded(store) == {"1": None, "2": None}
    commit_page(store, page(saying("3", SAID, published_at=NOW)))
    assert folded(store)["3"] == "2"


def states(store: Store) -> dict[int, tuple[Any, ...]]:
    """What an agent sees of each conversation's state."""
    c = schema.conversation.c
    with store.read() as conn:
        rows = conn.execute(select(c.id, c.status, c.is_open, c.assignee_id, c.version, c.cycle_started_at))
        return {row.id: tuple(row) for row in rows}


def go_on(store: Store, work: Refolding) -> None:
    """Go on with what was begun."""
    while step(store, work, now=NOW, timezone="UTC").more:
        pass
