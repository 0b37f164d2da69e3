"""Where a question stands, and what a name and a question may be. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from inbox.errors import BadInput
from inbox.printable import printable
from inbox.sentences import Sentence
from inbox.specialists.views import Standing

VALID = timedelta(days=7)
LONGEST_NAME = 100
LONGEST_TEXT = 20_000


class QuestionLike(Protocol):
    """The columns that decide."""

    @property
    def expires_at(self) -> datetime:
        """When the link ends."""

    @property
    def opened_at(self) -> datetime | None:
        """When the page was first opened."""

    @property
    def answered_at(self) -> datetime | None:
        """When it was answered."""

    @property
    def revoked_at(self) -> datetime | None:
        """When it was taken back."""


def standing_of(question: QuestionLike, now: datetime) -> Standing:
    """Where a question stands at an instant. An answer stays one, also of a link that ended since."""
    if question.answered_at is not None:
        return Standing.ANSWERED
    if question.revoked_at is not None:
        return Standing.REVOKED
    if question.expires_at <= now:
        return Standing.EXPIRED
    return Standing.WAITING if question.opened_at is None else Standing.OPENED


def may_answer(standing: Standing) -> bool:
    """Whether the link still takes an answer."""
    return standing in {Standing.WAITING, Standing.OPENED}


def clean_name(text: str) -> str:
    """A name on one line.

    Raises:
        BadInput: empty or too long.
    """
    clean = " ".join(printable(text).split())
    if not 1 <= len(clean) <= LONGEST_NAME:
        raise BadInput(Sentence("A name has 1 to {most} characters.", most=LONGEST_NAME), what="name")
    return clean


def clean_text(text: str, *, what: str) -> str:
    """A question or an answer without signs that cannot be shown.

    Raises:
        BadInput: empty or too long.
    """
    clean = printable(text).strip()
    if not 1 <= len(clean) <= LONGEST_TEXT:
        raise BadInput(
            Sentence("Write 1 to {most} characters; this has {n}.", most=LONGEST_TEXT, n=len(clean)), what=what
        )
    return clean
