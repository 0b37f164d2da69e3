"""What an opened conversation shows of the other side: who wrote, and whether and how they can be answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inbox.sentences import Sentence


@dataclass(frozen=True, slots=True)
class AuthorView:
    """Who wrote, as far as the platforms told."""

    id: int
    platform: str
    name: str
    handle: str | None
    url: str | None
    followers: int | None
    badges: tuple[str, ...]
    n_contacts: int


@dataclass(frozen=True, slots=True)
class ReplyView:
    """What the platform allows: whether a reply can be sent, why not, and where to answer by hand.

    Attributes:
        max_length, length_unit: of a reply; every link counts as `link_length` when that is given.
        visibilities: how visible a reply may be, the usual one first; empty when none can be sent.
        target_id: the message that an answer, a like or hiding is about; None when none stands.
        own_id: our own latest post on the platform that can be removed from here.
        until: aware UTC instant from which the platform takes no answer any more; None without one.
    """

    can_reply: bool
    why_not: Sentence | str | None
    deep_link: str | None
    max_length: int | None
    length_unit: str
    link_length: int | None = None
    visibilities: tuple[str, ...] = ()
    target_id: int | None = None
    can_like: bool = False
    can_hide: bool = False
    can_recheck: bool = False
    own_id: int | None = None
    until: datetime | None = None
