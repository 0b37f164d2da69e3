"""What screens show of promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inbox.views import PersonRef


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A promise.

    Attributes:
        text: the words that promise, of an answer of ours or of who made it by hand.
        state: suggested (recognised; nobody confirmed it), open, kept, broken, dropped.
        waiting: the customer still waits for it: open, or broken and not made good.
        late: it is past its moment and the customer still waits.
        customer: to whom, where several conversations are told of together.
    """

    id: int
    conversation_id: int
    text: str
    due_at: datetime
    state: str
    said_by: PersonRef | None
    created_at: datetime
    closed_at: datetime | None
    waiting: bool
    late: bool
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A promise in a text that is not sent yet: its stretch [start, end) in code points, and when it would be due."""

    start: int
    end: int
    due_at: datetime
