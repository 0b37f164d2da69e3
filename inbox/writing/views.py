"""What the writing part shows: frozen values. Instants aware UTC, spans in code points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from inbox.views import PersonRef


class Mode(StrEnum):
    """What a text is going to be."""

    REPLY = "reply"
    """An answer that goes out."""
    HAND = "hand"
    """What was answered on the platform by hand."""
    NOTE = "note"
    """For colleagues only."""


class Scope(StrEnum):
    """Whose a template is."""

    SHARED = "shared"
    TEAM = "team"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class DraftView:
    """One's own draft. `rev` goes on growing from here; `version` is the conversation's as the writer saw it."""

    mode: Mode
    text: str
    rev: int
    version: int
    visibility: str | None
    template_id: int | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DraftKept:
    """What stands after a save. `kept` is False when a newer revision stood already; then `rev` is that one."""

    rev: int
    kept: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ColleagueDraft:
    """Somebody else has an answer standing on the same conversation; its text is theirs and is not shown."""

    person: PersonRef
    mode: Mode
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts on one conversation: one's own by mode, and who else has one.

    `revs` holds the last revision of every mode, also of those that were emptied or sent.
    """

    mine: tuple[DraftView, ...] = ()
    others: tuple[ColleagueDraft, ...] = ()
    revs: Mapping[str, int] = field(default_factory=dict)

    def of(self, mode: Mode) -> DraftView | None:
        """One's own draft of a mode; None when there is none."""
        return next((one for one in self.mine if one.mode is mode), None)


@dataclass(frozen=True, slots=True)
class UnsentDraft:
    """One line of what somebody has not sent."""

    conversation_id: int
    mode: Mode
    excerpt: str
    author_name: str
    source_name: str
    status: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A ready-made answer. `may_edit` is for showing; every change is checked again."""

    id: int
    name: str
    text: str
    lang: str | None
    scope: Scope
    team_id: str | None
    n_used: int
    used_at: datetime | None
    archived: bool
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with its variables filled in for one conversation.

    Attributes:
        text: the answer to begin with; what could not be filled still stands in it as `{first_name}`.
        gaps: variables for which nothing is known here, in order.
        unknown: variables that do not exist.
    """

    template_id: int | None
    text: str
    gaps: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Severity(StrEnum):
    """What a finding means for sending."""

    STOP = "stop"
    """It cannot be sent like this."""
    CONFIRM = "confirm"
    """It goes out only when somebody says so once more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in an answer that should be looked at.

    Attributes:
        code: empty, too_long, gap, unknown_variable, same_text, or a sort of personal data (`understanding.pii.Pii`).
        start, end: where it stands, [start, end); both 0 when it is about the whole text.
        params: what a sentence about it needs.
    """

    code: str
    severity: Severity
    start: int = 0
    end: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the guard says of an answer. `length` and `max_length` in `unit`; no limit when `max_length` is None."""

    found: tuple[Finding, ...]
    length: int
    max_length: int | None
    unit: str

    @property
    def stops(self) -> tuple[Finding, ...]:
        """What has to be changed first."""
        return tuple(one for one in self.found if one.severity is Severity.STOP)

    @property
    def to_confirm(self) -> frozenset[str]:
        """Codes that somebody has to confirm."""
        return frozenset(one.code for one in self.found if one.severity is Severity.CONFIRM)


@dataclass(frozen=True, slots=True)
class Writer:
    """What is known of who writes: initials (without `^`), and whether a colleague reads it before it goes out."""

    initials: str | None
    needs_approval: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything a composer begins with, read at once."""

    writer: Writer
    drafts: Drafts
