"""What "next for me" may offer to whom, by skill. Pure.

A skill counts where somebody has it: as soon as one colleague has `lang:de`, German is first for those who have it.
Somebody without it is offered German when it is overdue; or, as long as nobody who has the skill is available, when the
customer has waited for fifteen minutes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

PATIENCE = timedelta(minutes=15)


class Colleague(Protocol):
    """What matters of a person here."""

    @property
    def id(self) -> int:
        """Whose skills these are."""

    @property
    def skills(self) -> tuple[str, ...]:
        """`kind:value`."""


@dataclass(frozen=True, slots=True)
class Item:
    """What matters of a conversation: the skills it takes (`lang:de`, ...), when it is due, since when it waits."""

    wants: frozenset[str]
    due_at: datetime | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """Skills whose work is kept from somebody: always while another has time, or for a while when nobody has."""

    always: frozenset[str] = frozenset()
    a_while: frozenset[str] = frozenset()


def kept_from(user_id: int, people: Iterable[Colleague], available: Collection[int]) -> Kept:
    """What is kept from a person.

    Args:
        user_id: who asks for the next one.
        people: everybody who works on conversations, this person too.
        available: ids of those who can be given work now.
    """
    own: set[str] = set()
    known: set[str] = set()
    there: set[str] = set()
    for one in people:
        if one.id == user_id:
            own.update(one.skills)
            continue
        known.update(one.skills)
        if one.id in available:
            there.update(one.skills)
    missing = known - own
    return Kept(frozenset(missing & there), frozenset(missing - there))


def may_offer(item: Item, kept: Kept, now: datetime) -> bool:
    """Whether a conversation may be offered to somebody from whom these skills are kept."""
    if item.due_at is not None and item.due_at < now:
        return True
    if item.wants & kept.always:
        return False
    return not item.wants & kept.a_while or item.since <= now - PATIENCE
