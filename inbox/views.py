"""What screens show: frozen values without a store, a clock or a language in them.

Instants are aware UTC. Ratings and confidences are 0-1. Marks are positions in Unicode code points. Texts of
customers are verbatim and hostile: screens show them only through their `verbatim()` function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from inbox.copies.views import CopyView, RepeatsView
from inbox.correspondent import AuthorView, ReplyView
from inbox.permissions import Permission, Role
from inbox.pictures.views import AttachmentView
from inbox.sentences import Sentence
from inbox.tone.views import MessageTone


class View(StrEnum):
    """The standing views of the list."""

    NEW = "new"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    URGENT = "urgent"
    PROMISES = "promises"
    MENTIONS = "mentions"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    ARCHIVED = "archived"
    ALL = "all"


class SlaState(StrEnum):
    """Colour of the ring: green until 80 % of the business time is used, then orange, red when over."""

    NONE = "none"
    GREEN = "green"
    ORANGE = "orange"
    RED = "red"


PRIORITIES: tuple[str, ...] = ("risk", "cancel", "service_question", "purchase", "low")
"""Names of priority 0 (first) to 4 (last)."""

WHYS: tuple[str, ...] = ("complaint", "question", "compliment", "idea", "crisis", "press", "job")
"""Why somebody wrote."""


@dataclass(frozen=True, slots=True)
class PersonRef:
    """Somebody of the team."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """Who is signed in, and what that person may do."""

    id: int
    login: str
    name: str
    role: Role
    team_id: str | None
    language: str | None
    permissions: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        """Whether the role allows it. Only for showing or hiding; every action checks again."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class Mark:
    """A matched stretch [start, end) of a text, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SlaView:
    """The clock of a conversation. The browser counts down from `due_at`; `orange_at` is 80 % of business time."""

    state: SlaState = SlaState.NONE
    due_at: datetime | None = None
    orange_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One conversation in the list, readable without a click.

    Attributes:
        version: pass it back with an action; the action is refused when somebody else changed it since.
        claimed_by, claimed_until: who has it now; None when nobody has, or the claim lapsed.
        marks_title, marks_snippet: matched words of the brand queries and of the search.
        n_duplicates: folded duplicates.
        badges: of the person who wrote (vip, journalist, employee), over all their accounts.
        muted_at: since when new messages no longer open it.
        reply_state: of our answer that is on its way or in trouble (approval, queued, unknown, held, failed, rejected);
            None when nothing needs to be told.
        promise_due_at: when the nearest promise is due that the customer still waits for.
        theme: name of the theme that it was linked to first of those it raises.
        has_picture: whether a message of it has a picture that is kept or on its way.
    """

    id: int
    version: int
    status: str
    status_reason: str | None
    cycle: int
    priority: int
    why: str | None
    source_id: str
    source_name: str
    platform: str
    kind: str
    visibility: str
    title: str | None
    snippet: str
    author_name: str
    lang: str
    sentiment: str | None
    rating: float | None
    url: str | None
    brand_ids: tuple[str, ...]
    tags: tuple[str, ...]
    team_id: str | None
    assignee: PersonRef | None
    claimed_by: PersonRef | None
    claimed_until: datetime | None
    snoozed_until: datetime | None
    sla: SlaView
    sort_at: datetime
    first_inbound_at: datetime | None
    last_inbound_at: datetime | None
    unanswered_since: datetime | None
    n_inbound: int
    n_outbound: int
    n_duplicates: int
    n_notes: int
    marks_title: tuple[Mark, ...] = ()
    marks_snippet: tuple[Mark, ...] = ()
    muted_at: datetime | None = None
    reply_state: str | None = None
    promise_due_at: datetime | None = None
    badges: tuple[str, ...] = ()
    has_picture: bool = False
    theme: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list or an export. Empty tuples and None mean "any".

    Attributes:
        search: query language: AND, OR, NOT, parentheses, "phrase", wildcard*.
        since, until: on `sort_at`, [since, until).
        assignee_id: a user's id.
        unanswered: only where somebody waits for an answer.
    """

    search: str = ""
    source_ids: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    whys: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    theme_ids: tuple[int, ...] = ()
    team_id: str | None = None
    assignee_id: int | None = None
    unanswered: bool = False
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class SearchProblem:
    """Why a search could not be read: where (code points), and what to write instead."""

    position: int
    text: Sentence
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the list. `next_cursor` is opaque; None at the end. `problem` is set for an unreadable search.

    `hint` tells of a search that can be read what it may not mean.
    """

    view: View
    cards: tuple[Card, ...]
    next_cursor: str | None = None
    problem: SearchProblem | None = None
    hint: SearchProblem | None = None


