"""Whether X lets us answer a post, and whether we may hide it. Pure.

Since 2026-02-23 a self-serve app may answer only when the author of the post named the answering account in it, or
quoted one of its posts; a name that a reply takes over from the thread does not count (X developer documentation).
Somebody who answers us has named us by doing so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.fields import items_of, number_of, part, text_of
from connectors.items import Json
from connectors.x.vocabulary import note_of, references_of

_LEADING_NAMES = re.compile(r"(?:\s*@\w{1,15})+")


@dataclass(frozen=True, slots=True)
class Account:
    """Our account; what is None is not known."""

    id: str | None = None
    handle: str | None = None

    def wrote(self, author_id: str | None, handle: str | None = None) -> bool:
        """Whether an author is us."""
        if self.id is not None and author_id is not None:
            return author_id == self.id
        return self.handle is not None and handle is not None and handle.casefold() == self.handle.casefold()


def answers_us(post: dict[str, Json], us: Account) -> bool:
    """Whether a post is a direct answer to one of ours."""
    return us.id is not None and text_of(post, "in_reply_to_user_id") == us.id


def names_us(post: dict[str, Json], us: Account) -> bool:
    """Whether our name stands in a post, be it taken over from the thread."""
    return bool(_our_names(post, us))


def summoned(post: dict[str, Json], us: Account) -> bool:
    """Whether the author called on us: answered us, named us, or quoted us."""
    if answers_us(post, us) or _quotes(post, us):
        return True
    begins = _own_words_begin(post)
    return any(at is None or at >= begins for at in _our_names(post, us))


def can_hide(post: dict[str, Json], us: Account, *, ours: bool) -> bool:
    """Whether the post is a reply in a conversation that we began.

    Args:
        post: as X gave it.
        us: our account.
        ours: the conversation is known to be ours.
    """
    parent = references_of(post).get("replied_to")
    if parent is None or us.wrote(text_of(post, "author_id")):
        return False
    return ours or (answers_us(post, us) and parent == text_of(post, "conversation_id"))


def _our_names(post: dict[str, Json], us: Account) -> list[int | None]:
    """Where our name stands, in code points."""
    named = [each for source in (post, note_of(post)) for each in items_of(part(source, "entities"), "mentions")]
    return [
        number_of(each, "start")
        for each in named
        if isinstance(each, dict) and us.wrote(text_of(each, "id"), text_of(each, "username"))
    ]


def _own_words_begin(post: dict[str, Json]) -> int:
    """Where a reply's own words begin: what stands before are the names of the thread."""
    if "replied_to" not in references_of(post):
        return 0
    shown = items_of(post, "display_text_range")
    if shown and isinstance(shown[0], int):
        return shown[0]
    names = _LEADING_NAMES.match(text_of(post, "text") or "")
    return 0 if names is None else names.end()


def _quotes(post: dict[str, Json], us: Account) -> bool:
    """Whether the quoted post is ours, which its address tells."""
    if us.handle is None or "quoted" not in references_of(post):
        return False
    ours = re.compile(rf"https?://(?:mobile\.)?(?:x|twitter)\.com/{re.escape(us.handle)}/status/\d", re.IGNORECASE)
    urls = items_of(part(post, "entities"), "urls")
    return any(isinstance(each, dict) and ours.match(text_of(each, "expanded_url") or "") for each in urls)
