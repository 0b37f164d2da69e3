"""Which step an action means. The steps are those that a single conversation takes, inside a transaction of many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from inbox import annotate, assign, moves, mute
from inbox.bulk.views import Action, Kind
from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.sentences import Sentence
from inbox.states import Status
from inbox.themes import linking
from inbox.tone import correcting
from inbox.views import CurrentUser, Done

Step = Callable[[Desk, Connection, CurrentUser, int, int | None], Done]
"""Desk, writing transaction, who, conversation, version as it was seen (None: as it is)."""

_TYPES: Mapping[Kind, tuple[type, ...]] = {
    Kind.RESOLVE: (str, type(None)),
    Kind.IGNORE: (str,),
    Kind.ASSIGN: (int, type(None)),
    Kind.TEAM: (str, type(None)),
    Kind.TAG: (str,),
    Kind.UNTAG: (str,),
    Kind.THEME: (int,),
    Kind.PRIORITY: (int,),
    Kind.SNOOZE: (datetime,),
    Kind.TONE: (str,),
}


def step_of(action: Action) -> Step:
    """The step of an action.

    Raises:
        BadInput: the value does not fit the kind.
    """
    if not isinstance(action.value, _TYPES.get(action.kind, (type(None),))):
        raise BadInput(
            Sentence("The action {action} does not take “{value}”.", action=action.kind.value, value=action.value)
        )
    return _STEPS[action.kind](action.value)


def _move(to: Status) -> Callable[[Any], Step]:
    """`value` is the reason, or None."""
    return lambda value: (
        lambda desk, conn, user, number, seen: moves.move_in(
            desk, conn, user, number, to.value, version=seen, reason=value
        )
    )


def _muting(*, muted: bool) -> Callable[[Any], Step]:
    return lambda _value: (
        lambda desk, conn, user, number, seen: mute.mute_in(desk, conn, user, number, muted=muted, version=seen)
    )


_STEPS: Mapping[Kind, Callable[[Any], Step]] = {
    Kind.RESOLVE: _move(Status.RESOLVED),
    Kind.IGNORE: _move(Status.IGNORED),
    Kind.SPAM: _move(Status.SPAM),
    Kind.NOT_SPAM: _move(Status.NEW),
    Kind.REOPEN: _move(Status.OPEN),
    Kind.ASSIGN: lambda value: (
        lambda desk, conn, user, number, seen: assign.to_person_in(desk, conn, user, number, value, version=seen)
    ),
    Kind.TEAM: lambda value: (
        lambda desk, conn, user, number, seen: assign.to_team_in(desk, conn, user, number, value, version=seen)
    ),
    Kind.TAG: lambda value: lambda desk, conn, user, number, _: annotate.add_tag_in(desk, conn, user, number, value),
    Kind.UNTAG: lambda value: (
        lambda desk, conn, user, number, _: annotate.remove_tag_in(desk, conn, user, number, value)
    ),
    Kind.THEME: lambda value: lambda desk, conn, user, number, _: linking.link_in(desk, conn, user, number, value),
    Kind.PRIORITY: lambda value: (
        lambda desk, conn, user, number, seen: annotate.set_priority_in(desk, conn, user, number, value, version=seen)
    ),
    Kind.SNOOZE: lambda value: (
        lambda desk, conn, user, number, seen: moves.snooze_in(desk, conn, user, number, until=value, version=seen)
    ),
    Kind.TONE: lambda value: lambda desk, conn, user, number, _: correcting.correct_in(desk, conn, user, number, value),
    Kind.MUTE: _muting(muted=True),
    Kind.UNMUTE: _muting(muted=False),
}
