"""What the worker learned, made true: the row, our own post in the store, the event, the state that the list shows.

One transaction for all of it. Whoever lost the row (somebody else settled it, or the lease lapsed) changes nothing but
what the platform showed, which is true in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import steps
from inbox.desk import Desk
from inbox.replying import recognise, rows
from inbox.replying.sent import mark_sent
from inbox.replying.states import By, State
from inbox.route import route_one
from store.ingest import commit_within
from store.outbox import READS, Came, Outcome
from store.schema import mention_key, outbox

MOST_TRIES = 6
"""After so many tries that the platform did not take, a person decides."""
_DIED = "The worker stopped while it was sending this; the platform is asked whether it stands there."


class Settling:
    """Writes down what came of tries. Safe to share between threads; keeps no state."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def record(self, outbox_id: int, owner: str, outcome: Outcome) -> None:
        """Settle a row with what came of it; nothing happens to a row that `owner` no longer holds."""
        self._desk.store.write_again(lambda conn: _record(self._desk, conn, outbox_id, owner, outcome))

    def lapsed(self, outbox_ids: Sequence[int]) -> None:
        """Rows whose worker gave no sign of life while sending: perhaps sent, so the platform is asked first."""
        for outbox_id in outbox_ids:
            with self._desk.store.write() as conn:
                now = self._desk.clock()
                talk, row = rows.load(conn, outbox_id)
                route_one(self._desk, conn, talk.id, now)
                talk, row = rows.load(conn, outbox_id)
                if row.state == State.SENDING and row.lease_until is not None and row.lease_until <= now:
                    came = Came.LATER if row.kind in READS else Came.UNKNOWN
                    outcome = Outcome(came, now, "Lapsed", _DIED, again_at=now)
                    _Case(self._desk, conn, talk, row, outcome, now).settle()


def _record(desk: Desk, conn: Connection, outbox_id: int, owner: str, outcome: Outcome) -> None:
    now = desk.clock()
    if outcome.page is not None:
        commit_within(conn, desk.store, outcome.page)  # first: it locks conversations in an order of its own
    talk, row = rows.load(conn, outbox_id)
    if row.lease_owner != owner:
        return
    if outcome.came is Came.DONE:
        _name(conn, row, outcome)
    # The collector's news of this conversation first, so that no step of ours hides them from routing.
    route_one(desk, conn, talk.id, now)
    talk, row = rows.load(conn, outbox_id)
    if row.lease_owner == owner:  # else routing met our own post and has settled it
        _Case(desk, conn, talk, row, outcome, now).settle()


@dataclass(frozen=True, slots=True)
class _Case:
    """One row with what came of it, inside the transaction that holds its conversation (`talk`) and the row."""

    desk: Desk
    conn: Connection
    talk: Row[Any]
    row: Row[Any]
    outcome: Outcome
    now: datetime

    def settle(self) -> None:
        """Move the row to where the outcome leads."""
        outcome, row = self.outcome, self.row
        match outcome.came:
            case Came.DONE if row.kind in READS:
                # A question changes nothing by itself, so it leaves no event; what came of it stands in the thread.
                self._put(State.SENT, sent_at=self.now, error_class=None, error_text=None)
            case Came.REFUSED if row.kind in READS:
                self._put(State.FAILED, **self._error())
            case Came.DONE:
                own = {"own_mention_id": row.own_mention_id}
                mark_sent(self.desk, self.conn, row, By.WORKER, now=self.now, at=outcome.at, **own)
            case Came.HELD:
                self._put(State.HELD, error_class=None, error_text=None)
                self._tell("held")
            case Came.REFUSED:
                self._fail(outcome.error_class, outcome.text)
            case Came.LATER:
                self._put(State.QUEUED, not_before=outcome.again_at or self.now, **self._error())
            case Came.UNKNOWN:
                self._put(State.UNKNOWN, not_before=outcome.again_at or self.now, **self._error())
                self._tell("unknown", reason=outcome.text)
            case Came.MISSING:
                if not recognise.find(self.desk, self.conn, row, self.now):
                    self._missing()
            case Came.UNSEEN:
                self._look_again()

    def _missing(self) -> None:
        """It does not stand there. Where a repeat could double it, one more look must say so before it goes again."""
        row = self.row
        if not self.outcome.final and row.checked_at is None:
            self._look_again(checked_at=self.now)
        elif row.attempts >= MOST_TRIES or row.error_class == "BadRequest":
            self._fail(row.error_class, row.error_text)
        else:
            wait = timedelta(seconds=min(600, 5 * 2**row.attempts))
            self._put(State.QUEUED, not_before=self.now + wait, checked_at=self.now)
            self._tell("requeued")

    def _fail(self, name: str | None, text: str | None) -> None:
        self._put(State.FAILED, error_class=name, error_text=text)
        step = steps.Step(rows.code_of(self.row.kind, State.FAILED), reason=text)
        rows.told(self.desk, self.conn, self.talk, steps.CLOCK, step, outbox_id=self.row.id, now=self.now)

    def _look_again(self, **values: Any) -> None:
        free = {"lease_owner": None, "lease_until": None, "not_before": self.outcome.again_at or self.now}
        self.conn.execute(outbox.update().where(outbox.c.id == self.row.id).values(**free, **values))

    def _tell(self, what: str, *, reason: str | None = None) -> None:
        """An event of an answer; likes and the like have none of these moments worth telling."""
        if self.row.kind == "reply":
            step = steps.Step(rows.code_of(self.row.kind, what), reason=reason)
            rows.told(self.desk, self.conn, self.talk, steps.CLOCK, step, outbox_id=self.row.id, now=self.now)

    def _put(self, after: State, **values: Any) -> None:
        rows.put(self.conn, self.row, after, By.WORKER, now=self.now, **values)

    def _error(self) -> dict[str, Any]:
        return {"error_class": self.outcome.error_class, "error_text": self.outcome.text}


def _name(conn: Connection, row: Row[Any], outcome: Outcome) -> None:
    """Note which post of the store is ours, so that routing knows it."""
    values: dict[str, Any] = {"external_id": outcome.external_id, "namespace": outcome.namespace, "url": outcome.url}
    if outcome.external_id is not None and row.kind == "reply":
        key = mention_key.c
        wanted = (key.external_id == outcome.external_id, key.namespace == outcome.namespace)
        values["own_mention_id"] = conn.execute(select(key.mention_id).where(*wanted)).scalar()
    conn.execute(outbox.update().where(outbox.c.id == row.id).values(**values))
