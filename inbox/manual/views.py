"""What is filled in for a contact, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

CHANNELS: tuple[str, ...] = ("phone", "shop", "letter", "chat")
"""Ways in which somebody can reach us without a source; each is the platform of what is entered."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A contact as an agent saw or heard it.

    Attributes:
        channel: one of CHANNELS.
        text: what was said (1 to 20,000 characters).
        name, contact: who it was, and a telephone number or e-mail address; both may be empty. The same contact
            detail is the same account next time.
        said_at: when, aware and not in the future; None for now.
        lang: ISO code.
        team_id: None for the default team.
        priority: 0 (risk) to 4 (low).
        mine: assign it to who enters it.
    """

    channel: str
    text: str
    name: str = ""
    contact: str = ""
    said_at: datetime | None = None
    lang: str = "nl"
    brand_ids: tuple[str, ...] = ()
    team_id: str | None = None
    priority: int = 2
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """Where it went."""

    conversation_id: int
    mention_id: int
