"""Doing one action to many conversations, and taking it back, in short transactions.

Each conversation gets the very step it would get alone, with its own event; the events of one action share a number
(`bulk` among their facts). What is refused is refused before anything of it is written, so the others go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import lists, steps
from inbox import undo as undoing
from inbox.bulk.actions import Step, step_of
from inbox.bulk.views import MOST, MOST_OF_VIEW, Action, BulkDone, Refusal
from inbox.desk import Desk
from inbox.errors import BadInput, InboxError, UndoRefused
from inbox.sentences import Sentence
from inbox.stretches import stretches
from inbox.views import CurrentUser, Done, Filters, View
from store.badges import Count, capped_count
from store.lists import MAX_PAGE, list_conversations
from store.ordering import Order
from store.schema import conversation, event

PER_TRANSACTION = 100
"""So that colleagues who claim wait for tens of milliseconds at most, not for the whole action."""


def apply(desk: Desk, user: CurrentUser, chosen: Mapping[int, int | None], action: Action) -> BulkDone:
    """Do an action to chosen conversations, `{id: version as it was seen}`.

    Raises:
        BadInput: more than `MOST`, or a value that does not fit the action.
    """
    if len(chosen) > MOST:
        raise BadInput(Sentence("Choose at most {most} conversations at once.", most=MOST), most=MOST)
    return _all(desk, user, chosen, action)


def apply_to_view(desk: Desk, user: CurrentUser, view: View, filters: Filters, action: Action) -> BulkDone:
    """Do an action to everything that a view shows now, in its order, at most `MOST_OF_VIEW`.

    Raises:
        BadSearch, BadInput: see `inbox.errors`.
    """
    step_of(action)
    found = list(islice(_ids(desk, user, view, filters), MOST_OF_VIEW + 1))
    done = _all(desk, user, dict.fromkeys(found[:MOST_OF_VIEW]), action)
    return replace(done, more=len(found) > MOST_OF_VIEW)


def count(desk: Desk, user: CurrentUser, view: View, filters: Filters) -> Count:
    """How many conversations a view shows, up to `MOST_OF_VIEW`.

    Raises:
        BadSearch: the search cannot be read.
    """
    wanted = lists.narrowed(desk, lists.filter_of(view, user.id, desk.clock()), filters)
    if wanted is None:
        return Count(0)
    with desk.store.read() as conn:
        return capped_count(conn, wanted, cap=MOST_OF_VIEW)


def undo(desk: Desk, user: CurrentUser, event_ids: Sequence[int]) -> BulkDone | None:
    """Take a whole action back within 10 seconds of its last step; None when there is nothing to take back.

    What somebody else changed since stays, and is told among `refused`.

    Raises:
        UndoRefused: too late, not one's own, or not the steps of one action.
    """
    if not event_ids:
        return None
    taken = _events(desk, event_ids)
    if any(_bulk_of(one) is None for one in taken) or len({_bulk_of(one) for one in taken}) != 1:
        raise UndoRefused(Sentence("These steps are not one action; take them back one by one."))
    undoing.check_in_time(max(undoing.recorded_at(one) for one in taken), desk.clock())
    by_conversation = {int(one.object_id): one for one in taken}

    def take_back(at: Desk, conn: Connection, who: CurrentUser, number: int, _seen: int | None) -> Done:
        return undoing.take_back(at, conn, who, by_conversation[number])

    return replace(_walk(desk, user, dict.fromkeys(by_conversation), take_back), undo_until=None)


def _all(desk: Desk, user: CurrentUser, chosen: Mapping[int, int | None], action: Action) -> BulkDone:
    step = step_of(action)
    at = desk.telling(bulk=desk.store.new_id())
    return _walk(at, user, chosen, step)


def _walk(desk: Desk, user: CurrentUser, chosen: Mapping[int, int | None], step: Step) -> BulkDone:
    done: list[Done] = []
    refused: list[Refusal] = []
    for some in stretches(list(chosen), PER_TRANSACTION):
        # Anew where it collided: correcting the tone of many moves figures that what comes in moves too.
        now_done, now_refused = desk.store.write_again(
            partial(_stretch, desk, user, {number: chosen[number] for number in sorted(some)}, step)
        )
        done += now_done
        refused += now_refused
    return BulkDone.of(done, refused, undo_until=desk.clock() + steps.UNDO_WINDOW)


def _stretch(
    desk: Desk,
    user: CurrentUser,
    some: Mapping[int, int | None],
    step: Step,
    conn: Connection,
) -> tuple[list[Done], list[Refusal]]:
    done: list[Done] = []
    refused: list[Refusal] = []
    # Always in the same order, so that two bulk actions never wait for each other's rows.
    steps.lock_all(conn, list(some))
    for number, seen in some.items():
        try:
            done.append(step(desk, conn, user, number, seen))
        except InboxError as problem:
            refused.append(Refusal(number, _author(conn, number), problem.code, problem.said or str(problem)))
    return done, refused


def _ids(desk: Desk, user: CurrentUser, view: View, filters: Filters) -> Iterator[int]:
    """Ids of a view, page by page; the rows are read before anything is changed, so the pages do not shift."""
    wanted = lists.narrowed(desk, lists.filter_of(view, user.id, desk.clock()), filters)
    cursor: str | None = None
    while wanted is not None:
        with desk.store.read() as conn:
            page = list_conversations(conn, wanted, order=Order.INBOX, limit=MAX_PAGE, cursor=cursor)
        yield from (row.id for row in page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return


def _events(desk: Desk, event_ids: Sequence[int]) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    with desk.store.read() as conn:
        for some in stretches(list(dict.fromkeys(event_ids)), PER_TRANSACTION):
            found += conn.execute(select(event).where(event.c.id.in_(some)))
    if not found or any(one.object_type != steps.CONVERSATION for one in found):
        raise UndoRefused(Sentence("There is no such action."))
    return found


def _bulk_of(one: Row[Any]) -> int | None:
    number: int | None = ((one.after or {}).get("facts") or {}).get("bulk")
    return number


def _author(conn: Connection, number: int) -> str:
    name = conn.execute(select(conversation.c.author_name).where(conversation.c.id == number)).scalar()
    return str(name or "")
