"""What is not in the file for somebody who asks what we keep, and why: for them to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from inbox.privacy import telling
from inbox.privacy.telling import Reason


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that stays out.

    Attributes:
        what: in English; `inbox.privacy.page_words` has the Dutch.
        why: likewise.
        tables: of the store, where it is whole ones.
    """

    what: str
    why: str
    tables: tuple[str, ...] = ()


WORDS: Mapping[Reason, tuple[str, str]] = MappingProxyType(
    {
        Reason.COLLEAGUES: (
            "The accounts, sign-ins and notifications of the people who work here",
            "They are about them. Their names and mail addresses are left out of everything else in this file too; "
            "where words name a colleague or another customer stands […].",
        ),
        Reason.OTHERS: (
            "What others wrote in the same conversations, which messages of others you answered or quoted, and work on "
            "conversations with others that does not name you; of work on conversations in which you do not take part, "
            "the words",
            "That is about them. How many messages of others there are stands at each conversation.",
        ),
        Reason.FIGURES: (
            "Counts and averages over many messages, and how well our own programs judge",
            "They are numbers in which nobody can be found.",
        ),
        Reason.SETTINGS: (
            "How this system is set up: brands, teams and days off",
            "That is the same for everybody and says nothing about you.",
        ),
        Reason.MACHINERY: (
            "How collecting and storing goes: times, attempts, keys and addresses for machines",
            "That is about machines and platforms. What came in from you is in this file.",
        ),
        Reason.REPEATED: (
            "Indexes and smaller copies of what is in this file, by which messages are found, joined and shown",
            "They say nothing that does not stand in this file, and go with it.",
        ),
        Reason.HASHES: (
            "Fingerprints by which something that was erased or declined does not come back",
            "They cannot be turned back into words or names.",
        ),
    }
)
MORE = (
    LeftOut(
        "Messages that no search of ours matched or that could not be read, and words of ours outside your "
        "conversations, in which only a name like yours stands",
        "Others may have the same name. Messages like that are erased after a short while; tell us if you think that "
        "something is about you, and we will look.",
    ),
    LeftOut(
        "Pictures, video and sound that are not kept, and addresses of pictures that are still to be fetched",
        "They stand at the platform; this file says what was attached.",
    ),
)


def listed() -> tuple[LeftOut, ...]:
    """All that stays out, in the order in which it is told."""
    tables = telling.left_out()
    return (*(LeftOut(*WORDS[reason], tables.get(reason, ())) for reason in Reason), *MORE)
