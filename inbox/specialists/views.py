"""What screens show of questions to specialists. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from inbox.views import Done


class Standing(StrEnum):
    """Where a question stands."""

    WAITING = "waiting"
    OPENED = "opened"
    ANSWERED = "answered"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question about a conversation, for the agents."""

    id: int
    name: str
    email: str
    question: str
    asked_by: str
    created_at: datetime
    expires_at: datetime
    standing: Standing
    opened_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked. `token` is for the link, shown once where no mail goes out; `mailed` tells which."""

    done: Done
    token: str = field(repr=False)
    mailed: bool
    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SaidView:
    """A message of the thread as a specialist sees it: who said what, and when. Nothing about the person."""

    author_name: str
    ours: bool
    title: str | None
    text: str
    removed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """What the holder of a link sees. Only while it is `WAITING` or `OPENED` are there a question and a thread.

    `timezone`: that of the workspace, because a page without a script does not know the reader's. `withheld`: something
    was said in private, which does not stand here.
    """

    standing: Standing
    name: str
    asked_by: str
    timezone: str
    question: str = ""
    expires_at: datetime | None = None
    said: tuple[SaidView, ...] = ()
    more: bool = False
    withheld: bool = False
