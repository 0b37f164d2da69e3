"""Walking over the rules in order: which of them hit a message, and what is left of each when they contradict. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inbox.errors import MoveRefused
from inbox.rules.evaluate import Facts, Reason, matches, readable, reasons
from inbox.rules.language import Actions, Closing, Draft, Is, Said, Text
from inbox.states import By, decide
from understanding.match import Rules as Queries
from understanding.query import And, Node


@dataclass(frozen=True, slots=True)
class Ready:
    """A rule that can be used. `id` 0 is a draft that was not kept yet."""

    id: int
    draft: Draft

    @property
    def name(self) -> str:
        """What people call it."""
        return self.draft.name


class Ruleset:
    """Rules in order, filed so that a message is only judged by those whose words it holds.

    A rule whose query cannot be read is left out and named in `unreadable`; it never stops the others.
    """

    def __init__(self, rules: Iterable[Ready]) -> None:
        every = tuple(rules)
        self.unreadable = frozenset(one.id for one in every if not can_read(one.draft))
        self.rules = tuple(one for one in every if one.id not in self.unreadable)
        texts = {str(one.id): node for one in self.rules if (node := _words_wanted(one.draft)) is not None}
        self._queries = Queries(texts)
        self._worded = frozenset(int(name) for name in texts)
        told = [part for one in self.rules for part in one.draft.conditions.everything if isinstance(part, Is)]
        self.asks: frozenset[Said] = frozenset(part.what for part in told)
        self.asks_every = any(one.draft.moment == "every" for one in self.rules)

    def hits(self, facts: Facts, *, first: bool, without: Collection[int] = ()) -> tuple[Ready, ...]:
        """The rules that hit a message, in order, up to one that stops.

        Args:
            facts: the message.
            first: it is the first of its conversation; otherwise only rules for every message are asked.
            without: rules that were taken back here.
        """
        found: list[Ready] = []
        worded = {int(name) for name in self._queries.match(facts.document)} if self._worded else frozenset()
        for one in self.rules:
            if (one.id in self._worded and one.id not in worded) or one.id in without:
                continue
            if not first and one.draft.moment == "first":
                continue
            if matches(one.draft.conditions, facts):
                found.append(one)
                if one.draft.stop:
                    break
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a conversation stands, as far as rules change it.

    `held`: somebody has it, by assignment or claim; then rules do not take it out of their hands.
    """

    status: str = "new"
    priority: int = 2
    why: str | None = None
    team_id: str | None = None
    assignee_id: int | None = None
    muted: bool = False
    held: bool = False
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Office:
    """The teams there are, and the people who can be given work."""

    teams: frozenset[str] = frozenset()
    people: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Effect:
    """What one hit does.

    Attributes:
        rule: the rule.
        tags: tags it adds.
        sets: columns it changes and their new values; `muted` is True for muting.
        move: the state it moves to.
        overruled: fields that a later rule decides, with that rule's id.
        refused: fields that cannot be changed now, with a code: held, state, gone.
        because: why it hit.
    """

    rule: Ready
    tags: tuple[str, ...] = ()
    sets: Mapping[str, Any] = field(default_factory=dict)
    move: Closing | None = None
    overruled: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    because: tuple[Reason, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether anything is left to do."""
        return bool(self.tags or self.sets or self.move)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of what it changes, for counting."""
        return (*(("tags",) if self.tags else ()), *self.sets, *((self.move.value,) if self.move else ()))


def effects(hits: Sequence[Ready], standing: Standing, facts: Facts, office: Office) -> tuple[Effect, ...]:
    """What each hit does in the end. Where rules contradict each other, the last one in order decides.

    Done twice, it changes nothing the second time: what stands already is left out.
    """
    last: dict[str, int] = {name: one.id for one in hits for name in _wishes(one.draft.actions)}
    tags = set(standing.tags)
    found: list[Effect] = []
    for one in hits:
        wishes = _wishes(one.draft.actions)
        overruled = {name: last[name] for name in wishes if last[name] != one.id}
        refused: dict[str, str] = {}
        sets: dict[str, Any] = {}
        move: Closing | None = None
        for name, value in wishes.items():
            if name in overruled or _stands(name, value, standing):
                continue
            why_not = _why_not(name, value, standing, office, one.draft.actions.reason)
            if why_not is not None:
                refused[name] = why_not
            elif name == "move":
                move = Closing(value)
            else:
                sets[name] = value
        added = tuple(tag for tag in one.draft.actions.tags if tag not in tags)
        tags.update(added)
        found.append(Effect(one, added, sets, move, overruled, refused, reasons(one.draft.conditions, facts)))
    return tuple(found)


def can_read(draft: Draft) -> bool:
    """Whether every text query of a rule can be read."""
    return all(readable(one.query) is not None for one in draft.conditions.everything if isinstance(one, Text))


def _words_wanted(draft: Draft) -> Node | None:
    """What a text must hold for a rule to hit at all; None when it does not ask for words."""
    nodes = [readable(one.query) for one in draft.conditions.all_of if isinstance(one, Text)]
    wanted = tuple(node for node in nodes if node is not None)
    if not wanted:
        return None
    return wanted[0] if len(wanted) == 1 else And(wanted)


def _wishes(actions: Actions) -> dict[str, Any]:
    wishes = {
        "priority": actions.priority,
        "why": actions.why,
        "team_id": actions.team_id,
        "assignee_id": actions.assignee_id,
        "muted": actions.mute or None,
        "move": actions.move,
    }
    return {name: value for name, value in wishes.items() if value is not None}


def _stands(name: str, value: Any, standing: Standing) -> bool:
    return bool((standing.status if name == "move" else getattr(standing, name)) == value)


def _why_not(name: str, value: Any, standing: Standing, office: Office, reason: str | None) -> str | None:
    if name in {"team_id", "assignee_id", "move"} and standing.held:
        return "held"
    if (name == "team_id" and value not in office.teams) or (name == "assignee_id" and value not in office.people):
        return "gone"
    if name == "move":
        try:
            decide(standing.status, str(value), By.RULE, reason=reason)
        except MoveRefused:
            return "state"
    return None
