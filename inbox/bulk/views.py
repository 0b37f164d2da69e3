"""What a bulk action is, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from inbox.sentences import Sentence
from inbox.views import Done

MOST = 500
"""Conversations that somebody may pick one by one for one action."""

MOST_OF_VIEW = 5_000
"""Conversations of a whole view that one action takes; the rest is left, and said so."""


class Kind(StrEnum):
    """What is done to each conversation, and what `Action.value` is."""

    RESOLVE = "resolve"
    """value: the reason, or None"""
    IGNORE = "ignore"
    """value: the reason"""
    SPAM = "spam"
    NOT_SPAM = "not_spam"
    REOPEN = "reopen"
    ASSIGN = "assign"
    """value: a user's id, or None for nobody"""
    TEAM = "team"
    """value: a team's id, or None for none"""
    TAG = "tag"
    """value: the tag"""
    UNTAG = "untag"
    """value: the tag"""
    THEME = "theme"
    """value: a theme's id"""
    PRIORITY = "priority"
    """value: 0 (risk) to 4 (low)"""
    SNOOZE = "snooze"
    """value: until when, aware"""
    TONE = "tone"
    """value: negative, neutral, positive, or machine"""
    MUTE = "mute"
    UNMUTE = "unmute"


@dataclass(frozen=True, slots=True)
class Action:
    """One action: its kind, and the value that kind wants."""

    kind: Kind
    value: str | int | datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A conversation for which the action was refused: who wrote there, and why (see `inbox.errors`)."""

    conversation_id: int
    author_name: str
    code: str
    text: Sentence | str


@dataclass(frozen=True, slots=True)
class BulkDone:
    """What a bulk action did.

    Attributes:
        done: conversations that it was done to.
        unchanged: how many had it already (such as the tag).
        refused: the others, each with its reason.
        event_ids: pass them to `BulkDoor.undo` until `undo_until`; empty when there is nothing to take back.
        more: the view holds more than one action takes: do it again for the rest.
    """

    done: tuple[int, ...]
    unchanged: int
    refused: tuple[Refusal, ...]
    event_ids: tuple[int, ...]
    undo_until: datetime | None
    more: bool = False

    @classmethod
    def of(cls, done: Sequence[Done], refused: Sequence[Refusal], *, undo_until: datetime) -> Self:
        """From what became of each; there is until then to take back only where something was done."""
        made = [one for one in done if one.event_id is not None]
        return cls(
            done=tuple(one.conversation_id for one in made),
            unchanged=len(done) - len(made),
            refused=tuple(refused),
            event_ids=tuple(one.event_id for one in made if one.event_id is not None),
            undo_until=undo_until if made else None,
        )
