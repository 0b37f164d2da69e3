"""Ten agents in a process of their own, each in a thread, doing all sorts of things to the same conversations.

Usage: python -m tests.inbox.shift_process DATABASE SECONDS SEED USER_ID... ; prints one JSON line: the events that the
steps said they wrote, how often each was refused, and every error that is no refusal.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from inbox import sessions
from inbox.desk import Desk
from inbox.errors import InboxError
from inbox.reaching import in_words
from inbox.service import Inbox
from inbox.views import Done
from store.engine import open_store
from store.schema import conversation
from tests.inbox.conftest import SETTINGS

HOT = 12
"""So many conversations everybody fights over; the others come by `next` only."""


class Agent:
    """One agent, choosing by chance."""

    def __init__(self, inbox: Inbox, token: str, row_ids: list[int], people: list[int], rng: random.Random) -> None:
        self.inbox, self.token, self.row_ids, self.people, self.rng = inbox, token, row_ids, people, rng
        self.events: list[int] = []
        self.refused: Counter[str] = Counter()
        self.errors: list[str] = []

    def work(self, until: float) -> None:
        """Act until the time is over."""
        while time.monotonic() < until:
            what = self.rng.choice(("next", "next", "claim", "claim", "release", "assign", "resolve", "note", "undo"))
            try:
                with in_words():  # as on the screens: a lock that does not come free in time is a refusal
                    done = getattr(self, f"_{what}")(self.rng.choice(self.row_ids[:HOT]))
            except InboxError as refusal:
                self.refused[f"{what}: {refusal.code}"] += 1
            except Exception as error:  # noqa: BLE001 - told to the test, which fails
                self.errors.append(f"{what}: {type(error).__name__}: {error}"[:300])
            else:
                if done is not None and done.event_id is not None:
                    self.events.append(done.event_id)

    def _next(self, _row_id: int) -> Done | None:
        done = self.inbox.next_for_me(self.token)
        if done is None:
            return self.inbox.reopen(self.token, self.rng.choice(self.row_ids))
        self.events.append(done.event_id or 0)
        end = self.inbox.release if self.rng.random() < 0.5 else self.inbox.resolve
        return end(self.token, done.conversation_id)

    def _claim(self, row_id: int) -> Done:
        return self.inbox.claim(self.token, row_id)

    def _release(self, row_id: int) -> Done:
        return self.inbox.release(self.token, row_id)

    def _assign(self, row_id: int) -> Done:
        return self.inbox.assign(self.token, row_id, self.rng.choice([*self.people, None]))

    def _resolve(self, row_id: int) -> Done:
        return self.inbox.resolve(self.token, row_id)

    def _note(self, row_id: int) -> Done:
        return self.inbox.add_note(self.token, row_id, "seen")

    def _undo(self, _row_id: int) -> Done | None:
        return self.inbox.undo(self.token, self.events[-1]) if self.events else None


def main(database: str, seconds: float, seed: int, user_ids: list[int]) -> None:
    """Let them work, and print what they did."""
    store = open_store(database)
    desk = Desk(store, SETTINGS)
    with store.read() as conn:
        row_ids = list(conn.execute(select(conversation.c.id).order_by(conversation.c.id)).scalars())
    inbox = Inbox(store, SETTINGS)
    agents = [
        Agent(inbox, sessions.start_for(desk, user_id).token, row_ids, user_ids, random.Random(seed + user_id))
        for user_id in user_ids
    ]
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(len(agents)) as pool:
        list(pool.map(lambda agent: agent.work(until), agents))
    store.close()
    told = {
        "events": [one for agent in agents for one in agent.events],
        "refused": sum((agent.refused for agent in agents), Counter()),
        "errors": [one for agent in agents for one in agent.errors],
    }
    print(json.dumps(told))  # noqa: T201 - that is how the test hears of it


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), [int(one) for one in sys.argv[4:]])
