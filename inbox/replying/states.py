"""The states of a row of the outbox and the ONE table of allowed moves. Pure: no clock, no store."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from inbox.errors import OutboxRefused
from inbox.sentences import Sentence


class State(StrEnum):
    """Where a row of the outbox stands."""

    APPROVAL = "approval"
    """A colleague must say yes first."""
    QUEUED = "queued"
    """To be sent when its time has come; until then it can be taken back."""
    SENDING = "sending"
    """A worker is at it: from here on it may stand on the platform."""
    UNKNOWN = "unknown"
    """It may have been sent: the platform is asked before anything else happens."""
    SENT = "sent"
    HELD = "held"
    """The platform has it, and a moderator there must release it."""
    FAILED = "failed"
    """It was not sent, and sending it again as it is would not help."""
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class By(StrEnum):
    """Who moves a row."""

    AUTHOR = "author"
    """Who wrote it, or a lead."""
    APPROVER = "approver"
    WORKER = "worker"
    PLATFORM = "platform"
    """Our own post was seen there."""


_S = State
_SEEN = frozenset({By.PLATFORM})
_TRIED = frozenset({By.WORKER})
_MINE = frozenset({By.AUTHOR})

MOVES: dict[tuple[State, State], frozenset[By]] = {
    (_S.APPROVAL, _S.QUEUED): frozenset({By.APPROVER}),
    (_S.APPROVAL, _S.REJECTED): frozenset({By.APPROVER}),
    (_S.APPROVAL, _S.CANCELLED): _MINE,
    (_S.QUEUED, _S.APPROVAL): frozenset({By.APPROVER}),
    (_S.QUEUED, _S.CANCELLED): _MINE,
    (_S.QUEUED, _S.SENDING): _TRIED,
    (_S.QUEUED, _S.SENT): _SEEN,
    (_S.SENDING, _S.SENT): _TRIED | _SEEN,
    (_S.SENDING, _S.HELD): _TRIED,
    (_S.SENDING, _S.FAILED): _TRIED,
    (_S.SENDING, _S.QUEUED): _TRIED,
    (_S.SENDING, _S.UNKNOWN): _TRIED,
    (_S.UNKNOWN, _S.SENT): _SEEN | _MINE,
    (_S.UNKNOWN, _S.QUEUED): _TRIED | _MINE,
    (_S.UNKNOWN, _S.FAILED): _TRIED | _MINE,
    (_S.HELD, _S.SENT): _SEEN | _MINE,
    (_S.HELD, _S.FAILED): _MINE,
    (_S.FAILED, _S.QUEUED): _MINE,
    (_S.FAILED, _S.CANCELLED): _MINE,
    (_S.FAILED, _S.SENT): _SEEN | _MINE,
    (_S.REJECTED, _S.CANCELLED): _MINE,
}
"""From, to: by whom. What is not here is refused. What is sent or cancelled stays so."""

ON_THE_WAY = frozenset({_S.APPROVAL, _S.QUEUED, _S.SENDING, _S.UNKNOWN, _S.HELD})
"""Somebody's answer is coming, or may stand there already: nobody else's may go out."""

NEEDS_A_PERSON = frozenset({_S.FAILED, _S.REJECTED})

PERHAPS_THERE = frozenset({_S.QUEUED, _S.SENDING, _S.UNKNOWN, _S.HELD, _S.FAILED, _S.SENT})
"""States of a row that was tried, in which an own post on the platform may be this one."""


class RowLike(Protocol):
    """What the state of a conversation's answer needs of each row."""

    @property
    def kind(self) -> str:
        """reply, like, hide, delete_own."""

    @property
    def state(self) -> str:
        """A `State`."""


def check(before: str, after: State, by: By) -> None:
    """Make sure that a move is allowed.

    Raises:
        OutboxRefused: it is not; says how the row stands.
    """
    if by not in MOVES.get((State(before), after), ()):
        raise OutboxRefused(_WHY_NOT.get(State(before), Sentence("This cannot be done with it now.")), state=before)


def shown(rows: Iterable[RowLike]) -> str | None:
    """The state that a conversation shows of its answers, oldest row first; None when nothing needs to be told.

    `sending` is told as `queued`: on its way. What failed or was rejected is told until something newer was sent.
    """
    trouble: str | None = None
    for row in reversed([row for row in rows if row.kind == "reply"]):
        if row.state in ON_THE_WAY:
            return State.QUEUED.value if row.state == State.SENDING else str(row.state)
        if row.state == State.SENT:
            break
        if row.state in NEEDS_A_PERSON:
            trouble = trouble or str(row.state)
    return trouble


_WHY_NOT = {
    State.SENDING: Sentence("It is being sent right now; wait a moment."),
    State.SENT: Sentence("It was sent: it stands on the platform."),
    State.UNKNOWN: Sentence(
        "It may have been sent: the platform is asked first. Wait a moment, or look there yourself."
    ),
    State.HELD: Sentence("The platform has it; a moderator there must release it."),
    State.CANCELLED: Sentence("It was taken back."),
    State.REJECTED: Sentence("It was rejected; write another answer."),
    State.FAILED: Sentence("It was not sent. Try it again or take it back."),
    State.QUEUED: Sentence("It is on its way."),
    State.APPROVAL: Sentence("It waits for approval."),
}
