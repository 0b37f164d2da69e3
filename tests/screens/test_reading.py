"""One run of the script asks the inbox once for what several fragments show; the next run asks again."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections import Counter
from collections.abc import Callable, Hashable
from contextvars import copy_context
from typing import Any

import pytest
from sqlalchemy import event

from inbox import recall
from inbox.errors import NotSignedIn
from screens import heap
from tests.screens.conftest import House, decision

App = Callable[..., Any]


def test_a_redraw_asks_who_is_signed_in_and_counts_the_badges_once(app: App, house: House) -> None:
    page = app("daan")
    asked: Counter[str] = Counter()

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked["sessions"] += "FROM user_account JOIN user_session" in statement
        asked["badges"] += "FILTER (WHERE" in statement

    event.listen(house.store.engine, "before_cursor_execute", note)
    page.run()
    whole = Counter(asked)
    decision(page, "claim").click().run()
    event.remove(house.store.engine, "before_cursor_execute", note)
    assert whole["badges"] == 1
    assert asked["badges"] - whole["badges"] == 1
    assert 0 < asked["sessions"] - whole["sessions"] < 10


def test_what_needs_more_than_reading_is_looked_up_every_time(house: House) -> None:
    token, found = house.token("daan"), dict[Hashable, object]()

    def drawing() -> None:
        recall.use(found)
        user = house.inbox.current_user(token)
        assert user in found.values()
        house.inbox.sign_out(token)
        house.inbox.counts(token)
        with pytest.raises(NotSignedIn):
            house.inbox.next_for_me(token)
        found.clear()
        with pytest.raises(NotSignedIn):
            house.inbox.counts(token)

    copy_context().run(drawing)


def test_the_next_run_reads_anew(app: App, house: House) -> None:
    page = app("daan")
    house.inbox.sign_out_everywhere(house.token("daan"))
    assert "signed out" in " ".join(one.body for one in page.run().get("html"))


async def test_garbage_is_collected_without_anybody_clicking() -> None:
    class Knot:
        me: Knot

    gc.disable()
    try:
        knot = Knot()
        knot.me = knot
        gone = asyncio.Event()
        weakref.finalize(knot, gone.set)
        del knot
        async with asyncio.timeout(10), heap.tidied(every_s=0.01):
            await gone.wait()
    finally:
        gc.enable()
