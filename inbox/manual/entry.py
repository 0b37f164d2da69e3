"""From what was filled in to a mention, and what cannot be used. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from inbox.errors import BadInput
from inbox.manual.views import CHANNELS, Entry
from inbox.persons.clues import phones
from inbox.printable import printable
from inbox.sentences import Sentence
from inbox.views import PRIORITIES
from store.keys import conversation_key
from store.records import AuthorRecord, MentionRecord
from store.sources import BY_HAND

LONGEST_TEXT = 20_000
LONGEST_LINE = 200
OLDEST = timedelta(days=3650)
# A person's watch and ours may differ.
_AHEAD = timedelta(minutes=1)
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]+\.[^\s@]+")
_LANG = re.compile(r"[a-z]{2,3}")


def checked(entry: Entry, *, now: datetime, teams: frozenset[str], brands: frozenset[str]) -> Entry:
    """The entry as it is kept, with an instant.

    Raises:
        BadInput: a value that cannot be used; `params["field"]` says which.
    """
    text = printable(entry.text).strip()
    said_at = entry.said_at or now
    for field, wrong, told in (
        ("channel", entry.channel not in CHANNELS, Sentence("Choose how they reached us.")),
        (
            "text",
            not 1 <= len(text) <= LONGEST_TEXT,
            Sentence("Write what was said, in 1 to {most} characters.", most=LONGEST_TEXT),
        ),
        ("name", len(entry.name) > LONGEST_LINE, Sentence("A name has at most {most} characters.", most=LONGEST_LINE)),
        (
            "contact",
            len(entry.contact) > LONGEST_LINE,
            Sentence("A contact detail has at most {most} characters.", most=LONGEST_LINE),
        ),
        ("lang", not _LANG.fullmatch(entry.lang), Sentence("Write the language as a code of two letters, such as nl.")),
        (
            "team_id",
            entry.team_id is not None and entry.team_id not in teams,
            Sentence("There is no such team (any more)."),
        ),
        ("brand_ids", not set(entry.brand_ids) <= brands, Sentence("There is no such brand (any more).")),
        ("priority", not 0 <= entry.priority < len(PRIORITIES), Sentence("Choose a priority from 0 to 4.")),
        ("said_at", not _is_past(said_at, now), Sentence("A contact was in the past; check the day and time.")),
    ):
        if wrong:
            raise BadInput(told, field=field)
    name, contact = " ".join(entry.name.split()), " ".join(entry.contact.split())
    moment = min(said_at.astimezone(UTC), now)
    return replace(entry, text=text, name=name, contact=contact, said_at=moment)


def _is_past(said_at: datetime, now: datetime) -> bool:
    return said_at.tzinfo is not None and now - OLDEST <= said_at <= now + _AHEAD


def author_of(entry: Entry, own_id: int) -> AuthorRecord:
    """The account behind a contact: the same telephone number or address is the same account on its channel."""
    url = link_of(entry.contact)
    return AuthorRecord(
        external_id=url or f"entry:{own_id}",
        platform=entry.channel,
        name=entry.name or None,
        url=url or None,
    )


def link_of(contact: str) -> str:
    """A contact detail as `tel:`, `mailto:` or `contact:`; empty for none."""
    clean = contact.strip()
    if not clean:
        return ""
    if _EMAIL.fullmatch(clean):
        return f"mailto:{clean.casefold()}"
    numbers = phones(clean)
    return f"tel:{numbers[0]}" if len(numbers) == 1 else f"contact:{clean.casefold()}"


def mention_of(
    entry: Entry, own_id: int, *, author: AuthorRecord, user_id: int, root: str | None = None
) -> MentionRecord:
    """The mention of a checked entry; `root` is the external id of the first one of its conversation."""
    return MentionRecord(
        external_id=str(own_id),
        namespace=BY_HAND,
        platform=entry.channel,
        kind=BY_HAND,
        text=entry.text,
        content_hash=sha256(entry.text.encode("utf-8", "replace")).digest(),
        thread_key=conversation_key(BY_HAND, root or str(own_id)),
        parent_external_id=root,
        thread_external_id=root or str(own_id),
        visibility="private",
        lang=entry.lang,
        lang_confidence=1.0,
        published_at=entry.said_at,
        capabilities={"can_reply": False},
        extra={"entered_by": user_id},
        author=author,
        brand_ids=entry.brand_ids,
    )
