"""What screens show of the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inbox.views import PersonRef


@dataclass(frozen=True, slots=True)
class OutboxView:
    """One answer (or like, hide, removal) on its way, done, or in trouble.

    Attributes:
        kind: reply, like, hide, delete_own.
        text: as the author wrote it, or as the approver changed it; verbatim.
        visibility: public, unlisted or private.
        follow_up: what becomes of the conversation once it is sent: stay, waiting_customer, resolved.
        state, state_at: see `inbox.replying.states.State`.
        not_before: until then it waits: to be taken back, or because the platform asked to wait.
        approved_by: who said yes, or no.
        trouble: what went wrong or why it was rejected, a sentence; `trouble_code` the error's name.
        looked_at: when the platform was last looked at and it was not there.
        url, own_mention_id: our post on the platform, and in the store once it was seen.
        question, customer, platform, source_name, deep_link: what it answers, for lists.
        may_cancel, may_retry, may_approve, may_decide: what the signed-in person may do with it now; `may_decide` is
            `sent_by_hand` and `was_not_sent`.
    """

    id: int
    conversation_id: int
    mention_id: int
    kind: str
    text: str | None
    visibility: str
    follow_up: str
    state: str
    state_at: datetime
    author: PersonRef | None
    created_at: datetime
    not_before: datetime
    attempts: int
    approved_by: PersonRef | None
    approved_at: datetime | None
    trouble: str | None
    trouble_code: str | None
    looked_at: datetime | None
    sent_at: datetime | None
    url: str | None
    own_mention_id: int | None
    template_id: int | None
    question: str
    customer: str
    platform: str
    source_name: str
    deep_link: str | None
    may_cancel: bool
    may_retry: bool
    may_approve: bool
    may_decide: bool


class ParentState(StrEnum):
    """How it stands with the message that a conversation answers, while that is not here."""

    MISSING = "missing"
    """Nobody asked the platform."""
    COMING = "coming"
    GONE = "gone"
    """The platform no longer has it, or does not show it to us: not asked again."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ParentView:
    """What the first message answers, when that is not here.

    Attributes:
        mention_id: the message that answers it.
        may_ask: whether the platform can be asked now.
        trouble: why it did not come, a sentence.
    """

    mention_id: int
    state: ParentState
    may_ask: bool
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class CheckView:
    """A look whether a message still stands on the platform: asked for, or when it was seen there."""

    asked: bool
    at: datetime | None
    trouble: str | None