@dataclass(frozen=True, slots=True)
class ViewCount:
    """Badge of a view. `capped` means "at least n": show it as "n+"."""

    view: View
    n: int
    capped: bool = False


@dataclass(frozen=True, slots=True)
class MessageView:
    """One mention of the thread, verbatim. `html` is sanitised; None when the item came as plain text.

    `tone` is the sentiment and why; None for our own posts and what was removed.
    """

    id: int
    kind: str
    direction: str
    visibility: str
    title: str | None
    text: str
    html: str | None
    author_name: str
    author_handle: str | None
    author_id: int | None
    is_staff: bool
    is_bot: bool
    lang: str
    sentiment: str | None
    rating: float | None
    rating_text: str | None
    url: str | None
    parent_id: int | None
    published_at: datetime | None
    first_seen_at: datetime
    sort_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    revision: int
    likes: int | None
    replies: int | None
    shares: int | None
    views: int | None
    flags: tuple[str, ...]
    marks_title: tuple[Mark, ...] = ()
    marks_text: tuple[Mark, ...] = ()
    attached: tuple[AttachmentView, ...] = ()
    tone: MessageTone | None = None


@dataclass(frozen=True, slots=True)
class NoteView:
    """An internal note."""

    id: int
    author: PersonRef
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the timeline: `code` and `params` for translation, `text` the English sentence.

    `actor` is None when a rule, the source or the clock did it; `actor_type` tells which. `undone` lines are
    shown struck through.
    """

    id: int
    at: datetime
    code: str
    params: Mapping[str, Any]
    text: str
    actor_type: str
    actor: PersonRef | None
    cycle: int | None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Detail:
    """A conversation opened.

    Attributes:
        messages: oldest first; the newest `len(messages)` of the thread when `more_messages` is True: ask
            for earlier ones with `Inbox.earlier_messages(..., before=messages[0])`.
        opening: how a long thread began, when its first message is not among `messages`.
        answers_unseen: the first message answers one that is not here.
        moves: states the signed-in person may move it to now, for showing buttons. Checked again on action.
        may_claim: nobody else has it, and the role allows work.
        copies: who says the same elsewhere, oldest first, at most 200; `card.n_duplicates` counts all.
        repeats: what a message of this conversation is a copy of.
    """

    card: Card
    messages: tuple[MessageView, ...]
    more_messages: bool
    notes: tuple[NoteView, ...]
    events: tuple[EventView, ...]
    author: AuthorView | None
    copies: tuple[CopyView, ...]
    reply: ReplyView
    moves: tuple[str, ...]
    may_claim: bool
    opening: MessageView | None = None
    answers_unseen: bool = False
    repeats: RepeatsView | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did. Until `undo_until` it can be taken back with `Inbox.undo(token, event_id)`.

    `event_id` is None when nothing had to change (the tag was already there). `code` and `params` name the
    step for a toast.
    """

    conversation_id: int
    version: int
    code: str
    params: Mapping[str, Any]
    event_id: int | None
    undo_until: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a filter or a menu: a stable value, the text people see, and how many open items it has."""

    value: str
    label: str
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything the filters and menus offer.

    `tag_words`: colour (empty for none) and meaning of described tags. `platforms`: of all sources, as mentions name
    them.
    """

    sources: tuple[Choice, ...]
    brands: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    tags: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    people: tuple[PersonRef, ...]
    themes: tuple[Choice, ...] = ()
    platforms: tuple[str, ...] = ()
    tag_words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    priorities: tuple[str, ...] = PRIORITIES
    whys: tuple[str, ...] = WHYS


@dataclass(frozen=True, slots=True)
class KpiValue:
    """A figure with what it rests on. `unit`: count, share (0-1), seconds.

    `value` is the median for durations; `mean` and `p90` stand beside it. `n` is on how many it rests, `left_out`
    how many were not counted and why is in the definition; `n_open` and `oldest_open_at` for what still runs.
    """

    id: str
    name: str
    unit: str
    value: float | None
    n: int
    left_out: int = 0
    mean: float | None = None
    p90: float | None = None
    business_value: float | None = None
    business_mean: float | None = None
    business_p90: float | None = None
    n_open: int | None = None
    oldest_open_at: datetime | None = None
