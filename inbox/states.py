"""The states of a conversation and the ONE table of allowed moves. Pure: no clock, no store.

`decide` answers one wish; `on_inbound` says what a customer's new message does. Both only look at values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from inbox.errors import MoveRefused
from inbox.sentences import Sentence

THANKS_WINDOW = timedelta(hours=48)
NO_ANSWER_NEEDED = "no_answer_needed"


class Status(StrEnum):
    """Where a conversation stands."""

    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_INTERNAL = "waiting_internal"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    IGNORED = "ignored"
    SPAM = "spam"
    ARCHIVED = "archived"


class By(StrEnum):
    """Who makes a move."""

    AGENT = "agent"
    SPECIALIST = "specialist"
    RULE = "rule"
    SOURCE = "source"
    CLOCK = "clock"


OPEN_STATES = frozenset({Status.NEW, Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_INTERNAL, Status.SNOOZED})
CLOSED_STATES = frozenset({Status.RESOLVED, Status.IGNORED, Status.ARCHIVED})
"""States from which opening starts a new cycle. Spam is closed too, but goes back to new in the same cycle."""

CLOCK_RUNS = frozenset({Status.NEW, Status.OPEN, Status.WAITING_INTERNAL, Status.SNOOZED})
"""States in which the customer waits for us, so that a due time counts. Snoozing does not stop the clock."""

_HUMAN = frozenset({By.AGENT})
_RULED = frozenset({By.AGENT, By.RULE})
_S = Status

MOVES: dict[tuple[Status, Status], frozenset[By]] = {
    (_S.NEW, _S.OPEN): _RULED,
    (_S.NEW, _S.IGNORED): _RULED,
    (_S.NEW, _S.SPAM): _RULED,
    (_S.NEW, _S.RESOLVED): _RULED,
    (_S.NEW, _S.SNOOZED): _RULED,
    (_S.OPEN, _S.WAITING_CUSTOMER): _HUMAN,
    (_S.OPEN, _S.WAITING_INTERNAL): _HUMAN,
    (_S.OPEN, _S.SNOOZED): _HUMAN,
    (_S.OPEN, _S.RESOLVED): _HUMAN,
    (_S.OPEN, _S.IGNORED): _RULED,
    (_S.OPEN, _S.SPAM): _RULED,
    (_S.OPEN, _S.NEW): frozenset({By.AGENT, By.CLOCK}),
    (_S.WAITING_CUSTOMER, _S.OPEN): frozenset({By.AGENT, By.SOURCE, By.CLOCK}),
    (_S.WAITING_CUSTOMER, _S.RESOLVED): _RULED,
    (_S.WAITING_CUSTOMER, _S.SNOOZED): _HUMAN,
    (_S.WAITING_INTERNAL, _S.OPEN): frozenset({By.AGENT, By.SPECIALIST, By.CLOCK}),
    (_S.WAITING_INTERNAL, _S.RESOLVED): _HUMAN,
    (_S.SNOOZED, _S.OPEN): frozenset({By.AGENT, By.SOURCE, By.CLOCK}),
    (_S.RESOLVED, _S.OPEN): frozenset({By.AGENT, By.SOURCE, By.CLOCK}),
    (_S.IGNORED, _S.OPEN): frozenset({By.AGENT, By.SOURCE}),
    (_S.ARCHIVED, _S.OPEN): frozenset({By.AGENT, By.SOURCE}),
    (_S.SPAM, _S.NEW): _RULED,
}
"""From, to: by whom. What is not here is refused."""


@dataclass(frozen=True, slots=True)
class Decision:
    """An allowed move. `new_cycle` when a closed conversation opens again."""

    before: Status
    after: Status
    reason: str | None = None
    new_cycle: bool = False


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message of the customer: when it was said, and whether it only says thank you."""

    at: datetime
    mere_thanks: bool


def moves_from(status: str, by: By) -> tuple[Status, ...]:
    """The states `by` may move to, in the order of `Status`."""
    return tuple(after for after in Status if by in MOVES.get((Status(status), after), ()))


def decide(before: str, after: str, by: By, *, reason: str | None = None, answered: bool = False) -> Decision:
    """Answer one wish to move.

    Args:
        before: the state it is in.
        after: the state wished for.
        by: who wishes.
        reason: why; required for `ignored`, made `no_answer_needed` for a conversation resolved unanswered.
        answered: whether a person answered in this cycle.

    Raises:
        MoveRefused: the table does not allow it, it is there already, or a reason is missing.
    """
    known = {status.value for status in Status}
    if after not in known or before not in known:
        raise MoveRefused(
            Sentence("There is no state {state}.", state=after if before in known else before),
            before=before,
            after=after,
        )
    here, there = Status(before), Status(after)
    if here is there:
        raise MoveRefused(
            Sentence("This conversation is {state} already.", state=_SAID[here]), before=before, after=after
        )
    if by not in MOVES.get((here, there), ()):
        options = tuple(_SAID[one] for one in moves_from(here, by)) or (Sentence("nothing"),)
        raise MoveRefused(
            Sentence(
                "A conversation that is {before} cannot become {after}; possible now: {options}.",
                before=_SAID[here],
                after=_SAID[there],
                options=options,
            ),
            before=before,
            after=after,
        )
    clean = reason.strip() if reason else None
    if there is Status.IGNORED and not clean:
        raise MoveRefused(Sentence("Say why it is ignored."), before=before, after=after, missing="reason")
    if there is Status.RESOLVED and not clean and not answered:
        clean = NO_ANSWER_NEEDED
    return Decision(here, there, clean or None, new_cycle=here in CLOSED_STATES)


def on_inbound(
    status: str, *, closed_at: datetime | None, messages: Sequence[Inbound], muted: bool = False
) -> Decision | None:
    """What new messages of the customer do to a conversation.

    Waiting for the customer and snoozed open again. Resolved, ignored and archived open as a new cycle, unless
    every new message is a mere thank-you said within 48 hours after closing. Spam stays spam, and what is muted stays
    as it is.

    Args:
        status: the state it is in.
        closed_at: when it was closed; None when that is not known, then a thank-you opens too.
        messages: the customer's messages since.
        muted: an agent said that new messages no longer open it.
    """
    here = Status(status)
    if muted or not messages or By.SOURCE not in MOVES.get((here, Status.OPEN), ()):
        return None
    if here in CLOSED_STATES and all(_only_thanks(message, closed_at) for message in messages):
        return None
    return decide(here, Status.OPEN, By.SOURCE)


def _only_thanks(message: Inbound, closed_at: datetime | None) -> bool:
    return closed_at is not None and message.mere_thanks and message.at <= closed_at + THANKS_WINDOW


_SAID = {
    Status.NEW: Sentence("new"),
    Status.OPEN: Sentence("open"),
    Status.WAITING_CUSTOMER: Sentence("waiting for the customer"),
    Status.WAITING_INTERNAL: Sentence("waiting for a colleague"),
    Status.SNOOZED: Sentence("snoozed"),
    Status.RESOLVED: Sentence("resolved"),
    Status.IGNORED: Sentence("ignored"),
    Status.SPAM: Sentence("spam"),
    Status.ARCHIVED: Sentence("archived"),
}
