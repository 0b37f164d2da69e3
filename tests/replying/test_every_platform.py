"""On every platform that can be answered, whatever happens during a send: one post, or an honest "we do not know"."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

import pytest

from store.engine import open_store
from tests.conftest import Clock, SqliteDatabases
from tests.replying.house import ANSWER
from tests.replying.lives import CRASHES, Life, live_through
from tests.replying.misfortune import FATES, SLOW_S
from tests.replying.premises import Premises, premises
from tests.replying.writable import WRITABLE

pytestmark = pytest.mark.slow

DAWN = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
CERTAIN = {"works", "limited"}
"""What happens that leaves no doubt whether it was done."""


async def _answered(house: Premises, life: Life) -> None:
    token, number, _ = await house.asked()
    done = house.send(token, number, follow_up="resolved")
    outbox_id = done.params["outbox_id"]
    house.patience_s = SLOW_S / 2 if "slow" in life.fates else None
    in_doubt = not house.platform.found_again and not _certain(life)
    await live_through(house, life, outbox_id, turns=60 if in_doubt else 400)
    if in_doubt:
        _told_that_nobody_knows(house, token, number, life)
        return
    row = house.outbox_of(done)
    assert len(house.server.fates) < max(1, len(life.fates)), "what was to happen did happen"
    assert (row.state, row.attempts >= 1) == ("sent", True), row.error_text
    assert [_plain(each) for each in house.standing()] == [ANSWER], life
    (own,) = house.own_answers()
    assert (row.external_id, row.own_mention_id) == (own.external_id, own.id)
    assert own.conversation_id == number
    assert [one.action for one in house.answers(number)] == ["reply_sent"]
    talk = house.row(number)
    assert (talk.status, talk.reply_state) == ("resolved", None)


def _told_that_nobody_knows(house: Premises, token: str, number: int, life: Life) -> None:
    """Never sent again, and the agent is told; a person who looked there settles it."""
    view = house.of(token, number)
    done = {"lost": 0}.get(next(iter(life.fates), "works"), 1)
    if life.crashes[:1] == ("before the call",):
        done = 0
    assert (view.state, len(house.standing())) == ("unknown", done), life
    assert house.row(number).reply_state == "unknown"
    assert view.trouble
    assert "reply_unknown" in house.actions(number)
    assert house.answers(number) == []
    house.inbox.replies.sent_by_hand(token, view.id)
    assert house.of(token, number).state == "sent"
    assert len(house.answers(number)) == 1


def _certain(life: Life) -> bool:
    """Whether the answer of every call was read and committed."""
    return set(life.fates) <= CERTAIN and set(life.crashes) <= {"none", "after the commit"}


def _plain(text: str) -> str:
    """An answer without the name in front and the signs around it."""
    return re.sub(r"<[^>]+>|@[\w.-]+ ", "", text).strip()


def through(databases: SqliteDatabases, name: str, life: Life) -> None:
    """One answer on one platform through one life, in a store of its own."""
    url, clock = databases.migrated(), Clock(DAWN)
    store = open_store(url, clock=clock)
    try:
        with premises(store, clock, WRITABLE[name]) as house:
            asyncio.run(_answered(house, life))
    finally:
        store.close()
    databases.drop(url)


@pytest.mark.parametrize("name", WRITABLE)
def test_an_answer_of_which_nothing_was_heard_stands_there_once(sqlite_databases: SqliteDatabases, name: str) -> None:
    through(sqlite_databases, name, Life(("unheard",), ("none", "before the commit")))


@pytest.mark.parametrize("crash", CRASHES[1:])
@pytest.mark.parametrize("name", WRITABLE)
def test_wherever_the_worker_dies_the_answer_stands_there_once(
    sqlite_databases: SqliteDatabases, name: str, crash: str
) -> None:
    through(sqlite_databases, name, Life((), (crash,)))


@pytest.mark.parametrize("fate", FATES[1:])
@pytest.mark.parametrize("name", WRITABLE)
def test_whatever_becomes_of_the_call_the_answer_stands_there_once(
    sqlite_databases: SqliteDatabases, name: str, fate: str
) -> None:
    through(sqlite_databases, name, Life((fate,)))


@pytest.mark.parametrize("name", WRITABLE)
def test_in_a_life_of_misfortune_the_answer_stands_there_once(sqlite_databases: SqliteDatabases, name: str) -> None:
    fates, crashes = ("limited", "late", "failing"), ("before the call", "none", "before the commit", "none")
    through(sqlite_databases, name, Life(fates, crashes, frozenset({4, 17})))


@pytest.mark.parametrize("name", ["bluesky", "bluesky message", "facebook", "telegram"])
def test_an_answer_that_a_slow_platform_took_stands_there_once(sqlite_databases: SqliteDatabases, name: str) -> None:
    through(sqlite_databases, name, Life(("slow",)))
