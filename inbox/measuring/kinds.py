"""The kinds of facts, and which states of a conversation they look at. Pure."""

from __future__ import annotations

from enum import StrEnum

from inbox.states import Status

ANSWERS = frozenset({"answered", "answered_by_hand", "reply_sent"})
"""Codes of steps that are an answer of a person: given here, recorded by hand, or seen on the platform."""

WAITS = frozenset({Status.NEW, Status.OPEN, Status.WAITING_INTERNAL})
"""States in which the customer waits for us."""

NOISE = frozenset({Status.SPAM, Status.IGNORED})


class Kind(StrEnum):
    """What a fact is about. Each is defined in docs/kpis.md."""

    ANSWER = "answer"
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"
    WAITED = "waited"
    """One stretch in which the customer waited, by the hours of one team."""
    WAITING = "waiting"
    """All such stretches of a resolved cycle."""
    HANDLE = "handle"
    DEADLINE_FIRST = "deadline_first"
    DEADLINE_NEXT = "deadline_next"
    DEADLINE_RESOLUTION = "deadline_resolution"
    REOPENED = "reopened"
    SENTIMENT_SHIFT = "sentiment_shift"


class LeftOut(StrEnum):
    """Why a fact is not counted."""

    NO_ANSWER_NEEDED = "no_answer_needed"
    BY_RULE = "by_rule"
    BEFORE_MESSAGE = "before_message"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    UNTOLD = "untold"


OF_MOVES = frozenset(
    {Kind.RESOLUTION, Kind.WAITED, Kind.WAITING, Kind.REOPENED, Kind.SENTIMENT_SHIFT, Kind.DEADLINE_RESOLUTION}
)
"""What rests on a change of state, and stands as long as that change does."""
