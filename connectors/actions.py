"""What we do on a platform: answer, like, hide, take back, look again; and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connectors.items import Deleted, Item, Json, Visibility
from connectors.requests import Request


class ActionKind(StrEnum):
    """What we may want to do on a platform."""

    REPLY = "reply"
    LIKE = "like"
    HIDE = "hide"
    DELETE_OWN = "delete_own"
    FETCH_THREAD = "fetch_thread"
    RECHECK = "recheck"


@dataclass(frozen=True, slots=True)
class Action:
    """One wish of the inbox about one item.

    Attributes:
        kind: what to do.
        external_id, namespace, thread_external_id, extra: of the item acted on, as the connector gave them.
        author_handle: whom the item is from, for platforms where a reply must name the person.
        text: the reply, as the agent wrote it.
        visibility: of the item acted on, or narrower where `Capabilities.can_narrow`; a reply never becomes more
            public than that.
        idempotency_key: unique per wish; repeated on a retry.
        newest: of FETCH_THREAD: the newest end of a thread that does not fit into one answer, instead of the item's
            surroundings.
        at: aware UTC instant at which it was first tried; the same on every retry, and when a lost write is looked for.
    """

    kind: ActionKind
    external_id: str
    idempotency_key: str
    namespace: str = ""
    thread_external_id: str | None = None
    author_handle: str | None = None
    text: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    extra: Mapping[str, Json] = field(default_factory=dict)
    newest: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What came of an action.

    Attributes:
        items: what the answer shows: our own new post, the fetched thread, the rechecked item.
        deleted: RECHECK found it removed.
        parent: FETCH_THREAD: the external id of what the item answers, where the item itself was kept without it.
        held_for_moderation: the platform accepted it but a moderator must release it first.
        next: the next call of an action that takes several; its answer goes to `acted` too, and the items and
            deletions of all answers count together. The last call is the one that others can see.
        spent: what the answer really cost, by name of meter; None: what the request said it could cost.
    """

    items: tuple[Item, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    parent: str | None = None
    held_for_moderation: bool = False
    next: Request | None = None
    spent: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A kept item that the platform is asked about again, as the connector gave it."""

    external_id: str
    namespace: str = ""
    extra: Mapping[str, Json] = field(default_factory=dict)
