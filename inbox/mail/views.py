"""What screens show of outgoing mail. Values only; the text of a mail is not shown, because it may hold a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inbox.mail.texts import MailKind


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail that has not arrived. `state`: queued, failed, or unknown (handed over, and the line broke)."""

    id: int
    kind: str
    to_address: str
    subject: str
    state: str
    attempts: int
    next_at: datetime
    error_text: str | None


@dataclass(frozen=True, slots=True)
class MailChoice:
    """Of what somebody is told by mail. `to`: at which address; None when no mail of ours reaches them."""

    to: str | None
    wanted: tuple[MailKind, ...]
