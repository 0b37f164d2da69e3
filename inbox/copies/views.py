"""What screens show of a message that says the same as another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inbox.sentences import Sentence


@dataclass(frozen=True, slots=True)
class CopyView:
    """Somebody who says the same elsewhere.

    Attributes:
        site: the host of an article or post on the web, else None.
        reach: who may have seen it: its views, or its author's followers; None when neither is known.
        version: of its conversation, to be passed back with an action.
        alone: nothing else was said by others in its conversation, so that it can be closed with the first one.
        can_reply, why_not: whether it can be answered from here now.
    """

    mention_id: int
    conversation_id: int
    version: int
    platform: str
    source_name: str
    author_name: str
    site: str | None
    url: str | None
    sort_at: datetime
    reach: int | None
    status: str
    is_open: bool
    alone: bool
    can_reply: bool
    why_not: Sentence | str | None


@dataclass(frozen=True, slots=True)
class RepeatsView:
    """What a message is a copy of, and where that is read. `copy_id` is the message."""

    copy_id: int
    conversation_id: int
    author_name: str
    source_name: str
    sort_at: datetime
